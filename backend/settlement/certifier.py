"""Brings sealed jobs their green certificates: waits for the epoch to be final, has the proof made, hands it to the carbon chain.

A certificate is worth having and never worth waiting for: nothing of a job's money depends on it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import structlog
from eth_utils.crypto import keccak

from backend.domain.certificate import Bound, bound, salt
from backend.domain.effects import Certify
from backend.domain.green_proof import GreenClaim, GreenStatement, SealedJobs
from backend.domain.result_files import STATEMENT
from backend.domain.ticket import CertificateRecord, Certified, Refusal, Ticket
from backend.energy.statement import StatementInputs
from backend.errors import Conflict, EcoError, NotFound, NotYet, Recoverable
from backend.log import about
from backend.ports import Certificates, Effects, Objects, Prover, QueuedEffect, Tickets
from backend.settlement.settler import (
    LONGEST_WAIT_S,
    SHORTEST_WAIT_S,
    Follow,
    back_off,
    require_followed,
    unfollowed,
)
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.green import slots
from fl_nodes.protocol.job_summary import NO_COMMITMENT, JobSummary
from fl_nodes.protocol.reading import LedgerReading
from fl_nodes.protocol.wire import from_wire
from fl_nodes.protocol.words import uint_word

log = structlog.get_logger()

KINDS = (Certify.__name__,)
FINALITY_WAIT_S = 2.0


@dataclass(frozen=True)
class CertifierParts:
    """`secret` is the server's: salts come from it."""

    certificates: Certificates
    prover: Prover
    tickets: Tickets
    effects: Effects
    objects: Objects
    secret: bytes


class Certifier:
    """Effects in, certificates out; what a ticket's claim came to is on the ticket either way. `follow` as for the settler."""

    def __init__(self, parts: CertifierParts, follow: Follow = unfollowed) -> None:
        self._parts = parts
        self._follow = follow

    def run_once(self) -> int:
        """Try the next effect that is due, for a proof takes seconds; how many are done now and were not before."""
        return sum(self._carry_out(queued) for queued in self._parts.effects.pending(KINDS, 1))

    def _carry_out(self, queued: QueuedEffect) -> bool:
        effects, tickets = self._parts.effects, self._parts.tickets
        ticket = tickets.get(queued.effect.ticket_id)
        try:
            with about(ticket=ticket.id, job=ticket.job_id, effect=queued.key):
                record = self._claimed(ticket)
            require_followed(self._follow)
        except NotYet as error:
            wait_s = min(max(error.wait_s, SHORTEST_WAIT_S), LONGEST_WAIT_S)
            effects.retry(queued.key, wait_s, error.message)
            return False
        except Recoverable as error:
            log.warning("certificate.postponed", effect=queued.key, code=error.code, message=error.message)
            effects.retry(queued.key, back_off(queued.attempts), error.message)
            return False
        if record.refusal is not None:
            why = record.refusal
            log.warning("certificate.refused", effect=queued.key, code=why.code, message=why.message)
        tickets.advance(ticket.id, Certified(record))
        effects.done(queued.key, {"tx": record.tx})
        log.info("effect.done", effect=queued.key, tx=record.tx)
        return True

    def _claimed(self, ticket: Ticket) -> CertificateRecord:
        """What the claim came to. An earlier refusal may rest on what the chain took back."""
        if ticket.certificate is not None and ticket.certificate.refusal is None:
            return ticket.certificate
        try:
            return self._certificate(ticket)
        except Recoverable:
            raise
        except EcoError as error:
            return _refused(ticket, error)

    def _certificate(self, ticket: Ticket) -> CertificateRecord:
        if ticket.epoch is None:
            raise NotYet("certificate.not_sealed", "The job is in no epoch yet.", FINALITY_WAIT_S)
        epoch = self._parts.certificates.sealed(ticket.epoch.index)
        if epoch.void:
            raise Conflict(
                "certificate.void_epoch", f"Epoch {epoch.index} was found wrong and stands for nothing."
            )
        if not epoch.final:
            raise NotYet(
                "certificate.not_final", f"Epoch {epoch.index} can still be challenged.", FINALITY_WAIT_S
            )
        summary = _summary_of(ticket, epoch)
        claim, claimed = self._claim(ticket, summary)
        proof = self._parts.prover.prove(claim)
        statement = GreenStatement(summary, epoch.index, _path(summary, epoch), proof)
        tx = self._parts.certificates.certify(statement)
        return CertificateRecord(
            bound=claimed.micrograms,
            of=claimed.of,
            epoch=epoch.index,
            size=proof.size,
            factors="0x" + uint_word(proof.factors).hex(),
            mg_per_kwh=claim.slots.mg_per_kwh,
            seconds=proof.seconds,
            tx=tx,
        )

    def _claim(self, ticket: Ticket, summary: JobSummary) -> tuple[GreenClaim, Bound]:
        held = self._readings(ticket)
        taken = slots(held)
        hidden = salt(self._parts.secret, ticket.job_id)
        if summary.commitment == NO_COMMITMENT or taken is None:
            sentence = "The job's readings are too many or too large for a certificate."
            raise Conflict("certificate.no_commitment", sentence)
        if taken.commitment_word(ticket.job_id, hidden) != summary.commitment:
            sentence = "The job's readings are not those that its epoch commits to."
            raise Conflict("certificate.other_readings", sentence)
        claimed = bound(ticket, held, taken)
        if claimed is None:
            raise Conflict(
                "certificate.no_bound", "Neither a budget nor a baseline says what the job is to stay under."
            )
        return GreenClaim(ticket.job_id, taken, hidden, claimed.micrograms), claimed

    def _readings(self, ticket: Ticket) -> tuple[LedgerReading, ...]:
        file = (ticket.files or {}).get(STATEMENT)
        if file is None:
            return ()
        with self._parts.objects.open(file["key"]) as stored:
            document = json.load(stored)
        return from_wire(StatementInputs, document["inputs"]).readings


def _summary_of(ticket: Ticket, epoch: SealedJobs) -> JobSummary:
    mine = [job for job in epoch.jobs if job.job.lower() == ticket.job_id.lower()]
    if not mine:
        raise NotFound("certificate.not_in_epoch", f"Epoch {epoch.index} does not hold job {ticket.job_id}.")
    return mine[0]


def _path(summary: JobSummary, epoch: SealedJobs) -> tuple[str, ...]:
    leaves = [job.leaf(keccak) for job in epoch.jobs]
    path = keccak_tree.proof(leaves, epoch.jobs.index(summary), keccak)
    return tuple("0x" + sibling.hex() for sibling in path)


def _refused(ticket: Ticket, error: EcoError) -> CertificateRecord:
    index = ticket.epoch.index if ticket.epoch else 0
    return CertificateRecord(0, "", index, refusal=Refusal(error.code, error.message))
