"""The ticket's pages over recorded answers: states that are rare, and answers that were tampered with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from scripts.browser.visitor import Visitor
from tests.support.recorded_site import RecordedSite
from tests.support.recordings import recorded

Show = Callable[..., Visitor]
NO_SOCKETS = ("WebSocket connection", "answer 404: GET /socket.io/", "no answer: GET /socket.io/")


@pytest.fixture
def show(chromium: Browser) -> Iterator[Show]:
    """`show(path, *recordings, **answers)`: the page at `path` to the recordings' customer."""
    opened: list[tuple[Visitor, Any]] = []

    def make(path: str, *recordings: dict[str, Any], more: dict[str, Any] | None = None) -> Visitor:
        context = RecordedSite(answers_of(*recordings) | (more or {})).serving()
        site = context.__enter__()
        visitor = Visitor(chromium, site.url)
        visitor.expect(*NO_SOCKETS)
        opened.append((visitor, context))
        visitor.open(path)
        return visitor

    yield make
    for visitor, context in opened:
        visitor.close()
        context.__exit__(None, None, None)
    assert [fault for visitor, _ in opened for fault in visitor.wrong] == []


def answers_of(*recordings: dict[str, Any]) -> dict[str, Any]:
    """The API's answers to the customer of the first recording."""
    network, customer = recorded("network"), recordings[0]["ticket"]["customer"]
    user = {
        "id": "u_1",
        "email": None,
        "email_verified": False,
        "wallets": [customer],
        "address": customer,
        "roles": {"arbiter": False, "admin": False},
    }
    answers = {
        "/api/auth/session": {"user": user, "csrf": "token"},
        "/api/config": network["config"],
        "/api/nodes": network["nodes"],
    }
    for said in recordings:
        ticket = said["ticket"]
        address = f"/api/tickets/{ticket['id']}"
        answers[address] = {"ticket": ticket}
        answers[f"/api/jobs/{ticket['job_id']}/events"] = said.get("events", {"events": [], "complete": True})
        answers[f"{address}/decision"] = said.get("decision") or recorded("settled")["decision"]
    return answers


def changed(name: str, **fields: Any) -> dict[str, Any]:
    """A recording whose ticket has other fields."""
    said = copy.deepcopy(recorded(name))
    said["ticket"] |= fields
    return said


def path_of(said: dict[str, Any], rest: str = "") -> str:
    """The page of a recorded ticket."""
    return f"/tickets/{said['ticket']['id']}{rest}"


def test_ticket__disputed__says_who_contests_and_that_the_refund_stands(show: Show) -> None:
    said = changed("refunded", status="DISPUTED", slashed=None)
    culprit = said["ticket"]["verdict"]["culprits"][0]
    said["ticket"]["accusations"] = {culprit: "contested"}
    said["ticket"]["timeline"].append({"status": "DISPUTED", "at": said["ticket"]["timeline"][-1]["at"] + 5})
    visitor = show(path_of(said), said)
    page = visitor.page
    expect(page.locator("#standing")).to_contain_text("An accused node contests the verdict")
    expect(page.locator("#standing")).to_contain_text("contests; the arbiter decides")
    expect(page.locator("#standing .done")).to_contain_text("the whole fee, is in the customer's wallet")
    expect(page.locator("#stages [aria-current=step]")).to_contain_text("Waiting for the arbiter")
    visitor.accessible()


def test_ticket__expired_before_it_was_paid__says_that_nothing_is_to_give_back(show: Show) -> None:
    said = changed("running", status="EXPIRED", rounds=[], trainers=[], validators=[], decision=None)
    said["ticket"]["timeline"] = [{"status": "QUOTED", "at": 1.0}, {"status": "EXPIRED", "at": 600.0}]
    said["ticket"]["refusal"] = {"code": "job.expired", "message": "The deadline passed."}
    page = show(path_of(said), said).page
    expect(page.locator("#standing")).to_contain_text("Nothing was paid for this ticket")
    expect(page.locator("#stages")).not_to_contain_text("REFUND")
    expect(page.locator("#money")).to_be_hidden()


def test_ticket__deadline_passed_and_fee_held__offers_to_take_it_back_alone(show: Show) -> None:
    said = changed("running", deadline=1_700_000_000)
    page = show(path_of(said), said).page
    expect(page.locator("#money")).to_contain_text("take it now, without anybody's help")
    expect(page.locator("#money")).to_contain_text("Connect")
    expect(page.locator("#cancel")).to_have_count(0)


