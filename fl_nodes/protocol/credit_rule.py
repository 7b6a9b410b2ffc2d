"""How credit claims follow from a job's readings and its baseline (method 1): docs/eco-credits.md.

Whole micrograms, rounded against the credit everywhere. The claims of a job never add up to more than its work emitted less
than the baseline, and more energy used by anyone never gives anyone more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_claim import CreditClaim
from fl_nodes.protocol.reading import KINDS, PPM, SECONDS_PER_HOUR, Keccak, LedgerReading, micrograms

METHOD = 1
LEAST_BAND_PPM = {"measured": 50_000, "modelled": 400_000, "constant": 1_000_000}
"""No reading counts as more certain than its class, whatever it says of itself."""

IntensityBand = Callable[[str, int], int]
"""How far the intensity of a zone in an hour may be off, in millionths."""


def actual_ug(reading: LedgerReading) -> int:
    """What all of a reading's energy emitted at the grid's intensity, its site's own supply included; rounded up."""
    return micrograms(reading.millijoules, reading.intensity)


def least_uncertainty_ug(reading: LedgerReading) -> int:
    """The reading's band, at least its class's, of what it emitted; rounded up."""
    band = max(reading.band_ppm, LEAST_BAND_PPM[reading.kind])
    return -(-actual_ug(reading) * band // PPM)


def claims(
    readings: Sequence[LedgerReading],
    baseline: CreditBaseline,
    started: int,
    chain_ug: int,
    intensity_band_ppm: IntensityBand,
    keccak: Keccak,
    least_millijoules: Mapping[str, int] = MappingProxyType({}),
) -> tuple[CreditClaim, ...]:
    """One claim for each reading of a round, in the readings' order; those that belong to no round (0) are no one's saving, but
    what they emitted lowers the others' claims.

    `least_millijoules` says by node what its work in one round took at the least (`plausibility.Claim.least_of_a_round`): what lies
    between that and a reading below it counts as uncertain, so that a reading which is too low earns nothing by that.

    `chain_ug` is what the chains took for the whole job. None where the job had more rounds of nodes than its baseline says, and
    none for a reading whose hour was over when the work began. ValueError for a reading of another job.
    """
    if strangers := [r.job for r in readings if _bare(r.job) != _bare(baseline.job)]:
        raise ValueError(f"a reading of {strangers[0]} stands among those of {baseline.job}")
    of_rounds = [r for r in readings if r.round > 0]
    if not 0 < len(of_rounds) <= baseline.node_rounds:
        return ()
    chain_share = -(-chain_ug // len(of_rounds))
    digest = "0x" + baseline.digest(keccak).hex()
    nets = []
    for reading in readings:
        uncertainty = _uncertainty_ug(reading, intensity_band_ppm(reading.zone, reading.hour))
        uncertainty += _withheld_ug(reading, least_millijoules.get(reading.node, 0))
        worked = reading.round > 0
        given, chain = (baseline.micrograms, chain_share) if worked else (0, 0)
        nets.append((reading, given - actual_ug(reading) - uncertainty - chain, uncertainty))
    saved = sum(net for _, net, _ in nets if net > 0)
    excess = min(saved, -sum(net for _, net, _ in nets if net < 0))
    return tuple(
        CreditClaim(
            job=reading.job,
            round=reading.round,
            node=reading.node,
            hour=reading.hour,
            zone=reading.zone,
            method=METHOD,
            started=started,
            baseline_ug=baseline.micrograms,
            actual_ug=actual_ug(reading),
            uncertainty_ug=uncertainty,
            chain_ug=chain_share,
            excess_ug=-(-excess * net // saved) if net > 0 else 0,
            baseline=digest,
            reading="0x" + reading.leaf(keccak).hex(),
        )
        for reading, net, uncertainty in nets
        if reading.round > 0 and started < (reading.hour + 1) * SECONDS_PER_HOUR
    )


def unsound(
    claim: CreditClaim, reading: LedgerReading, baseline: CreditBaseline, keccak: Keccak
) -> str | None:
    """What is wrong with a claim about a reading and a baseline, in a few words; None when it takes nothing that it may not.

    What it owes for the intensity's band, the chains and the job's other work is not looked at: it only lowers the claim.
    """
    named = (claim.job, claim.round, claim.node, claim.hour, claim.zone, claim.reading)
    found = (
        reading.job,
        reading.round,
        reading.node,
        reading.hour,
        reading.zone,
        reading.leaf(keccak).hex(),
    )
    if [_bare(each) for each in named] != [_bare(each) for each in found]:
        return "it is not about the reading"
    if claim.method != METHOD or reading.kind not in KINDS:
        return "its method is unknown"
    if _bare(claim.baseline) != baseline.digest(keccak).hex() or claim.baseline_ug != baseline.micrograms:
        return "it is not about the baseline"
    if claim.round == 0 or claim.started >= (claim.hour + 1) * SECONDS_PER_HOUR:
        return "the work was not done after the baseline"
    if claim.actual_ug != actual_ug(reading) or claim.uncertainty_ug < least_uncertainty_ug(reading):
        return "it counts too little against itself"
    return None


def over_claimed(
    made: Sequence[CreditClaim], readings: Sequence[LedgerReading], baseline: CreditBaseline
) -> bool:
    """Whether a job's claims add up to more than its readings emitted less than the baseline."""
    rounds = sum(1 for r in readings if r.round > 0)
    avoided = rounds * baseline.micrograms - sum(actual_ug(r) for r in readings)
    return sum(c.amount_ug for c in made) > max(0, avoided)


def _uncertainty_ug(reading: LedgerReading, intensity_band_ppm: int) -> int:
    """The bands of energy and intensity together, both off the same way; rounded up."""
    band = max(reading.band_ppm, LEAST_BAND_PPM[reading.kind])
    joint = (PPM + band) * (PPM + intensity_band_ppm)
    return -(-actual_ug(reading) * (joint - PPM * PPM) // (PPM * PPM))


def _withheld_ug(reading: LedgerReading, least_millijoules: int) -> int:
    """What the energy would have emitted that a reading of a round is short of; rounded up."""
    if reading.round == 0 or reading.millijoules >= least_millijoules:
        return 0
    return micrograms(least_millijoules, reading.intensity) - actual_ug(reading)


def _bare(value: str | int) -> str | int:
    return value.lower().removeprefix("0x") if isinstance(value, str) else value
