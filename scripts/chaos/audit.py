"""What chain, database and mailbox must agree on when all jobs have ended: every effect once, every wei where it belongs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backend.domain import effects as fx
from backend.domain import job as words
from backend.domain.ticket import Status, Ticket
from backend.ports import ChainEvent
from backend.settlement.invariants import MoneyBooks, money_invariants

ONCE: Mapping[str, tuple[str, ...]] = {
    "JobOpened": ("jobId",),
    "JobAssigned": ("jobId",),
    "RoundRecorded": ("jobId", "round"),
    "JobReleased": ("jobId",),
    "SlashFinalized": ("jobId", "culprit"),
    "Published": ("job",),
    "BaselineFixed": ("job",),
    "CreditIssued": ("serial",),
    "EpochSealed": ("index",),
    "JobSealed": ("job",),
    "Certified": ("job",),
    "CheckpointMade": ("id",),
}
"""Events that an effect leaves on a chain, and what makes two of them the same effect."""

ENDS = ("JobSettled", "JobFailed", "JobCancelled", "JobReclaimed")
REFUNDS = ENDS[1:]
DECIDED_ANEW = ("MakeCheckpoint", "SealEpoch", "CallProposer")
"""Effects of the ledger keeper, which looks again when one is refused."""

FINAL = {
    Status.SETTLED: (words.SETTLED,),
    Status.REFUNDED: (words.FAILED, words.CANCELLED, words.RECLAIMED),
}
NEVER_PAID = (Status.QUOTED, Status.EXPIRED, Status.INVALID)


@dataclass(frozen=True)
class KeptEffect:
    """An effect as the outbox has it: `tx` is what it says did it, `sent` whether a letter went out."""

    key: str
    kind: str
    state: str
    tx: str = ""
    sent: bool = False


@dataclass(frozen=True)
class Books:
    """All that is held against each other. `letters` are Message-IDs as they arrived, `letter_ids` those that effects' keys make;
    `rating_steps` are kept, `rating_events` on chain; `engaged` says how many open jobs the chain holds each node to."""

    events: tuple[ChainEvent, ...]
    effects: tuple[KeptEffect, ...]
    tickets: tuple[Ticket, ...]
    money: MoneyBooks
    escrow: str
    letters: tuple[str, ...] = ()
    letter_ids: Mapping[str, str] = field(default_factory=dict)
    rating_steps: frozenset[str] = frozenset()
    rating_events: frozenset[str] = frozenset()
    engaged: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """A sentence each. `unaccounted_wei` is the sum of all that is not where it belongs, in either coin."""

    duplicated: tuple[str, ...]
    lost: tuple[str, ...]
    broken: tuple[str, ...]
    unaccounted_wei: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.duplicated or self.lost or self.broken or self.unaccounted_wei)


def audit(books: Books) -> Findings:
    """Hold the books against each other."""
    return Findings(
        duplicated=tuple(_duplicated(books)),
        lost=tuple(_lost(books)),
        broken=tuple(_broken(books)),
        unaccounted_wei=unaccounted_wei(books),
    )


def unaccounted_wei(books: Books) -> int:
    """Fees, pay, refunds, commissions and slashed deposits: what each account should have had by the jobs' events, less what it got
    and what it can still withdraw; then the contracts' own sums."""
    money = books.money
    due, got = _due(books), _got(books)
    held = {account: wei for account, wei in money.credits.items() if account == money.treasury}
    apart = sum(
        abs(due[account] - got[account] - held.get(account, 0)) for account in sorted({*due, *got, *held})
    )
    escrow = abs(money.escrow_balance_wei - money.open_fees_wei - money.total_credits_wei)
    owed_deposits = money.active_wei + money.unbonding_wei + money.slashed_unclaimed_wei
    return apart + escrow + abs(money.staking_balance_wei - owed_deposits) + _deposits_apart(books)


def _due(books: Books) -> Counter[str]:
    """What a job took from its customer comes back, or goes to others."""
    due: Counter[str] = Counter()
    for event in books.events:
        said = event.args
        if event.name == "JobOpened":
            due[said["customer"]] -= said["fee"]
        elif event.name == "JobSettled":
            due[books.money.treasury] += said["commission"]
            for payee, wei in zip(said["payees"], said["amounts"], strict=True):
                due[payee] += wei
        elif event.name in REFUNDS:
            due[_customer(books, said["jobId"])] += said["refund"]
    return due


def _got(books: Books) -> Counter[str]:
    got: Counter[str] = Counter()
    for event in books.events:
        if event.contract != "DMLToken" or event.name != "Transfer":
            continue
        payer, payee, wei = event.args["from"], event.args["to"], event.args["value"]
        if payer == books.escrow:
            got[payee] += wei
        elif payee == books.escrow:
            got[payer] -= wei
    return got


def _customer(books: Books, job_id: str) -> str:
    opened = (e for e in books.events if e.name == "JobOpened" and e.args["jobId"] == job_id)
    return next((str(e.args["customer"]) for e in opened), "nobody")


