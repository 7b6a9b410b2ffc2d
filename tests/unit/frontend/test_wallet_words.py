"""What wallets and chains say when they refuse, in plain words; and what is signed to sign in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from eth_account import Account

from backend.cli.signin import sign_in_text
from tests.support.javascript import FRONTEND, node

DATA = "0x12345678" + "00" * 32


def said(*errors: Any, decoded: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """`plain` of each error; any revert data decodes to `decoded`."""
    body = """
    const { plain, decodeRevertsBy } = await import(`${frontend}/wallet/plain.js`);
    if (given.decoded) decodeRevertsBy(() => given.decoded);
    give(given.errors.map(plain));
    """
    words: list[dict[str, Any]] = node(body, {"errors": errors, "decoded": decoded})
    return words


def test_plain__what_wallets_really_throw__by_code_or_by_text_or_deep_inside() -> None:
    codes = [
        problem["code"]
        for problem in said(
            {"code": 4001, "message": "User rejected the request."},
            {"code": "ACTION_REJECTED", "info": {"error": {"code": 4001}}},
            {"message": "MetaMask Tx Signature: User denied transaction signature."},
            {"code": -32002, "message": "Request already pending."},
            {"code": "UNKNOWN_ERROR", "error": {"code": -32002}},
            {"code": -32603, "message": "Internal error", "data": {"originalError": {"code": 4902}}},
            {"code": -32000, "message": "insufficient funds for gas * price + value"},
            {
                "code": "CALL_EXCEPTION",
                "data": None,
                "info": {"error": {"message": "Insufficient funds for gas"}},
            },
            {"code": "NONCE_EXPIRED", "message": "nonce has already been used"},
            {"code": -32603, "message": "Failed to fetch"},
            {"code": 4100},
            {"code": -32601},
            {"code": "CALL_EXCEPTION", "data": None, "message": "missing revert data"},
            {"code": -32603, "data": {"data": DATA}, "message": "execution reverted"},
        )
    ]
    assert codes == [
        *["wallet.rejected"] * 3,
        *["wallet.busy"] * 2,
        "wallet.unknown_chain",
        *["chain.no_coins"] * 2,
        "transaction.nonce",
        "chain.unreachable",
        "wallet.not_allowed",
        "wallet.unsupported",
        *["chain.rejected"] * 2,
    ]


def test_plain__no_coins__offers_coins_and_a_rejection_another_try() -> None:
    coins, rejected = said({"message": "insufficient funds"}, {"code": 4001})
    assert (coins["forward"], rejected["forward"]) == ("coins", "retry")


def test_plain__whatever_it_is_given__is_one_sentence_with_a_code() -> None:
    for problem in said(None, 7, "down", {}, [], {"message": 5}, {"code": {"a": 1}, "data": [1]}):
        assert problem["code"] == "wallet.failed"
        assert problem["message"].endswith((".", "down"))
    (long,) = said({"message": "x" * 5_000 + "\nsecond line"})
    assert len(long["message"]) < 300


def test_plain__custom_error__in_words_with_amounts_in_coins_and_unknown_ones_by_name() -> None:
    short = {"sender": "0x" + "ab" * 20, "balance": "1500000000000000000", "needed": str(2 * 10**18)}
    (poor,) = said(
        {"code": "CALL_EXCEPTION", "data": DATA},
        decoded={"name": "ERC20InsufficientBalance", "values": short},
    )
    assert poor["message"] == "Your account holds 1.5 DML; 2 DML are needed."
    assert (poor["forward"], poor["name"]) == ("coins", "ERC20InsufficientBalance")
    (unknown,) = said({"data": DATA}, decoded={"name": "Something_New", "values": {}})
    assert unknown["message"] == "The contract refuses this: Something_New."
    (undecoded,) = said({"data": DATA})
    assert "0x12345678" in undecoded["message"]


def test_sign_in_text__same_as_the_command_lines__to_the_letter() -> None:
    account, at = Account.from_key("0x" + "01" * 32).address, datetime(2026, 11, 5, 7, 8, 9, tzinfo=UTC)
    site = "https://eco.example:8443"
    body = """
    const { signInText } = await import(`${frontend}/wallet/sign-in-text.js`);
    give(signInText({ ...given, at: new Date(given.at) }));
    """
    parts = {"site": site, "account": account, "chainId": 31337, "nonce": "ab12", "at": at.isoformat()}
    assert node(body, parts) == sign_in_text(site, account, 31337, "ab12", at)


def test_checksum__any_case__as_ethereum_writes_it() -> None:
    accounts = [Account.from_key(f"0x{number:064x}").address for number in range(1, 9)]
    noble = (FRONTEND.parent / "node_modules" / "@noble" / "hashes" / "sha3.js").as_uri()
    body = """
    const { capitals } = await import(`${frontend}/wallet/checksum.js`);
    const { keccak_256: keccak } = await import(given.noble);
    const bytes = (text) => keccak(new TextEncoder().encode(text));
    give(given.accounts.map((account) => capitals(account.toLowerCase(), bytes)));
    """
    assert node(body, {"accounts": accounts, "noble": noble}) == accounts


def test_discovery__what_a_wallet_says_of_itself__icons_as_images_only_and_nothing_half() -> None:
    good = {"uuid": "u", "name": "N" * 100, "rdns": "org.example", "icon": "data:image/png;base64,AA=="}
    body = """
    const { cleanInfo } = await import(`${frontend}/wallet/discovery.js`);
    give(given.map(cleanInfo));
    """
    shown, tracked, scripted, nameless, nothing = node(
        body,
        [
            good,
            good | {"icon": "https://example.org/i.png"},
            good | {"icon": "data:text/html,<script>"},
            good | {"name": ""},
            None,
        ],
    )
    assert (shown["icon"], len(shown["name"])) == (good["icon"], 60)
    assert (tracked["icon"], scripted["icon"], nameless, nothing) == (None, None, None, None)


def test_standing__first_thing_missing__is_asked_for() -> None:
    me, other = "0x" + "aB" * 20, "0x" + "Cd" * 20
    user = {"address": me.lower(), "wallets": [me]}
    wants = {"wantsWallet": True, "wantsSession": True, "wantsChain": 5}
    body = """
    const { missing } = await import(`${frontend}/wallet/standing.js`);
    give(given.map(missing));
    """
    cases = [
        ({"account": None, "chainId": None, "user": None}, "connect"),
        ({"account": me, "chainId": 5, "user": None}, "sign-in"),
        ({"account": None, "chainId": None, "user": user}, "connect"),
        ({"account": other, "chainId": 5, "user": user}, "other-account"),
        ({"account": me, "chainId": 5, "user": user | {"address": None}}, "link"),
        ({"account": me, "chainId": 1, "user": user}, "switch"),
        ({"account": me, "chainId": 5, "user": user}, "ready"),
        ({"account": None, "chainId": None, "user": user, "wantsWallet": False}, "ready"),
        ({"account": me, "chainId": 1, "user": None, "wantsSession": False, "wantsChain": None}, "ready"),
    ]
    assert node(body, [wants | case for case, _ in cases]) == [expected for _, expected in cases]
