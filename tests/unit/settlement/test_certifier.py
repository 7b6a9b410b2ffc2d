"""Sealed jobs get their green certificates, or a reason why there is none; money never waits for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from backend.adapters.memory import MemoryObjects, MemoryTickets
from backend.adapters.memory.certificates import MemoryCertificates
from backend.domain.certificate import salt
from backend.domain.green_proof import GreenClaim, GreenProof, SealedJobs
from backend.domain.spec import JobSpec
from backend.domain.ticket import Sealed, Status, Ticket
from backend.errors import Conflict, EcoError, NotYet, Recoverable
from backend.settlement.certifier import Certifier, CertifierParts
from fl_nodes.protocol.green import slots
from fl_nodes.protocol.job_summary import NO_COMMITMENT, JobSummary, summary
from fl_nodes.protocol.reading import LedgerReading
from tests.support.clock import ManualClock
from tests.support.jobs import quoted_ticket, settle_verdict
from tests.support.readings import readings, with_statement

SECRET = b"server secret"
CUSTOMER = "0x00000000000000000000000000000000000000C1"
TRAINERS = tuple(f"0x00000000000000000000000000000000000000A{n}" for n in range(1, 5))
EPOCH = 2
STRANGER = JobSummary("0x" + "77" * 32, 1, 1, 1)


class FakeProver:
    """Proves what holds, in no time; first raises what it is told to."""

    def __init__(self) -> None:
        self.trouble: list[EcoError] = []
        self.claims: list[GreenClaim] = []

    def prove(self, claim: GreenClaim) -> GreenProof:
        if self.trouble:
            raise self.trouble.pop(0)
        self.claims.append(claim)
        if not claim.holds:
            raise Conflict("certificate.over_bound", "It does not hold.")
        commitment = claim.slots.commitment(claim.job, claim.salt)
        return GreenProof(claim.slots.size, claim.bound, commitment, claim.slots.factors, (1,) * 8, 0.5)


@dataclass
class World:
    """A settled job of four readings of 2 kJ, with an energy budget, about to be sealed with a stranger's."""

    budget_joules: int = 9_000
    clock: ManualClock = field(default_factory=ManualClock)
    forks: int = 0

    def __post_init__(self) -> None:
        self.tickets = MemoryTickets(self.clock)
        self.objects = MemoryObjects()
        self.certificates, self.prover = MemoryCertificates(), FakeProver()
        self.effects = self.tickets.effects
        parts = CertifierParts(
            self.certificates, self.prover, self.tickets, self.effects, self.objects, SECRET
        )
        self.certifier = Certifier(parts, self.follow)
        spec = JobSpec(energy_budget_joules=self.budget_joules)
        quoted = replace(quoted_ticket("t_1", CUSTOMER, 1_000), spec=spec)
        self.readings = readings(quoted.job_id)
        settled = replace(quoted, status=Status.SETTLED, verdict=settle_verdict(TRAINERS))
        self.tickets.add(with_statement(settled, self.objects, self.readings))

    def follow(self) -> bool:
        """Whether the chain held what it held, as it does but for the first `forks` times."""
        self.forks -= 1
        return self.forks < 0

    def seal(self, *, final: bool = True, void: bool = False, commitment: str | None = None) -> None:
        """The job stands in an epoch, as the chain and the ticket have it."""
        ticket = self.ticket
        committed = self.commitment(self.readings) if commitment is None else commitment
        mine = summary(ticket.job_id, self.readings, committed)
        self.certificates.epochs[EPOCH] = SealedJobs(EPOCH, (STRANGER, mine), final, void)
        self.tickets.advance("t_1", Sealed(EPOCH, "0x" + "aa" * 32, "0x" + "bb" * 32))

    def commitment(self, of: tuple[LedgerReading, ...]) -> str:
        """As the epoch's maker computes it."""
        taken = slots(of)
        assert taken is not None
        return taken.commitment_word(self.ticket.job_id, salt(SECRET, self.ticket.job_id))

    @property
    def ticket(self) -> Ticket:
        """As it is stored."""
        return self.tickets.get("t_1")

    @property
    def state(self) -> str | None:
        """What became of the effect."""
        return self.effects.state("t_1/certify")

    @property
    def refusal(self) -> str | None:
        """The code by which there is no certificate."""
        record = self.ticket.certificate
        return record.refusal.code if record and record.refusal else None


@pytest.fixture
def world() -> World:
    return World()