def test_ticket__waits_for_cleaner_hours__says_until_when(show: Show) -> None:
    said = changed("running", status="QUEUED", rounds=[], trainers=[], validators=[], estimate=None)
    said["ticket"]["timeline"] = said["ticket"]["timeline"][:4]
    said["ticket"]["decision"] |= {"waits": True, "start_at": said["ticket"]["decision"]["at"] + 7200}
    page = show(path_of(said), said).page
    expect(page.locator("#standing .waits")).to_contain_text("for cleaner electricity, as was asked")


def test_ticket__with_differential_privacy__says_in_words_what_epsilon_promises(show: Show) -> None:
    spent = {
        "epsilon": 3.2,
        "row_epsilon": 0.1,
        "delta": 1e-5,
        "noise_multiplier": 1.1,
        "clip": 1.0,
        "rounds": 2,
    }
    said = changed("running", privacy=spent)
    said["ticket"]["spec"]["privacy_noise"] = 1.1
    page = show(path_of(said), said).page
    expect(page.locator("#privacy")).to_contain_text("at most 1.11 times as likely")


def test_receipt__as_recorded__follows_and_prints_every_hash(show: Show) -> None:
    said = recorded("settled")
    visitor = show(path_of(said, "/receipt"), said)
    page = visitor.page
    expect(page.locator("#checks > [data-outcome=ok]")).to_contain_text(
        "Everything that could be checked follows"
    )
    for round_ in said["ticket"]["rounds"]:
        expect(page.get_by_text(round_["root"], exact=True)).to_be_visible()
    with page.expect_download() as saved:
        page.locator("#save").click()
    assert saved.value.suggested_filename == f"receipt-{said['ticket']['id']}.json"
    visitor.accessible()
    visitor.fits()


def test_receipt__pay_was_changed_on_the_way__says_what_does_not_follow(show: Show) -> None:
    said = copy.deepcopy(recorded("settled"))
    amounts = said["ticket"]["verdict"]["amounts_wei"]
    amounts[0], amounts[1] = amounts[1], amounts[0]
    page = show(path_of(said, "/receipt"), said).page
    expect(page.locator("#checks > [data-outcome=failed]")).to_contain_text("Does not follow: Payees and pay")


def test_tickets__several__are_filtered_sorted_and_added_up(show: Show) -> None:
    settled, refunded = recorded("settled")["ticket"], recorded("refunded")["ticket"]
    lines = [line(settled, "roses.csv"), line(refunded, "lilies.csv"), line(refunded, "irises.csv", "t_2")]
    listed = {"/api/tickets?view=short": {"tickets": lines, "next": None}}
    visitor = show("/tickets", recorded("settled"), more=listed)
    page = visitor.page
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator(".figures")).to_contain_text("0.02 DML")
    visitor.accessible()
    page.get_by_label("Which").select_option("back")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Dataset, model or id").fill("iris")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Dataset, model or id").fill("")
    page.locator("#sort-Dataset").click()
    expect(page.locator("tbody tr").first).to_contain_text("lilies.csv")
    expect(page.locator("#sort-Dataset")).to_be_focused()
    visitor.fits()


def test_tickets__none_yet__leads_to_the_first_training(show: Show) -> None:
    listed = {"/api/tickets?view=short": {"tickets": [], "next": None}}
    page = show("/tickets", recorded("settled"), more=listed).page
    expect(page.locator(".empty a")).to_have_attribute("href", "/train")


def test_tickets__more_than_a_page__older_ones_are_loaded_on_demand(show: Show) -> None:
    settled = recorded("settled")["ticket"]
    first = [line(settled, "new.csv", f"t_new{i}") for i in range(100)]
    second = [line(settled, "old.csv", "t_old")]
    listed = {
        "/api/tickets?view=short": {"tickets": first, "next": "t_new99"},
        "/api/tickets?view=short&before=t_new99": {"tickets": second, "next": None},
    }
    page = show("/tickets", recorded("settled"), more=listed).page
    expect(page.locator("tbody tr")).to_have_count(100)
    page.locator("#older").click()
    expect(page.locator("tbody tr")).to_have_count(101)
    expect(page.locator("#older")).to_be_hidden()


def line(ticket: dict[str, Any], dataset: str, ticket_id: str | None = None) -> dict[str, Any]:
    """A ticket as the list has it."""
    carbon = ticket["carbon"]
    return {
        **{
            name: ticket[name]
            for name in ("job_id", "customer", "status", "fee_wei", "refund_wei", "deadline")
        },
        **{name: ticket[name] for name in ("refusal", "timeline", "version", "spec")},
        "id": ticket_id or ticket["id"],
        "dataset": ticket["dataset"] | {"name": dataset},
        "rounds": len(ticket["rounds"]),
        "accuracy": (ticket["metrics"] or {}).get("accuracy"),
        "carbon": carbon | {"eco_score": carbon["eco"]["score"] if carbon["eco"] else None},
    }
