"""A node provider's journey: join with a machine that has its own key, be paid and see why, leave, take the deposit back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from eth_account import Account
from playwright.sync_api import Page, expect
from web3.types import TxParams

from scripts.browser.wallet import TestWallet
from scripts.demo.small_jobs import CHEAT, PlayedJob
from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.machine import Machine

ONLINE_MS = 60_000
UNBONDED_MS = 90_000
LEAST_WEI = 10**17
CREDIT_WEI = 2 * 10**18


@pytest.fixture(scope="module", autouse=True)
def leaver(stage: Stage, new_wallet: NewWallet) -> TestWallet:
    """A provider who has asked to leave when this file's first test began: by its last one the deposit is free."""
    wallet = new_wallet(dml=5, native=1, name="Leaver's Wallet")
    staking = stage.market.contract("NodeStaking").functions
    send(stage, wallet, staking.register("leaver", Account.create().address, 1), LEAST_WEI)
    send(stage, wallet, staking.requestExit())
    leave_credit(stage, wallet)
    return wallet


@pytest.fixture
def machines() -> Iterator[list[Machine]]:
    """Stopped when the test ends."""
    started: list[Machine] = []
    yield started
    for machine in started:
        machine.stop()


def leave_credit(stage: Stage, wallet: TestWallet) -> None:
    """DML in the escrow that the market knows nothing of: from a job that was paid past it, and cancelled."""
    escrow, token = stage.market.contract("JobEscrow"), stage.market.contract("DMLToken")
    ref = bytes.fromhex("11" * 32)
    send(stage, wallet, token.functions.approve(escrow.address, CREDIT_WEI))
    deadline = stage.market.now() + 7200
    send(stage, wallet, escrow.functions.openJob(ref, ref, ref, CREDIT_WEI, deadline))
    job = escrow.functions.jobIdOf(wallet.address, ref).call()
    send(stage, wallet, escrow.functions.cancel(job))


def send(stage: Stage, wallet: TestWallet, call, value: int = 0) -> None:
    web3 = stage.market.web3
    nonce = web3.eth.get_transaction_count(wallet.address)
    terms: TxParams = {"from": wallet.address, "value": value, "nonce": nonce}  # type: ignore[typeddict-item]
    signed = wallet.account.sign_transaction(call.build_transaction(terms))
    tx = web3.eth.send_raw_transaction(signed.raw_transaction)
    assert web3.eth.wait_for_transaction_receipt(tx)["status"] == 1


def provide(visit: Visit, wallet: TestWallet):
    """Somebody signed in with this wallet on the provider's page."""
    visitor = visit(wallet)
    visitor.sign_in()
    visitor.open("/provide")
    return visitor, visitor.shown()


def deposit_wei(stage: Stage, wallet: TestWallet) -> int:
    return int(stage.market.contract("NodeStaking").functions.node(wallet.address).call()[3])


def ask_to_join(page: Page, name: str) -> str:
    """Choose a free name; the command for the machine."""
    page.get_by_label("Name").fill("TRAINER-1")
    expect(page.get_by_text("TRAINER-1 is taken")).to_be_visible()
    page.get_by_label("Name").fill("no spaces")
    expect(page.locator("#name-help")).to_have_text(re.compile("A name has 1 to 40"))
    page.get_by_label("Name").fill(name)
    expect(page.get_by_text(f"{name} is free")).to_be_visible()
    page.get_by_label("Energy zone").fill("ES")
    page.get_by_role("button", name="Get the command").click()
    return page.locator("#command-line").inner_text()


def test_provider__joins_by_the_page_s_command__comes_online_tops_up_and_leaves(
    stage: Stage, visit: Visit, new_wallet: NewWallet, machines: list[Machine], tmp_path: Path
) -> None:
    wallet = new_wallet(dml=0, native=1)
    visitor, page = provide(visit, wallet)
    command = ask_to_join(page, "newcomer")
    page.reload()
    expect(page.locator("#command-line")).to_have_text(command)

    machine = Machine(command, tmp_path)
    machines.append(machine)
    code = machine.says("code").split()[-1]
    expect(page.locator(".match")).to_have_text(code)
    visitor.accessible()
    visitor.shoot("provide-join")
    key = next((tmp_path / ".ecodml" / "newcomer").glob("node-key.json"))
    assert key.stat().st_mode & 0o777 == 0o600

    pay = page.get_by_role("button", name="Pay the deposit and register")
    page.get_by_label("Deposit (").fill("0.05")
    pay.click()
    expect(page.get_by_text("The deposit is at least 0.1")).to_be_visible()
    page.get_by_label("Deposit (").fill("0.2")
    wallet.reject_next("send")
    pay.click()
    expect(page.get_by_text("You declined the request in your wallet")).to_be_visible()
    assert deposit_wei(stage, wallet) == 0
    pay.click()
    expect(page.locator("#standing")).to_contain_text("Online", timeout=ONLINE_MS)
    assert deposit_wei(stage, wallet) == 2 * LEAST_WEI
    machine.says("connection.ready")

    page.get_by_label("Add to the deposit").fill("0.05")
    page.get_by_role("button", name="Top up").click()
    expect(page.locator(".figures")).to_contain_text("0.25")
    assert deposit_wei(stage, wallet) == LEAST_WEI * 5 // 2

    page.get_by_role("button", name="Ask to leave").click()
    page.get_by_role("button", name="Not now").click()
    assert stage.market.contract("NodeStaking").functions.node(wallet.address).call()[8] == 0
    page.get_by_role("button", name="Ask to leave").click()
    page.get_by_role("dialog").get_by_role("button", name="Ask to leave").click()
    expect(page.locator("#standing")).to_contain_text("Leaving")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d+ (s|min)"))
    visitor.accessible()


