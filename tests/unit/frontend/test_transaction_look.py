"""Looking a transaction up on a small chain of our own: mined, waiting, replaced, dropped, found after a reload."""

from __future__ import annotations

from typing import Any

from tests.support.javascript import node

OWN = "0x" + "ab" * 20
ESCROW = "0x" + "cd" * 20
CALL = {"to": ESCROW, "data": "0x1234", "value": "0x0"}
CHAIN = """
const { look, findSent } = await import(`${frontend}/wallet/transaction-look.js`);
const { IDLE } = await import(`${frontend}/wallet/transaction-state.js`);
/** Blocks are lists of transactions; the block's place is its number. */
function chain({ blocks, pool = [], pruned = false }) {
  const mined = blocks.flatMap((sent, number) => sent.map((one) => ({ ...one, number })));
  const hex = (number) => "0x" + number.toString(16);
  const counted = (account, upTo) =>
    mined.filter(({ from, number }) => from.toLowerCase() === account.toLowerCase() && number <= upTo).length;
  const answers = {
    eth_blockNumber: () => hex(blocks.length - 1),
    eth_getTransactionReceipt: (hash) => {
      const one = mined.find((each) => each.hash === hash);
      return one ? { blockNumber: hex(one.number), status: one.reverts ? "0x0" : "0x1" } : null;
    },
    eth_getTransactionByHash: (hash) => [...mined, ...pool].find((each) => each.hash === hash) ?? null,
    eth_getTransactionCount: (account, tag) => {
      if (tag === "latest") return hex(counted(account, Infinity));
      if (pruned) throw new Error("missing trie node");
      return hex(counted(account, Number(tag)));
    },
    eth_getBlockByNumber: (tag) => ({ transactions: tag === "pending" ? pool : blocks[Number(tag)] }),
  };
  return async (method, params) => answers[method](...params);
}
const run = ({ world, state, find }) =>
  find ? findSent(chain(world), { ...IDLE, ...state }) : look(chain(world), { ...IDLE, ...state }, { at: 50, needed: 2 });
give(await Promise.all(given.map(run)));
"""
STATE = {"step": "pending", "account": OWN, "startBlock": 1, "count": 0, "asked": CALL, "hash": "0x1"}


def sent(hash_: str, nonce: int = 0, **changes: Any) -> dict[str, Any]:
    """A transaction of ours as a node shows it."""
    return {
        "hash": hash_,
        "from": OWN.upper().replace("0X", "0x"),
        "nonce": hex(nonce),
        "to": ESCROW,
        "input": "0x1234",
        "value": "0x0",
        **changes,
    }


def looks(*cases: dict[str, Any]) -> list[Any]:
    """What each case shows."""
    events: list[Any] = node(CHAIN, cases)
    return events


def test_look__mined__counts_its_own_block_and_tells_of_a_revert() -> None:
    fine, bad = looks(
        {"world": {"blocks": [[], [sent("0x1")], []]}, "state": STATE},
        {"world": {"blocks": [[], [sent("0x1", reverts=True)]]}, "state": STATE},
    )
    assert fine == {"type": "mined", "block": 1, "confirmations": 2, "needed": 2, "reverted": False}
    assert (bad["confirmations"], bad["reverted"]) == (1, True)


def test_look__waiting_in_the_pool__tells_its_nonce() -> None:
    (seen,) = looks({"world": {"blocks": [[]], "pool": [sent("0x1", 4)]}, "state": STATE})
    assert (seen["type"], seen["nonce"], seen["request"]) == ("seen", 4, CALL)


def test_look__its_nonce_was_used_by_another__says_how_it_was_replaced() -> None:
    def world(other: dict[str, Any]) -> dict[str, Any]:
        return {"blocks": [[], [], [sent("0x9", **{"from": ESCROW}), other], []]}

    known = STATE | {"nonce": 0}
    never_seen, faster, cancelled, other, pruned = looks(
        {"world": world(sent("0x2")), "state": known | {"nonce": None}},
        {"world": world(sent("0x2")), "state": known},
        {"world": world(sent("0x3", to=OWN, input="0x")), "state": known},
        {"world": world(sent("0x4", input="0x99")), "state": known},
        {"world": world(sent("0x5")) | {"pruned": True}, "state": known},
    )
    assert never_seen == faster == {"type": "replaced", "how": "faster", "hash": "0x2"}
    assert cancelled == {"type": "replaced", "how": "cancelled", "hash": "0x3"}
    assert other == {"type": "replaced", "how": "replaced", "hash": "0x4"}
    assert pruned == {"type": "replaced", "how": "replaced", "hash": None}


def test_look__nobody_knows_it_and_its_nonce_is_free__is_missing() -> None:
    known, never_seen = looks(
        {"world": {"blocks": [[], []]}, "state": STATE | {"nonce": 0}},
        {"world": {"blocks": [[], []]}, "state": STATE},
    )
    assert known == never_seen == {"type": "missing", "at": 50}


def test_find__reloaded_while_the_wallet_was_asking__finds_what_was_sent_and_nothing_else() -> None:
    waiting = STATE | {"step": "waiting", "hash": None, "count": 1}
    before = sent("0x1", 0)
    found, pooled, other, none = looks(
        {
            "world": {"blocks": [[], [before], [sent("0x2", 1, input="0x77")], [sent("0x3", 2)]]},
            "state": waiting,
            "find": True,
        },
        {"world": {"blocks": [[], [before]], "pool": [sent("0x4", 1)]}, "state": waiting, "find": True},
        {
            "world": {"blocks": [[], [before], [sent("0x5", 1, value="0x1")]]},
            "state": waiting,
            "find": True,
        },
        {"world": {"blocks": [[], [before]]}, "state": waiting, "find": True},
    )
    assert found == {"type": "sent", "hash": "0x3"}
    assert pooled == {"type": "sent", "hash": "0x4"}
    assert (other, none) == (None, None)