def _deposits_apart(books: Books) -> int:
    due: Counter[str] = Counter()
    for event in books.events:
        if event.name == "SlashFinalized":
            for node, wei in zip(event.args["honest"], event.args["shares"], strict=True):
                due[node] += wei
        elif event.name == "CreditWithdrawn":
            due[event.args["account"]] -= event.args["amount"]
    # A treasury that gets a deposit for want of an honest node fetches it itself.
    return sum(abs(wei) for account, wei in due.items() if account != books.money.treasury)


def _duplicated(books: Books) -> Iterable[str]:
    seen: Counter[str] = Counter()
    for event in books.events:
        if event.name in ONCE:
            about = " ".join(str(event.args[name]) for name in ONCE[event.name])
            seen[f"{event.name} {about}"] += 1
        elif event.name in ENDS:
            seen[f"end of job {event.args['jobId']}"] += 1
    for what, count in sorted(seen.items()):
        if count > 1:
            yield f"{what}: {count} times on chain"
    for letter, count in sorted(Counter(books.letters).items()):
        if count > 1:
            yield f"letter {letter}: {count} times in the mailbox"
    for credit, count in sorted(Counter(c.serial for t in books.tickets for c in t.credits).items()):
        if count > 1:
            yield f"credit {credit}: {count} times on tickets"
    for step in sorted(books.rating_steps - books.rating_events):
        yield f"rating step {step}: kept, yet not on chain"


def _lost(books: Books) -> Iterable[str]:
    on_chain = {event.tx for event in books.events}
    states = {effect.key: effect.state for effect in books.effects}
    for effect in books.effects:
        if effect.state == "open" or (effect.state == "failed" and effect.kind not in DECIDED_ANEW):
            yield f"effect {effect.key} is {effect.state}"
        if effect.tx and effect.tx not in on_chain:
            yield f"effect {effect.key} is {effect.state} by {effect.tx}, which no chain knows"
        if effect.sent and books.letter_ids.get(effect.key) not in books.letters:
            yield f"effect {effect.key} is {effect.state}, yet its letter is not in the mailbox"
    for ticket in books.tickets:
        for key in _needed(ticket):
            if states.get(key) != "done":
                yield f"effect {key} of a ticket that is {ticket.status} is {states.get(key, 'not there')}"
    for step in sorted(books.rating_events - books.rating_steps):
        yield f"rating step {step}: on chain, yet not kept"


def _needed(ticket: Ticket) -> list[str]:
    """What must have been done for a ticket that is at its end."""
    key, kind = ticket.id, fx.MailKind
    if ticket.status is Status.SETTLED and ticket.verdict is not None:
        effects: list[fx.Effect] = [
            fx.Settle(key, ticket.job_id),
            *(fx.RecordRound(key, ticket.job_id, r.number, r.root) for r in ticket.rounds),
            *(fx.PayOut(key, payee, f"settled:{payee}") for payee in ticket.verdict.payees),
            *(fx.SendMail(key, mail) for mail in (kind.FUNDED, kind.STARTED, kind.SETTLED)),
        ]
    elif ticket.status is Status.REFUNDED:
        effects = [fx.PayOut(key, ticket.customer, "refund"), fx.SendMail(key, kind.REFUNDED)]
        effects += [fx.SendMail(key, kind.FUNDED), *_slashing(ticket)]
    else:
        effects = []
    return [effect.key for effect in effects]


def _slashing(ticket: Ticket) -> list[fx.Effect]:
    if ticket.verdict is None or not ticket.verdict.culprits or not ticket.accusations:
        return []
    nodes = [
        (node, culprit) for culprit in (ticket.slashed or {}) for node in ticket.deposits_received_wei or {}
    ]
    return [
        fx.FinalizeSlash(ticket.id, ticket.job_id),
        *(fx.PayOutDeposit(ticket.id, node, culprit) for node, culprit in nodes),
    ]


def _broken(books: Books) -> Iterable[str]:
    for rule, holds in money_invariants(books.money).items():
        if not holds:
            yield f"the rule {rule} does not hold"
    on_chain = {job.job_id: job.status for job in books.money.jobs}
    for ticket in books.tickets:
        status = on_chain.get(ticket.job_id, words.NONE)
        if ticket.status in NEVER_PAID and status == words.NONE:
            continue
        if status not in FINAL.get(ticket.status, ()):
            yield f"ticket {ticket.id} is {ticket.status}, its job {status}"
        elif ticket.status is Status.SETTLED and len(ticket.rounds) != _rounds(books, ticket):
            yield f"ticket {ticket.id} has {len(ticket.rounds)} rounds, its job {_rounds(books, ticket)}"
    for node, jobs in sorted(books.engaged.items()):
        if jobs:
            yield f"node {node} is still held to {jobs} jobs that have ended"


def _rounds(books: Books, ticket: Ticket) -> int:
    return sum(e.name == "RoundRecorded" and e.args["jobId"] == ticket.job_id.lower() for e in books.events)
