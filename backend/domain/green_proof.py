"""A proof that a job's readings stay under a bound, and what it says; plain values."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.green import Slots


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
