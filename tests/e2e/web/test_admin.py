"""Those who run the market, in the browser: what they see, what they decide, and that nobody else gets there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from eth_account import Account
from playwright.sync_api import expect

from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from scripts.demo.small_jobs import ADVERSARY, CONTESTER, OPTIONS, write_garden
from scripts.demo.stage import Stage
from scripts.demo.story import wait_for
from scripts.stack.config import MARKET_CHAIN_ID
from scripts.stack.keys import read_key
from scripts.stack.parts import node_home
from scripts.stack.rpc import await_receipt, rpc
from tests.e2e.web.conftest import NewWallet, Visit

ACCUSED_SECONDS = 120.0
DECIDED_SECONDS = 30.0


def signed_in(visitor: Visitor) -> None:
    """Open the page, connect the wallet, sign in."""
    page = visitor.open("/admin")
    page.get_by_role("main").get_by_role("button", name=visitor.wallet.info["name"]).click()
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_admin__customer__is_told_whose_page_it_is(visit: Visit, new_wallet: NewWallet) -> None:
    visitor = visit(new_wallet())
    visitor.expect("/api/admin/overview")
    signed_in(visitor)

    expect(visitor.page.get_by_text("admin.only")).to_be_visible()
    visitor.accessible()


def test_admin__arbiter__sees_every_part_and_decides_a_contested_accusation(
    stage: Stage, visit: Visit, stack_wallet: Callable[[str], TestWallet], tmp_path: Path
) -> None:
    ticket, culprit = contested(stage, tmp_path)
    visitor = visit(stack_wallet("arbiter"))
    signed_in(visitor)
    page = visitor.page
    for part in ("database", "market chain", "dispatcher", "settler", "aggregator", "evaluator"):
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=part, exact=True))
        expect(row).to_contain_text("well")
    case = page.get_by_role("row").filter(has_text=CONTESTER)
    expect(case).to_contain_text("waits for the arbiter")
    visitor.accessible()
    visitor.shoot("admin")

    case.get_by_role("button", name="Guilty").click()
    page.get_by_role("dialog").get_by_role("button", name="Guilty").click()
    expect(page.get_by_text("waits for the arbiter")).to_have_count(0)

    def decided() -> dict[str, Any] | None:
        now = ticket()
        return now if now["accusations"][culprit] in ("guilty", "slashed") else None

    now = wait_for(decided, DECIDED_SECONDS, "The arbiter's word did not arrive", stage.story, part="settler")
    assert now["status"] == "REFUNDED"


def contested(stage: Stage, folder: Path) -> tuple[Callable[[], dict[str, Any]], str]:
    """A job in which a cheat was found who contests at once: its ticket, and the accused."""
    stage.admit(CONTESTER, "--adversary", ADVERSARY)
    key = read_key(node_home(stage.config, CONTESTER) / "wallet.json")["private_key"]
    customer = stage.customer("disputed")
    answer = customer.train(write_garden(folder / "garden.csv"), *OPTIONS, "--trainers", "3")
    assert answer.status == 0, answer.document
    ticket_id = answer.document["ticket"]["id"]

    def accused() -> dict[str, Any] | None:
        now = customer.ticket(ticket_id)
        return now if now["accusations"] else None

    now = wait_for(accused, ACCUSED_SECONDS, "Nobody was accused", stage.story, part="dispatcher")
    contest(stage, key, now["job_id"])
    stage.leave(CONTESTER)
    return lambda: customer.ticket(ticket_id), Account.from_key(key).address


def contest(stage: Stage, key: str, job_id: str) -> None:
    """The accused says no, from its own wallet."""
    url, account = stage.config.market_rpc_url, Account.from_key(key)
    escrow = stage.market.contract("JobEscrow")
    signed = account.sign_transaction(
        {
            "to": escrow.address,
            "data": escrow.encode_abi("contest", args=[bytes.fromhex(job_id[2:]), bytes(32)]),
            "chainId": MARKET_CHAIN_ID,
            "nonce": int(rpc(url, "eth_getTransactionCount", account.address, "latest"), 16),
            "gas": 300_000,
            "gasPrice": int(rpc(url, "eth_gasPrice"), 16),
        }
    )
    await_receipt(url, rpc(url, "eth_sendRawTransaction", signed.raw_transaction.to_0x_hex()))