def test_provider__with_a_settled_job__sees_why_it_was_paid_and_that_it_was_sent(
    stage: Stage, visit: Visit, stack_wallet: Callable[[str], TestWallet], settled_ticket: PlayedJob
) -> None:
    wallet = stack_wallet("trainer-1")
    visitor, page = provide(visit, wallet)
    line = next(p for p in settled_ticket.ticket["pay"]["lines"] if p["payee"] == wallet.address)
    row = page.get_by_role("row").filter(has_text=settled_ticket.job_id[:8])
    expect(row).to_contain_text("paid")
    row.get_by_role("button", name="Why so much").click()
    why = page.get_by_role("region", name="Why a job paid so much")
    expect(why.get_by_role("row")).to_have_count(len(line["parts"]) + 1)
    expect(why).to_contain_text("contribution")
    expect(page.get_by_role("heading", name="Eco Score")).to_contain_text("of 100")
    expect(page.get_by_role("table", name=re.compile("Drawn since"))).to_contain_text("Idle")
    page.get_by_text("Every step of it").click()
    steps = page.get_by_role("table", name=re.compile("What moved the rating"))
    expect(steps.get_by_role("link", name="settled job").first).to_be_visible()
    visitor.accessible()
    visitor.fits()
    visitor.shoot("provide")

    # The market carries what it credits to the wallets by itself.
    expect(page.get_by_text("0 DML wait in the escrow")).to_be_visible()
    assert stage.market.dml_wei(wallet.address) >= int(line["amount_wei"]) > 0


def test_provider__whose_node_cheated__is_told_plainly(
    visit: Visit, stack_wallet: Callable[[str], TestWallet], refunded_ticket: PlayedJob
) -> None:
    assert refunded_ticket.ticket["accusations"]
    visitor, page = provide(visit, stack_wallet(CHEAT))
    expect(page.locator("#standing")).to_contain_text("Banned for life")
    expect(page.get_by_text("The deposit was taken and divided among the honest nodes")).to_be_visible()
    page.get_by_role("button", name="Get the evidence").click()
    expect(page.get_by_role("link", name="Download the evidence")).to_be_visible()
    expect(page.get_by_role("button", name="Contest")).to_have_count(0)
    visitor.accessible()
    visitor.shoot("provide-banned")


def test_node_page__for_anybody__shows_the_same_figures_and_nothing_to_press(
    visit: Visit, stack_wallet: Callable[[str], TestWallet], settled_ticket: PlayedJob
) -> None:
    visitor = visit()
    page = visitor.open(f"/nodes/{stack_wallet('trainer-1').address}")
    expect(page.get_by_role("heading", name="trainer-1")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=settled_ticket.job_id[:8])).to_contain_text("paid")
    expect(page.locator(".chart-place canvas")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Withdraw|Top up|leave"))).to_have_count(0)
    visitor.accessible()
    visitor.fits()
    visitor.shoot("node")


def test_provider__whose_unbonding_is_over__takes_earnings_and_deposit_and_may_join_again(
    stage: Stage, visit: Visit, leaver: TestWallet
) -> None:
    _, page = provide(visit, leaver)
    expect(page.get_by_text("2 DML wait in the escrow")).to_be_visible()
    before_dml = stage.market.dml_wei(leaver.address)
    page.get_by_role("button", name="Withdraw earnings").click()
    expect(page.get_by_text("0 DML wait in the escrow")).to_be_visible()
    assert stage.market.dml_wei(leaver.address) == before_dml + CREDIT_WEI
    before = stage.market.web3.eth.get_balance(leaver.address)
    page.get_by_role("button", name="Withdraw the deposit").click(timeout=UNBONDED_MS)
    expect(page.get_by_role("heading", name="Choose a name and a role")).to_be_visible()
    assert deposit_wei(stage, leaver) == 0
    assert 0 < LEAST_WEI - (stage.market.web3.eth.get_balance(leaver.address) - before) < LEAST_WEI // 10


def test_provide__signed_out__says_what_it_is_and_asks_for_a_wallet(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/provide")
    expect(page.get_by_text("There is no wallet in this browser")).to_be_visible()
    visitor.accessible()
    visitor.shoot("provide-welcome")
