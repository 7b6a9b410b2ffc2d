"""A proof that a job's readings stay under a bound, and what it says; plain values."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.green import Slots
from fl_nodes.protocol.job_summary import JobSummary


@dataclass(frozen=True)
class GreenClaim:
    """What is to be proven: that the readings in `slots`, which a commitment with `salt` binds to `job` (32 bytes, hex), emitted at
    most `bound` µgCO2e. Salt and energies are the prover's secret.
    """

    job: str
    slots: Slots
    salt: int
    bound: int

    @property
    def holds(self) -> bool:
        """Whether it is true."""
        return self.slots.micrograms <= self.bound


@dataclass(frozen=True)
class GreenProof:
    """`points` as the verifier takes them, eight coordinates; `commitment` and `factors` are field elements; `seconds` is what
    witness and proof took.
    """

    size: int
    bound: int
    commitment: int
    factors: int
    points: tuple[int, ...]
    seconds: float


@dataclass(frozen=True)
class SealedJobs:
    """The jobs of an epoch of the energy ledger, in the order of its tree.

    `final`: nobody can challenge it any more. Nothing is ever built on one that is `void`.
    """

    index: int
    jobs: tuple[JobSummary, ...]
    final: bool
    void: bool = False


@dataclass(frozen=True)
class GreenStatement:
    """What is handed to the carbon chain: a proof about a job, the job's summary in an epoch, its path to the root (0x hex)."""

    summary: JobSummary
    epoch: int
    path: tuple[str, ...]
    proof: GreenProof


@dataclass(frozen=True)
class KeptCertificate:
    """What the carbon chain keeps: µgCO2e, the epoch's number, the circuit's size, Unix seconds.

    `factors` commits to the factors, `tx` is the transaction that brought it.
    """

    job: str
    bound: int
    epoch: int
    size: int
    certified_at: int
    factors: int
    tx: str


@dataclass(frozen=True)
class CertificateOnChain:
    """What the carbon chain says of a certificate: what it keeps, the epoch it names, the job's summary in the transaction that
    brought it, and whether the verifier accepts the proof in there for its bound.
    """

    kept: KeptCertificate
    epoch: SealedJobs
    summary: JobSummary
    proven: bool
