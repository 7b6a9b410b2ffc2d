"""What a customer reads: plain text, one letter per kind, every amount with its unit."""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.effects import MailKind
from backend.domain.ticket import Status, Ticket
from backend.ports import Letter
from fl_nodes.protocol.pay import dml


def letter(ticket: Ticket, kind: MailKind, links: Mapping[str, str], page_url: str) -> Letter | None:
    """The letter of this kind about this ticket; None where the customer left no address."""
    if ticket.email is None:
        return None
    subject, lines = _WRITERS[kind](ticket, links)
    text = (
        "\n".join([*lines, "", f"Ticket {ticket.id}, job {ticket.job_id}", f"Follow it at {page_url}"]) + "\n"
    )
    return Letter(f"{ticket.id}/{kind}", ticket.email, f"EcoDML: {subject}", text)


def is_overtaken(ticket: Ticket, kind: MailKind) -> bool:
    """Whether the chain has taken back what the letter would say, and ended the job otherwise."""
    return kind in _ENDINGS and not is_true(ticket, kind) and (ticket.status in _ENDED or not ticket.on_chain)


def is_true(ticket: Ticket, kind: MailKind) -> bool:
    """Whether the ticket stands where the letter says: a chain that took its end back may make it again."""
    return kind not in _ENDINGS or ticket.status in _ENDINGS[kind]


def _funded(ticket: Ticket, _: Mapping[str, str]) -> tuple[str, list[str]]:
    return "payment received", [
        f"Your fee of {dml(ticket.quote.fee_wei)} is in escrow.",
        "Nobody can take it before your model is verified. After the deadline you can take it back yourself.",
    ]


def _started(ticket: Ticket, _: Mapping[str, str]) -> tuple[str, list[str]]:
    return "training has started", [
        f"{len(ticket.trainers)} nodes train {ticket.spec.rounds} rounds on {ticket.dataset.name}.",
        f"{len(ticket.validators)} others check their work.",
    ]


def _settled(ticket: Ticket, links: Mapping[str, str]) -> tuple[str, list[str]]:
    metrics = ticket.metrics or {}
    energy = sum(float(e["joules"]) for e in (ticket.energy or {}).values())
    kinds = sorted({str(e["kind"]) for e in (ticket.energy or {}).values()})
    paid = zip(ticket.verdict.payees, ticket.verdict.amounts_wei, strict=True) if ticket.verdict else ()
    return "your model is ready", [
        f"Test accuracy {metrics.get('accuracy', 0):.4f}, macro-F1 {metrics.get('macro_f1', 0):.4f}.",
        f"Measured on {metrics.get('examples', 0)} rows that no node has seen.",
        f"Training took {energy:.1f} J ({', '.join(kinds)}).",
        "",
        "Download:",
        *(f"  {name}: {url}" for name, url in links.items()),
        "",
        "Paid to the nodes:",
        *(f"  {payee}: {dml(int(amount))}" for payee, amount in paid),
    ]


def _refunded(ticket: Ticket, _: Mapping[str, str]) -> tuple[str, list[str]]:
    lines = [
        *_TAKEN_BACK[: any(moment.status is Status.SETTLED for moment in ticket.timeline)],
        f"Your fee of {dml(int(ticket.refund_wei or 0))} was returned to {ticket.customer} in full.",
        f"Why: {ticket.refusal.message}" if ticket.refusal else "",
    ]
    if ticket.verdict and ticket.verdict.culprits:
        lines.append(
            f"The deposits of {', '.join(ticket.verdict.culprits)} are forfeit; the validators' evidence is on record."
        )
    return "your fee was returned", lines


def _over_budget(ticket: Ticket, _: Mapping[str, str]) -> tuple[str, list[str]]:
    return "over the energy budget", [
        *(alert.message for alert in ticket.alerts),
        "The job goes on; before it started it could have been cancelled.",
    ]


_ENDINGS = {
    MailKind.SETTLED: (Status.SETTLED,),
    MailKind.REFUNDED: (Status.REFUNDED, Status.DISPUTED),
}
_ENDED = (Status.SETTLED, Status.REFUNDING, Status.REFUNDED, Status.DISPUTED)

_TAKEN_BACK = (
    "The chain took back the settlement of this job: if an earlier letter said that the nodes were paid, it no longer holds.",
)

_WRITERS = {
    MailKind.FUNDED: _funded,
    MailKind.STARTED: _started,
    MailKind.OVER_BUDGET: _over_budget,
    MailKind.SETTLED: _settled,
    MailKind.REFUNDED: _refunded,
}