def test_run_once__sealed_job_within_its_budget__certificate_on_chain_and_ticket(world: World) -> None:
    world.seal()

    assert world.certifier.run_once() == 1
    record, kept = world.ticket.certificate, world.certificates.find(world.ticket.job_id)
    assert record is not None
    assert kept is not None
    assert (record.tx, record.bound, record.epoch, record.of) == (kept.tx, kept.bound, EPOCH, "budget")
    assert record.mg_per_kwh[:5] == (100_000, 100_001, 100_002, 100_003, 0)
    assert record.refusal is None
    assert world.state == "done"


def test_run_once__again_and_after_a_crash_before_the_ticket_knew__one_certificate(world: World) -> None:
    world.seal()
    record = world.certifier._certificate(world.ticket)
    world.certifier.run_once()

    assert world.ticket.certificate == record
    assert world.certifier.run_once() == 0
    assert len(world.certificates.kept) == 1


def test_run_once__epoch_can_still_be_challenged__waits(world: World) -> None:
    world.seal(final=False)
    world.certifier.run_once()
    assert (world.ticket.certificate, world.state) == (None, "open")

    world.certificates.epochs[EPOCH] = replace(world.certificates.epochs[EPOCH], final=True)
    world.clock.advance(60)
    world.certifier.run_once()
    assert world.state == "done"


@pytest.mark.parametrize(
    "trouble",
    [Recoverable("certificate.prover", "It failed."), NotYet("certificate.proving", "It works.", 0.5)],
)
def test_run_once__prover_fails_or_still_works__tried_again(world: World, trouble: EcoError) -> None:
    world.prover.trouble.append(trouble)
    world.seal()
    world.certifier.run_once()
    assert (world.ticket.certificate, world.state) == (None, "open")

    world.clock.advance(60)
    world.certifier.run_once()
    assert world.ticket.certificate is not None
    assert world.refusal is None


def test_run_once__more_energy_than_the_budget__no_certificate_and_the_ticket_says_so() -> None:
    world = World(budget_joules=7_999)
    world.seal()
    world.certifier.run_once()

    assert (world.refusal, world.state) == ("certificate.over_bound", "done")
    assert not world.certificates.kept


def test_run_once__energy_of_just_the_budget__certificate() -> None:
    world = World(budget_joules=8_001)
    world.seal()
    world.certifier.run_once()

    assert world.refusal is None
    assert world.prover.claims[0].holds


def test_run_once__epoch_was_found_wrong__no_certificate(world: World) -> None:
    world.seal(final=False, void=True)
    world.certifier.run_once()

    assert world.refusal == "certificate.void_epoch"


def test_run_once__epoch_commits_to_other_readings_or_none__no_certificate(world: World) -> None:
    world.seal(commitment=world.commitment(readings(world.ticket.job_id, millijoules=1)))
    world.certifier.run_once()
    assert world.refusal == "certificate.other_readings"

    without = World()
    without.seal(commitment=NO_COMMITMENT)
    without.certifier.run_once()
    assert without.refusal == "certificate.no_commitment"


def test_run_once__the_chain_refuses__no_certificate(world: World) -> None:
    world.seal()
    world.certificates.epochs[EPOCH] = replace(world.certificates.epochs[EPOCH], jobs=(STRANGER, STRANGER))
    world.certifier.run_once()

    assert world.refusal == "certificate.not_in_epoch"


def test_sealed__nothing_to_stay_under_or_not_settled__no_effect() -> None:
    world = World(budget_joules=0)
    world.seal()
    assert world.state is None


def test_run_once__chain_takes_blocks_back_meanwhile__neither_done_nor_on_the_ticket(world: World) -> None:
    world.seal()
    world.forks = 1
    assert world.certifier.run_once() == 0
    assert (world.ticket.certificate, world.state) == (None, "open")

    world.clock.advance(60)
    assert world.certifier.run_once() == 1
    assert world.ticket.certificate is not None


def test_run_once__refused_on_blocks_that_the_chain_takes_back__no_refusal_stays(world: World) -> None:
    world.seal()
    epoch = world.certificates.epochs.pop(EPOCH)
    world.forks = 1
    world.certifier.run_once()
    assert (world.ticket.certificate, world.state) == (None, "open")

    world.certificates.epochs[EPOCH] = epoch
    world.clock.advance(60)
    world.certifier.run_once()
    assert world.ticket.certificate is not None
    assert world.refusal is None


def test_run_once__opened_again_after_a_refusal__the_claim_is_looked_at_again(world: World) -> None:
    world.seal()
    epoch = world.certificates.epochs.pop(EPOCH)
    world.certifier.run_once()
    assert world.refusal == "ledger.no_epoch"

    world.certificates.epochs[EPOCH] = epoch
    world.effects.redo(["Certify"], 0.0)
    world.certifier.run_once()
    assert (world.refusal, world.state) == (None, "done")
    assert world.certificates.find(world.ticket.job_id) is not None
