"""What a trainer's energy claim is worth: held against what its own benchmark says such work costs its machine at least.

A claim below `BELIEVED_PERCENT` of that is not believed and counts, for pay, as the least frugal of the trainers that are
believed, relative to their benchmarks. So nobody gains by a claim that is too good to be true, and nobody is accused: this
lowers pay and never slashes. Exact numbers only; backend and validators compute it alike.

Where at least `PEERS` other trainers of the job have the same hardware, metered in the same way, more can be said. A benchmark
that claims less than `BELIEVED_PERCENT` of the lowest of theirs counts as that lowest one. And a job costs all of them about the
same multiple of what their benchmarks say (small rounds cost several times as much), so a claim has to be within
`BELIEVED_PERCENT` of the median multiple of the others too: of what its own benchmark says or the lowest of theirs, whichever is
more, so that a benchmark and a claim that are both just believable do not multiply.

What is believed may still be too low by as much as that. Where a low figure would earn something by itself, as for credits, `least`
is to be reckoned with: what the class needed, or for who names a class that too few others have, what the others needed for as many
examples. A frugal node then loses its lead over them.

What stays possible: a claim just above the line, an invented class of hardware, and a class of which most agree to lie. Who
agrees on claiming more than is true loses by it, and takes from an honest node no more than its lead over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from statistics import median_low

from fl_nodes.protocol import benchmark
from fl_nodes.protocol.architecture import forward_flops
from fl_nodes.protocol.tasks import Benchmarked, Commitment
from fl_nodes.protocol.verdict_tasks import EnergyBasis

BELIEVED_PERCENT = 40
"""The product's own meter says up to 1.6 times as much for the same work on a busy machine as on an idle one; its band is 40 %."""

PEERS = 2


@dataclass(frozen=True)
class Claim:
    """A trainer's energy over so many rounds of a job: claimed, expected at the least (0 where nothing says so), counted for pay,
    and the `least` to reckon with where less would earn something; all in mJ.
    """

    claimed: int
    expected: int
    counted: int
    plausible: bool
    least: int = 0
    rounds: int = 1

    @property
    def least_of_a_round(self) -> int:
        """The least for one round, rounded up."""
        return -(-self.least // max(self.rounds, 1))


def believed(claimed: int, expected: int) -> bool:
    """Whether a machine that is expected to need this much may have needed so little."""
    return claimed * 100 >= expected * BELIEVED_PERCENT


def claims(work: Mapping[str, Sequence[Commitment]], basis: EnergyBasis | None) -> dict[str, Claim]:
    """Each trainer's claim for the rounds it is paid for; without a basis every claim counts."""
    claimed = {t: sum(c.energy.millijoules for c in mine) for t, mine in work.items()}
    if basis is None:
        return {t: Claim(claimed[t], 0, claimed[t], True, 0, len(work[t])) for t in work}
    expected, among = _expected(work, basis)
    kinds = {t: benchmark.hardware_class(b) for t, b in basis.baselines.items() if expected.get(t, 0) > 0}
    ratios = {t: Fraction(claimed[t], expected[t]) for t in work if expected[t] > 0}
    multiples = {t: _multiple(t, ratios, kinds) for t in work}
    needed = {t: floor(among[t] * multiples[t]) for t in ratios}
    honest = {t for t in ratios if believed(claimed[t], max(expected[t], needed[t]))}
    found = {}
    for trainer in work:
        counted, plausible = claimed[trainer], trainer in honest or trainer not in ratios
        if not plausible:
            alike = [t for t in honest if trainer in kinds and kinds.get(t) == kinds[trainer]]
            least_frugal = max([Fraction(1), *(ratios[t] for t in alike or honest)])
            counted = max(counted, ceil(expected[trainer] * least_frugal), needed[trainer])
        by_others = needed[trainer] if multiples[trainer] else _by_others(trainer, work, claimed)
        least = max(0 if plausible else counted, expected[trainer], by_others)
        rounds = len(work[trainer])
        found[trainer] = Claim(claimed[trainer], expected[trainer], counted, plausible, least, rounds)
    return found


def _multiple(trainer: str, ratios: Mapping[str, Fraction], kinds: Mapping[str, tuple[str, ...]]) -> Fraction:
    """What the job cost others of the class beyond what was expected of them: the median multiple, 0 where too few can say."""
    alike = [
        ratios[t] for t in ratios if t != trainer and trainer in kinds and kinds.get(t) == kinds[trainer]
    ]
    return median_low(alike) if len(alike) >= PEERS else Fraction(0)


def _by_others(trainer: str, work: Mapping[str, Sequence[Commitment]], claimed: Mapping[str, int]) -> int:
    """What the median one of the others claims for as many examples, whatever its hardware; 0 where too few can say."""
    examples = {t: sum(c.examples for c in mine) for t, mine in work.items()}
    rates = [Fraction(claimed[t], examples[t]) for t in work if t != trainer and examples[t] > 0]
    return floor(median_low(rates) * examples[trainer]) if len(rates) >= PEERS else 0


def plausible_benchmark(own: Benchmarked, others: Sequence[Benchmarked]) -> Benchmarked:
    """The benchmark to reckon with: the lowest of at least `PEERS` others of the same class where `own` is too far below it."""
    peers = _peers(own, others)
    if len(peers) < PEERS:
        return own
    lowest = min(peers, key=lambda b: (benchmark.millijoules(b), b.provider))
    return own if believed(benchmark.millijoules(own), benchmark.millijoules(lowest)) else lowest


def _expected(
    work: Mapping[str, Sequence[Commitment]], basis: EnergyBasis
) -> tuple[dict[str, int], dict[str, int]]:
    """What each trainer's work costs at the least: by its own benchmark, without one by the most frugal of the others'. And that,
    or what it costs by the lowest benchmark of at least `PEERS` others of the class where that is more.
    """
    per_example = forward_flops(basis.architecture) * basis.local_epochs
    known = {t: b for t, b in basis.baselines.items() if t in work}
    costs = {
        t: benchmark.cost(plausible_benchmark(b, [o for o in known.values() if o is not b]))
        for t, b in known.items()
    }
    expected, among = {}, {}
    for trainer, mine in work.items():
        steps, flops = sum(c.steps for c in mine), per_example * sum(c.examples for c in mine)
        by = [costs[trainer]] if trainer in costs else costs.values()
        expected[trainer] = min((cost.of(steps, flops) for cost in by), default=0)
        peers = _peers(known[trainer], known.values()) if trainer in known else []
        lowest = min((benchmark.cost(peer).of(steps, flops) for peer in peers), default=0)
        among[trainer] = max(expected[trainer], lowest if len(peers) >= PEERS else 0)
    return expected, among


def _peers(own: Benchmarked, others: Iterable[Benchmarked]) -> list[Benchmarked]:
    """Those of the others that can be held against this one."""
    kind = benchmark.hardware_class(own)
    return [b for b in others if b.provider != own.provider and benchmark.hardware_class(b) == kind]
