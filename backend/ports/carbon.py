"""The carbon chain, and what grids emit."""

from __future__ import annotations

from typing import Protocol

from backend.domain.credits import Certificate, Holding
from backend.domain.effects import Effect
from backend.domain.green_proof import (
    CertificateOnChain,
    GreenClaim,
    GreenProof,
    GreenStatement,
    KeptCertificate,
    SealedJobs,
)
from backend.domain.intensity import Intensity
from backend.domain.ledger_effects import LedgerEffect
from backend.domain.publication import Publication
from backend.domain.stake import LedgerHead, Sealing, Stakes
from backend.domain.ticket import Ticket
from backend.ports.market import ChainEvent
from fl_nodes.protocol.ledger_epoch import SealedEpoch


class StakesAt(Protocol):
    """The market chain's stake, block by block."""

    def stakes(self, block: int | None = None) -> Stakes:
        """At a block, else at the newest confirmed one."""


class Ledger(Protocol):
    """The energy ledger on the carbon chain."""

    chain_id: int
    address: str

    def head(self) -> LedgerHead:
        """Where it stands now."""

    def epoch(self, index: int) -> SealedEpoch:
        """A sealed epoch; NotFound `ledger.no_epoch`."""

    def sealing(self, index: int) -> Sealing:
        """How an epoch was sealed; NotFound `ledger.no_epoch`, also where the chain's events do not reach back so far."""

    def holds(self, job_id: str) -> bool:
        """Whether a job stands in an epoch."""

    def is_final(self, index: int) -> bool:
        """Whether anything may be built on an epoch: its challenge window is over, and no challenge holds it up."""

    def write(self, effect: LedgerEffect) -> str:
        """Do it exactly once; the transaction's hash. Recoverable, Conflict as `MarketChain.carry_out`."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Its events from `from_block` on, in order, and the next block to ask for."""

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable where there is no such block."""


class CarbonChain(Protocol):
    """The carbon chain, for what a ticket has done there."""

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """As `MarketChain.carry_out`, for the effects of the carbon chain."""


class Credits(Protocol):
    """The Eco Credits on the carbon chain, as anybody can read them."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Their events from `from_block` on, in order, and the next block to ask for."""

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable where there is no such block."""

    def stands(self, tx: str) -> bool:
        """Whether the chain holds a transaction, now."""

    def holdings(self, account: str) -> tuple[Holding, ...]:
        """What an account holds, by month and zone; empty for whoever never had any."""

    def certificates(self, account: str | None = None) -> tuple[Certificate, ...]:
        """What was retired, by an account or by all, oldest first."""

    def certificate(self, number: int) -> Certificate:
        """One retirement; NotFound `credits.no_certificate`."""


class Intensities(Protocol):
    """What grids emit, by zone and hour."""

    def knows(self, zone: str) -> bool:
        """Whether figures for `zone` are its own or its country's; asks nobody outside."""

    def at(self, zone: str, when: float) -> Intensity:
        """The best figure known for `zone` (`ES`, `US-CAL-CISO`, `DE`, ...) at `when`; where the zone is unknown the world's
        average, whose `source` and `zone` (`domain.intensity.WORLD`) say so.
        """

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...]:
        """What is expected for the hour of `when` and the following ones, `hours` in all, from what was known at `when`."""


class Publications(Protocol):
    """Trainings that were published on the carbon chain."""

    def find(self, dataset_sha256: str, recipe_sha256: str) -> tuple[Publication, ...]:
        """Those of this recipe on this dataset (hex), oldest first. Recoverable when the chain cannot be asked."""


class Prover(Protocol):
    """Zero-knowledge proofs about jobs' readings."""

    def prove(self, claim: GreenClaim) -> GreenProof:
        """A proof of the claim; Conflict `certificate.over_bound` where it is not true, NotYet while it is being made, Recoverable
        `certificate.prover` when the prover failed, Unrecoverable `certificate.no_keys`.
        """


class Certificates(Protocol):
    """Green certificates on the carbon chain."""

    def sealed(self, index: int) -> SealedJobs:
        """The jobs of an epoch of the energy ledger, and whether anything may be built on it; NotFound `ledger.no_epoch`."""

    def certify(self, statement: GreenStatement) -> str:
        """Have a proof checked and kept, once; the transaction's hash, also where it was done before. Recoverable, Conflict as
        `MarketChain.carry_out`.
        """

    def find(self, job_id: str) -> KeptCertificate | None:
        """What the chain keeps for a job."""

    def about(self, job_id: str) -> CertificateOnChain | None:
        """All that can be checked of a job's certificate, read now; None where there is none."""
