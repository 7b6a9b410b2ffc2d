"""What a green certificate is about: a job's readings as the circuits take them, and the commitments to them.

`contracts/circuits/green_budget.circom` says the same in constraints: grid energy in millijoules times mgCO2e per kWh, added up
exactly. Each reading's own micrograms are rounded up (`reading.micrograms`); here the job's sum is, once, so a bound that the
readings' micrograms keep is always kept here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fl_nodes.protocol.poseidon import FIELD, poseidon
from fl_nodes.protocol.reading import MILLIJOULES_PER_KWH, LedgerReading
from fl_nodes.protocol.words import uint_word

SIZES = (24, 96)
"""How many slots the circuits have."""
ENERGY_BITS = 40
FACTOR_BITS = 21
BOUND_BITS = 50
PER_MICROGRAM = MILLIJOULES_PER_KWH // 1000
"""mJ x mg/kWh in a microgram."""

_ELEMENT_BITS = 252


@dataclass(frozen=True)
class Slots:
    """As many energies (grid, mJ) as factors (mgCO2e per kWh), filled up with zeros to one of SIZES."""

    millijoules: tuple[int, ...]
    mg_per_kwh: tuple[int, ...]

    @property
    def size(self) -> int:
        """One of SIZES."""
        return len(self.millijoules)

    @property
    def micrograms(self) -> int:
        """The least bound that holds, in µgCO2e."""
        total = sum(e * f for e, f in zip(self.millijoules, self.mg_per_kwh, strict=True))
        return -(-total // PER_MICROGRAM)

    @property
    def factors(self) -> int:
        """The commitment to the factors; they are public, so it has no salt."""
        return factors_commitment(self.mg_per_kwh)

    def commitment(self, job: str, salt: int) -> int:
        """To job, energies and factors: `Poseidon(job, salt, energies, factors)`. ValueError for a job that is no hex number."""
        energies = poseidon(_packed(self.millijoules, ENERGY_BITS))
        return poseidon((int(job, 16) % FIELD, salt % FIELD, energies, self.factors))

    def commitment_word(self, job: str, salt: int) -> str:
        """The commitment as `JobSummary` names it: 32 bytes, hex."""
        return "0x" + uint_word(self.commitment(job, salt)).hex()


def slots(readings: Iterable[LedgerReading]) -> Slots | None:
    """A job's readings in the order of round, node and hour; more than the circuits have slots for are added up by factor, which
    changes no sum. None where that is still too many, or a value is too large.
    """
    ordered = sorted(readings, key=lambda r: (r.round, r.node.lower(), r.hour, r.zone))
    pairs = [(r.millijoules, r.intensity) for r in ordered]
    if len(pairs) > SIZES[-1]:
        by_factor: dict[int, int] = {}
        for energy, factor in pairs:
            by_factor[factor] = by_factor.get(factor, 0) + energy
        pairs = [(energy, factor) for factor, energy in by_factor.items()]
    size = next((size for size in SIZES if len(pairs) <= size), None)
    fits = all(0 <= e < 1 << ENERGY_BITS and 0 <= f < 1 << FACTOR_BITS for e, f in pairs)
    if not pairs or size is None or not fits:
        return None
    pairs += [(0, 0)] * (size - len(pairs))
    return Slots(tuple(energy for energy, _ in pairs), tuple(factor for _, factor in pairs))


def factors_commitment(mg_per_kwh: Sequence[int]) -> int:
    """Of published factors in the order of their slots, filled up to one of SIZES; ValueError for too many."""
    size = next((size for size in SIZES if len(mg_per_kwh) <= size), None)
    if size is None:
        raise ValueError(f"{len(mg_per_kwh)} factors are more than a certificate has slots for")
    return poseidon(_packed((*mg_per_kwh, *(0,) * (size - len(mg_per_kwh))), FACTOR_BITS))


def _packed(values: Sequence[int], bits: int) -> list[int]:
    """Several values to a field element, the first one lowest; ValueError for a value of more bits."""
    if any(not 0 <= value < 1 << bits for value in values):
        raise ValueError(f"a value does not fit {bits} bits")
    each = _ELEMENT_BITS // bits
    return [
        sum(value << bits * place for place, value in enumerate(values[at : at + each]))
        for at in range(0, len(values), each)
    ]
