"""The three jobs, played through the customer's command line, the contracts and the nodes' own commands."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.cli.client import Api
from backend.errors import EcoError
from scripts.demo.chain import Market
from scripts.demo.customer import Customer
from scripts.demo.mails import Letter, letters
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, wait_for

PAYOUT_SECONDS = 60.0
MAIL_SECONDS = 30.0


@dataclass
class Played:
    """What one job left behind: the ticket as last seen, money before and
    after by address (wei), mails, seconds."""

    ticket: dict[str, Any]
    status: str
    fee_wei: int
    dml_before: dict[str, int]
    dml_after: dict[str, int]
    native_before: dict[str, int]
    native_after: dict[str, int]
    treasury_gain_wei: int
    customer_before_wei: int
    customer_after_wei: int
    customer: Customer
    slashes: list[dict[str, Any]] = field(default_factory=list)
    mails: list[Letter] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


class Money:
    """Balances of everyone who may earn, and of one customer, from just before a job."""

    def __init__(self, market: Market, providers: list[str], customer: Customer) -> None:
        self.market = market
        self.customer = customer
        self.dml = {p: market.dml_wei(p) for p in providers}
        self.native = {p: market.native_wei(p) for p in providers}
        self.treasury = self._treasury()
        self.customer_wei = market.dml_wei(customer.address)

    def close(self, ticket: dict[str, Any], status: str) -> Played:
        """The same again, after the job."""
        return Played(
            ticket=ticket,
            status=status,
            fee_wei=int(ticket["fee_wei"]),
            dml_before=self.dml,
            dml_after={p: self.market.dml_wei(p) for p in self.dml},
            native_before=self.native,
            native_after={p: self.market.native_wei(p) for p in self.native},
            treasury_gain_wei=self._treasury() - self.treasury,
            customer_before_wei=self.customer_wei,
            customer_after_wei=self.market.dml_wei(self.customer.address),
            customer=self.customer,
            slashes=self.market.slashes(ticket["job_id"]),
        )

    def _treasury(self) -> int:
        account = self.market.treasury()
        return self.market.dml_wei(account) + self.market.credit_wei(account)


def honest(stage: Stage, digits: Path, options: list[str], name: str) -> Played:
    """A job that is paid, trained, verified, settled; the providers have their money before this returns."""
    customer = stage.customer(name)
    money = Money(stage.market, stage.providers(), customer)
    answer = customer.train(digits, *options, "--wait")
    ticket = answer.document.get("ticket")
    if answer.status != 0 or ticket is None or ticket["status"] != "SETTLED":
        raise Broken(
            f"The job of {name} was not settled: {answer.document.get('error') or answer.document}",
            "dispatcher",
        )
    shares = dict(zip(ticket["verdict"]["payees"], map(int, ticket["verdict"]["amounts_wei"]), strict=True))
    _wait_paid(stage, {p: money.dml[p] + share for p, share in shares.items()})
    stage.story.line("All shares are in the providers' wallets.")
    played = money.close(ticket, "SETTLED")
    played.mails = wait_mail(stage, customer, "your model is ready")
    return played


def attacked(stage: Stage, digits: Path, options: list[str]) -> Played:
    """Job B: two trainers misbehave, are found, slashed and banned;
    the customer has the fee back before this returns."""
    grace = stage.customer("grace")
    spare, (flipper, poisoner) = stage.trainers[2:-2], stage.trainers[-2:]
    with stage.story.stage("two trainers leave"):
        stage.leave(*spare)
    with stage.story.stage("restart two trainers as attackers"):
        stage.turn(flipper, "examples/adversaries/label_flip.py:LabelFlip")
        stage.turn(poisoner, "examples/adversaries/poison.py:PoisonedUpdate")
        stage.wait_online()
    money = Money(stage.market, stage.providers(), grace)
    answer = grace.train(digits, *options, "--wait")
    ticket: dict[str, Any] = answer.document.get("ticket") or {}
    if ticket.get("status") != "REFUNDED":
        raise Broken(f"Job B was not refunded: {answer.document}", "dispatcher")
    culprits = ticket["verdict"]["culprits"] if ticket["verdict"] else []
    stage.story.line(str(answer.document["error"]["message"]), grace.name)

    def slashed() -> dict[str, Any] | None:
        now = grace.ticket(ticket["id"])
        return now if len(now.get("slashed") or {}) == len(culprits) else None

    attackers = {str(node["provider"]) for node in stage.nodes() if node["name"] in (flipper, poisoner)}
    if set(culprits) != attackers:
        raise Broken(
            f"The verdict names {culprits}, but the attackers were {sorted(attackers)}", "dispatcher"
        )
    ticket = wait_for(
        slashed, PAYOUT_SECONDS, "The culprits' deposits were not taken", stage.story, part="settler"
    )
    if not all(stage.market.banned(culprit) for culprit in culprits):
        raise Broken(f"Not all of {culprits} are banned", "settler")
    played = money.close(ticket, "REFUNDED")
    played.mails = wait_mail(stage, grace, "your fee was returned")
    return played


def abandoned(stage: Stage, digits: Path, options: list[str], deadline_s: int) -> Played:
    """Job C: the operator dies in mid-job and stays dead; the customer takes the fee back from the chain."""
    edsger = stage.customer("edsger")
    money = Money(stage.market, stage.providers(), edsger)
    answer = edsger.train(digits, *options, "--deadline", str(deadline_s))
    ticket_id = (answer.document.get("ticket") or {}).get("id")
    if answer.status != 0 or ticket_id is None:
        raise Broken(f"Job C did not start: {answer.document}", "api")
    api = Api(stage.api_url, edsger.token())
    ticket = wait_for(
        lambda: _after_first_round(api, ticket_id),
        deadline_s,
        "Job C closed no round before its deadline",
        stage.story,
        part="dispatcher",
    )
    mails = letters(stage.mail_folder, edsger.email)
    stage.kill_operator(signal.SIGKILL)
    stage.story.line("The operator's processes are gone: killed in mid-job, they stay down.")
    early = edsger.reclaim(ticket_id)
    if early.document.get("error", {}).get("code") != "reclaim.early":
        raise Broken(f"The escrow should hold the fee until the deadline, but answered {early.document}")
    stage.story.line(str(early.document["error"]["message"]), edsger.name)
    with stage.story.stage("C: wait for the deadline"):
        wait_for(
            lambda: True if stage.market.now() >= ticket["deadline"] else None,
            deadline_s + 30.0,
            "The chain's time did not reach the deadline",
            stage.story,
        )
    with stage.story.stage("C: take the fee back"):
        taken = edsger.reclaim(ticket_id)
    if taken.status != 0:
        raise Broken(f"Job C's fee could not be taken back: {taken.document}")
    stage.story.line(f"took the whole fee back in transaction {taken.document['transaction']}", edsger.name)
    played = money.close(ticket, "RECLAIMED")
    played.mails = mails
    played.seconds = {
        name.removeprefix("C: "): s for name, s in stage.story.stages.items() if name.startswith("C: ")
    }
    return played


def wait_mail(stage: Stage, customer: Customer, subject: str) -> list[Letter]:
    """All mails to a customer, once one with that subject is among them."""

    def look() -> list[Letter] | None:
        found = letters(stage.mail_folder, customer.email)
        return found if any(subject in letter.subject for letter in found) else None

    found = wait_for(
        look, MAIL_SECONDS, f"{customer.name} got no mail about {subject!r}", stage.story, part="dispatcher"
    )
    stage.story.line(f"has mail: {', '.join(letter.subject for letter in found)}", customer.name)
    return found


def _wait_paid(stage: Stage, expected: dict[str, int]) -> None:
    def look() -> bool | None:
        return True if all(stage.market.dml_wei(p) >= wei for p, wei in expected.items()) else None

    wait_for(
        look, PAYOUT_SECONDS, "The providers' shares did not reach their wallets", stage.story, part="settler"
    )


def _after_first_round(api: Api, ticket_id: str) -> dict[str, Any] | None:
    try:
        ticket: dict[str, Any] = api.get(f"/api/tickets/{ticket_id}")["ticket"]
    except EcoError:
        return None
    if ticket["status"] not in ("FUNDED", "UPLOADED", "QUEUED", "RUNNING"):
        raise Broken(f"Job C should be running but is {ticket['status']}: {ticket['refusal']}", "dispatcher")
    return ticket if ticket["rounds"] else None
