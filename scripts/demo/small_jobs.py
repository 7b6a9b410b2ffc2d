"""Whole jobs on a running stack for tests that look at them afterwards: one that was settled, one with a cheat in it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts.demo.customer import Customer
from scripts.demo.jobs import PAYOUT_SECONDS, wait_mail
from scripts.demo.mails import Letter
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, wait_for

CHEAT = "trainer-3"
CONTESTER = "trainer-4"
LATECOMERS = frozenset({CHEAT, CONTESTER})
ADVERSARY = "examples/adversaries/label_flip.py:LabelFlip"
ROUNDS = 3
OPTIONS = (
    *("--target", "kind", "--model", "logistic", "--rounds", str(ROUNDS), "--local-epochs", "5"),
    *("--batch", "4", "--lr", "0.3", "--publish"),
)
_KINDS = (("rose", 6.0, 5.0), ("thistle", 2.5, 14.0), ("bellflower", 4.0, 5.0))
_PAGE = re.compile(r"https?://\S+/tickets/\S+")


@dataclass(frozen=True)
class PlayedJob:
    """A job that has ended: its ticket as the customer last saw it, who paid, and the mails they got."""

    ticket: dict[str, Any]
    customer: Customer
    mails: tuple[Letter, ...]

    @property
    def id(self) -> str:
        """The ticket's id."""
        return str(self.ticket["id"])

    @property
    def job_id(self) -> str:
        """The job's id on the market chain."""
        return str(self.ticket["job_id"])

    @property
    def key(self) -> str:
        """The customer's private key, for a wallet."""
        return "0x" + bytes(self.customer.wallet.key).hex()

    @property
    def link(self) -> str:
        """The page of the ticket with the token that the last mail names: path and query."""
        found = [address for letter in self.mails for address in _PAGE.findall(letter.text)]
        address = urlsplit(found[-1])
        return f"{address.path}?{address.query}"


def write_garden(path: Path, rows: int = 150, seed: int = 7) -> Path:
    """Three kinds of flowers by size, petals and soil, with a gap here and there: a small file a model can learn."""
    draw = random.Random(seed)
    lines = ["height,petals,soil,kind"]
    for number in range(rows):
        kind, height, petals = _KINDS[number % len(_KINDS)]
        gap = number % 25 == 24
        measured = "" if gap else f"{draw.gauss(height, 0.8):.2f}"
        lines.append(
            f"{measured},{max(0.0, draw.gauss(petals, 1.5)):.1f},{draw.choice(('wet', 'dry'))},{kind}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def play_settled(stage: Stage, folder: Path, name: str = "settled") -> PlayedJob:
    """Two honest trainers: the job is settled, the customer has mail. Published."""
    customer = stage.customer(name)
    answer = customer.train(write_garden(folder / "garden.csv"), *OPTIONS, "--trainers", "2", "--wait")
    if answer.status != 0:
        raise Broken(f"The small job was not settled: {answer.document}", "dispatcher")
    mails = wait_mail(stage, customer, "your model is ready")
    return PlayedJob(customer.ticket(answer.document["ticket"]["id"]), customer, tuple(mails))


def play_refunded(stage: Stage, folder: Path, name: str = "refunded") -> PlayedJob:
    """A third trainer joins that flips labels: it is found, the fee comes back, its deposit is taken. It leaves again."""
    stage.admit(CHEAT, "--adversary", ADVERSARY)
    customer = stage.customer(name)
    answer = customer.train(write_garden(folder / "garden.csv"), *OPTIONS, "--trainers", "3", "--wait")
    ticket = answer.document["ticket"]
    if ticket["status"] != "REFUNDED":
        raise Broken(f"The job with a cheat in it was not refunded: {answer.document}", "dispatcher")

    def slashed() -> dict[str, Any] | None:
        now = customer.ticket(ticket["id"])
        return now if now.get("slashed") else None

    sentence = "The cheat's deposit was not taken"
    ticket = wait_for(slashed, PAYOUT_SECONDS, sentence, stage.story, part="settler")
    mails = wait_mail(stage, customer, "your fee was returned")
    stage.leave(CHEAT)
    return PlayedJob(ticket, customer, tuple(mails))
