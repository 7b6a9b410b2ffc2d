"""What a trainer's energy claim is worth: held against what its own benchmark says such work costs its machine at least.

A claim below `BELIEVED_PERCENT` of that is not believed and counts, for pay, as the least frugal of the trainers that are
believed, relative to their benchmarks. So nobody gains by a claim that is too good to be true, and nobody is accused: this
lowers pay and never slashes. Exact numbers only; backend and validators compute it alike.

Where at least `PEERS` other trainers of the job have the same hardware, metered in the same way, more can be said. A benchmark
that claims less than `BELIEVED_PERCENT` of the lowest of theirs counts as that lowest one. And a job costs all of them about the
same multiple of what their benchmarks say (small rounds cost several times as much), so a claim has to be within
`BELIEVED_PERCENT` of the median multiple of the others too.

What stays possible: a claim just above the line, an invented class of hardware, and a class of which most agree to lie. Who
agrees on claiming more than is true loses by it, and takes from an honest node no more than its lead over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from statistics import median_low

from fl_nodes.protocol import benchmark
from fl_nodes.protocol.architecture import forward_flops
from fl_nodes.protocol.tasks import Benchmarked, Commitment, EnergyBasis

BELIEVED_PERCENT = 40
"""The product's own meter says up to 1.6 times as much for the same work on a busy machine as on an idle one; its band is 40 %."""

PEERS = 2


@dataclass(frozen=True)
class Claim:
    """A trainer's energy over a job: claimed, expected at the least (0 where nothing says so), and counted for pay; all in mJ."""

    claimed: int
    expected: int
    counted: int
    plausible: bool


def believed(claimed: int, expected: int) -> bool:
    """Whether a machine that is expected to need this much may have needed so little."""
    return claimed * 100 >= expected * BELIEVED_PERCENT


def claims(work: Mapping[str, Sequence[Commitment]], basis: EnergyBasis | None) -> dict[str, Claim]:
    """Each trainer's claim for the rounds it is paid for; without a basis every claim counts."""
    claimed = {t: sum(c.energy.millijoules for c in mine) for t, mine in work.items()}
    if basis is None:
        return {t: Claim(claimed[t], 0, claimed[t], True) for t in work}
    expected = _expected(work, basis)
    kinds = {t: benchmark.hardware_class(b) for t, b in basis.baselines.items() if expected.get(t, 0) > 0}
    ratios = {t: Fraction(claimed[t], expected[t]) for t in work if expected[t] > 0}
    honest = {t for t in ratios if _plausible(t, claimed[t], expected[t], ratios, kinds)}
    found = {}
    for trainer in work:
        counted, plausible = claimed[trainer], trainer in honest or trainer not in ratios
        if not plausible:
            alike = [t for t in honest if trainer in kinds and kinds.get(t) == kinds[trainer]]
            least_frugal = max([Fraction(1), *(ratios[t] for t in alike or honest)])
            counted = max(counted, ceil(expected[trainer] * least_frugal))
        found[trainer] = Claim(claimed[trainer], expected[trainer], counted, plausible)
    return found


def _plausible(
    trainer: str,
    claimed: int,
    expected: int,
    ratios: Mapping[str, Fraction],
    kinds: Mapping[str, tuple[str, ...]],
) -> bool:
    """Not too far below what is expected, nor below what others of the class needed beyond what was expected of them."""
    if not believed(claimed, expected):
        return False
    alike = [
        ratios[t] for t in ratios if t != trainer and trainer in kinds and kinds.get(t) == kinds[trainer]
    ]
    return len(alike) < PEERS or believed(claimed, floor(expected * median_low(alike)))


def plausible_benchmark(own: Benchmarked, others: Sequence[Benchmarked]) -> Benchmarked:
    """The benchmark to reckon with: the lowest of at least `PEERS` others of the same class where `own` is too far below it."""
    peers = [
        b
        for b in others
        if b.provider != own.provider and benchmark.hardware_class(b) == benchmark.hardware_class(own)
    ]
    if len(peers) < PEERS:
        return own
    lowest = min(peers, key=lambda b: (benchmark.millijoules(b), b.provider))
    return own if believed(benchmark.millijoules(own), benchmark.millijoules(lowest)) else lowest


def _expected(work: Mapping[str, Sequence[Commitment]], basis: EnergyBasis) -> dict[str, int]:
    """What each trainer's work costs at the least: by its own benchmark, without one by the most frugal of the others'."""
    per_example = forward_flops(basis.architecture) * basis.local_epochs
    known = {t: b for t, b in basis.baselines.items() if t in work}
    costs = {
        t: benchmark.cost(plausible_benchmark(b, [o for o in known.values() if o is not b]))
        for t, b in known.items()
    }
    expected = {}
    for trainer, mine in work.items():
        steps, flops = sum(c.steps for c in mine), per_example * sum(c.examples for c in mine)
        by = [costs[trainer]] if trainer in costs else costs.values()
        expected[trainer] = min((cost.of(steps, flops) for cost in by), default=0)
    return expected
