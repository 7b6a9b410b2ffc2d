"""A customer's way in the browser, from a file to a running ticket."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from scripts.demo.small_jobs import PlayedJob, write_garden
from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.training import (
    arrive,
    choose,
    connect_and_sign_in,
    digest,
    set_options,
    signed_in,
    ticket_in_address,
    until,
    write_digits,
)

QUICK = {"model": "logistic", "rounds": "1", "local_epochs": "2"}


def test_train__a_file_is_paid_for_and_uploaded__the_ticket_runs_and_the_chain_has_its_hash(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    file = write_digits(tmp_path / "digits.csv")
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    page = visitor.open("/train")
    choose(page, file, rounds="10")
    dear = page.locator(".price .fee").inner_text()
    set_options(page, **QUICK, trainers="2")
    assert page.locator(".price .fee").inner_text() <= dear
    expect(page.get_by_text("A trainer sees the rows of its shard")).to_be_visible()
    visitor.accessible()
    visitor.fits()
    visitor.shoot("train-options")

    page.locator("#review").click()
    connect_and_sign_in(page)
    expect(page.locator("#agree")).to_be_visible()
    visitor.accessible()
    visitor.shoot("train-offer")
    page.locator("#agree").click()
    ticket = arrive(page)
    seen = until(signed_in(stage, visitor), stage, ticket, lambda t: t["status"] not in ("QUOTED", "FUNDED"))
    assert seen["dataset"]["sha256"] == digest(file)
    assert (seen["spec"]["rounds"], seen["spec"]["model"], seen["spec"]["trainers"]) == (1, "logistic", 2)
    assert stage.market.dml_wei(wallet.address) == 5 * 10**18 - int(seen["fee_wei"])
    opened = stage.market.contract("JobEscrow").events.JobOpened().get_logs(from_block=0)
    (mine,) = [log.args for log in opened if "0x" + log.args.jobId.hex() == seen["job_id"]]
    assert mine.datasetHash.hex() == digest(file)
    until(signed_in(stage, visitor), stage, ticket, lambda t: bool(t["trainers"]))


def test_train__the_same_was_published__is_offered_for_nothing_before_anything_is_paid(
    stage: Stage, visit: Visit, new_wallet: NewWallet, settled_ticket: PlayedJob, tmp_path: Path
) -> None:
    file = write_garden(tmp_path / "garden.csv")
    assert digest(file) == settled_ticket.ticket["dataset"]["sha256"]
    spec = settled_ticket.ticket["spec"]
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    page = visitor.open("/train")
    page.set_input_files("#file", file)
    for target in ("soil", "kind"):
        page.locator("#target").select_option(target)
        expect(page.locator(".dataset")).to_contain_text(f"by {target}")
    names = ("model", "rounds", "local_epochs", "batch_size", "learning_rate", "trainers")
    set_options(page, **{name: str(spec[name]) for name in names})
    page.locator("#review").click()
    connect_and_sign_in(page)
    expect(page.locator("#published")).to_be_visible()
    visitor.accessible()
    visitor.shoot("train-published")
    page.get_by_role("button", name="Take the result for nothing").click()
    with page.expect_download() as download:
        page.locator("#published .files").get_by_role("link", name="model.json").click()
    assert digest(download.value.path()) == settled_ticket.ticket["files"]["model.json"]["sha256"]
    assert stage.market.dml_wei(wallet.address) == 5 * 10**18
    page.locator("#train-again").click()
    expect(page.locator("#agree")).to_be_visible()


def test_train__reloaded_while_the_wallet_asks__the_payment_is_found_and_the_file_goes_on(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "held.csv", seed=4), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    wallet.hold("send")
    page.locator("#agree").click()
    expect(page.get_by_text("Waiting for your wallet")).to_be_visible()
    while not wallet.waiting:
        page.wait_for_timeout(50)
    ticket = ticket_in_address(page)
    page.reload()
    expect(page.get_by_text("Before this page was loaded again")).to_be_visible()
    wallet.release()
    assert arrive(page) == ticket
    assert len(wallet.asked("eth_sendTransaction")) == 1
    seen = until(signed_in(stage, visitor), stage, ticket, lambda t: t["status"] not in ("QUOTED", "FUNDED"))
    assert stage.market.dml_wei(wallet.address) == 5 * 10**18 - int(seen["fee_wei"])


def test_train__reloaded_in_mid_upload_with_the_network_away__goes_on_by_itself_with_what_it_has(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    file = write_digits(tmp_path / "lost.csv", seed=5)
    visitor = visit(new_wallet(dml=5))
    visitor.expect("/objects/datasets/")
    page = visitor.open("/train")
    choose(page, file, **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    page.route("**/objects/**", lambda route: route.abort("internetdisconnected"))
    page.locator("#agree").click()
    expect(page.get_by_text("Nothing is lost; trying again")).to_be_visible(timeout=60_000)
    visitor.shoot("train-upload-interrupted")
    ticket = ticket_in_address(page)
    page.reload()
    expect(page.get_by_text("Nothing is lost; trying again")).to_be_visible()
    page.unroute("**/objects/**")
    assert arrive(page) == ticket
    seen = until(signed_in(stage, visitor), stage, ticket, lambda t: t["status"] not in ("QUOTED", "FUNDED"))
    assert seen["dataset"]["sha256"] == digest(file)


def test_train__the_wallet_declines__says_so_and_a_second_press_pays(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "declined.csv", seed=6), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    expect(page.locator("#agree")).to_be_visible()
    wallet.reject_next("sign")
    page.locator("#agree").click()
    expect(page.get_by_text("You declined the request in your wallet; nothing was sent.")).to_be_visible()
    visitor.accessible()
    assert stage.market.dml_wei(wallet.address) == 5 * 10**18
    wallet.reject_next("send")
    page.locator("#pay").click()
    expect(page.get_by_text("You declined the request in your wallet; nothing was sent.")).to_be_visible()
    page.locator("#pay").click()
    ticket = arrive(page)
    assert len(wallet.asked("eth_sendTransaction")) == 2
    assert signed_in(stage, visitor).get(f"/api/tickets/{ticket}")["ticket"]["status"] != "QUOTED"
