"""A deployed energy ledger, its members, and what they sign, signed the way any EIP-712 wallet signs it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from brownie import chain
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak
from sortition import recompute_draw

CHALLENGE_S, PROPOSER_S, RECOVERY_S = 60, 10, 600
MARKET_BLOCK, MARKET_HASH = 100, keccak(text="market block")
UNCHALLENGED, CHALLENGED, UPHELD, VOID = range(4)
EPOCH = (
    "uint256 index,uint256 checkpoint,bytes32 prevHash,bytes32 readingsRoot,bytes32 claimsRoot,bytes32 jobsRoot,"
    "bytes32 ratingRoot,uint256 readings,uint256 millijoules,uint256 micrograms"
)
CHECKPOINT = "uint256 id,uint256 marketBlock,bytes32 marketHash,bytes32 membersHash"
SUMMARY = ["bytes32", "uint256", "uint256", "uint256", "bytes32"]
SEALED = (
    "(bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,address,uint256)"
)


class Summary(NamedTuple):
    job: bytes
    readings: int
    millijoules: int
    micrograms: int
    commitment: bytes = bytes(32)


class Proposal(NamedTuple):
    index: int
    checkpoint: int
    prev_hash: bytes
    readings_root: bytes
    claims_root: bytes
    rating_root: bytes


@dataclass(frozen=True)
class Ledger:
    """The contract, who may do what with it, and the newest checkpoint's members: (signing account, weight), ascending."""

    contract: Any
    keeper: Any
    arbiter: Any
    stranger: Any
    members: tuple[tuple[Any, int], ...]

    @property
    def said(self) -> list[tuple[str, int]]:
        """The members as the contract takes them."""
        return [(account.address, weight) for account, weight in self.members]

    @property
    def keys(self) -> list[str]:
        return [account.address for account, _ in self.members]

    @property
    def by(self) -> dict[str, Any]:
        """Sealing is anybody's to hand in."""
        return {"from": self.stranger}


def members_of(name: str, weights: Sequence[int]) -> tuple[tuple[Any, int], ...]:
    accounts = [Account.from_key(keccak(text=f"{name} {i}")) for i in range(len(weights))]
    return tuple(
        sorted(zip(accounts, weights, strict=True), key=lambda member: int(member[0].address, 16))
    )


def jobs(count: int = 1, readings: int = 1, name: str = "job") -> list[Summary]:
    return [
        Summary(keccak(text=f"{name} {i}"), readings, 3_600 * readings, 400 * readings) for i in range(count)
    ]


def next_epoch(ledger: Ledger) -> Proposal:
    contract = ledger.contract
    index = contract.count()
    roots = [keccak(text=f"{what} {index}") for what in ("readings", "claims", "ratings")]
    return Proposal(index, contract.checkpointCount() - 1, bytes(contract.headHash()), *roots)


def jobs_root(summaries: Sequence[Summary]) -> bytes:
    """Leaves hashed twice, pairs in ascending order, an odd one promoted."""
    level = [keccak(keccak(encode(SUMMARY, list(s)))) for s in summaries]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
    return bytes(level[0])


def race(ledger: Ledger, count: int) -> list[str]:
    """Who may propose the next epoch, in this order, recomputed."""
    head, index = bytes(ledger.contract.headHash()), ledger.contract.count()
    seed = keccak(encode(["bytes32", "uint256"], [head, index]))
    return recompute_draw(seed, ledger.keys, [weight for _, weight in ledger.members], (), count)


def sign_epoch(
    ledger: Ledger,
    proposal: Proposal,
    summaries: Sequence[Summary],
    silent: Sequence[str] = (),
    **elsewhere: Any,
) -> list[bytes]:
    """The signatures of all members but the silent ones, for this ledger on this chain unless told otherwise."""
    message = (
        *(proposal.index, proposal.checkpoint, proposal.prev_hash, proposal.readings_root),
        *(proposal.claims_root, jobs_root(summaries), proposal.rating_root),
        sum(s.readings for s in summaries),
        sum(s.millijoules for s in summaries),
        sum(s.micrograms for s in summaries),
    )
    return _sign(ledger, "LedgerEpoch", EPOCH, message, silent, **elsewhere)


def sign_checkpoint(
    ledger: Ledger,
    members: Sequence[tuple[str, int]],
    id_: int = 1,
    block: int = MARKET_BLOCK + 1,
    silent: Sequence[str] = (),
    **elsewhere: Any,
) -> list[bytes]:
    said = keccak(encode(["(address,uint128)[]"], [list(members)]))
    return _sign(ledger, "StakeCheckpoint", CHECKPOINT, (id_, block, MARKET_HASH, said), silent, **elsewhere)


def seal(
    ledger: Ledger,
    summaries: Sequence[Summary] | None = None,
    proposal: Proposal | None = None,
    silent: Sequence[str] = (),
) -> Any:
    """A stranger hands in the next epoch, signed by everybody unless told otherwise."""
    summaries = jobs() if summaries is None else summaries
    proposal = proposal or next_epoch(ledger)
    signatures = sign_epoch(ledger, proposal, summaries, silent)
    return ledger.contract.seal(proposal, summaries, ledger.said, signatures, ledger.by)


def renew(ledger: Ledger, members: tuple[tuple[Any, int], ...], **how: Any) -> Any:
    """The next checkpoint, signed by everybody unless told otherwise."""
    said = replace(ledger, members=members).said
    signatures = sign_checkpoint(ledger, said, **how)
    block = how.get("block", MARKET_BLOCK + 1)
    return ledger.contract.renew(block, MARKET_HASH, said, ledger.said, signatures, ledger.by)


def epoch_hash(epoch: Any) -> str:
    """Of a sealed epoch as the contract shows it."""
    return "0x" + keccak(encode([SEALED], [tuple(_raw(value) for value in epoch)])).hex()


def _raw(value: Any) -> Any:
    text = str(value)
    return bytes.fromhex(text[2:]) if text.startswith("0x") and len(text) == 66 else value


def _sign(
    ledger: Ledger,
    name: str,
    described: str,
    values: Sequence[Any],
    silent: Sequence[str],
    contract: Any = None,
    chain_id: int | None = None,
) -> list[bytes]:
    fields = [
        {"type": kind, "name": field} for kind, field in (part.split() for part in described.split(","))
    ]
    domain = {
        "name": "EcoDML",
        "version": "1",
        "chainId": chain_id or chain.id,
        "verifyingContract": str(contract or ledger.contract),
    }
    message = {field["name"]: value for field, value in zip(fields, values, strict=True)}
    return [
        bytes(Account.sign_typed_data(account.key, domain, {name: fields}, message).signature)
        for account, _ in ledger.members
        if account.address not in silent
    ]
