"""What finished jobs really took against what was expected of them: from their tickets alone, so nothing else has to be kept.

A node's benchmark says what work takes at the least; small rounds take several times as much. So what is expected of the next job
is the benchmark times the median multiple that earlier jobs of the same hardware class took.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from backend.domain.decision import Decision, TrainerChoice
from backend.domain.ticket import Status, Ticket
from backend.energy.policies.learned import Outcome
from fl_nodes.protocol.power import millijoules_at, seconds_at

PPM = 1_000_000
RECENT_JOBS = 50


@dataclass(frozen=True, slots=True)
class Past:
    """One trainer's part of a finished job: its hardware class, and how many times the benchmark's energy and time a round took, at
    the level it was placed at."""

    node: str
    hardware: str
    energy_multiple: float
    time_multiple: float
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What is known from earlier jobs, the latest last. `run_times` are whole jobs' seconds over those expected, `handed_out` the
    trainers of each recent job."""

    parts: tuple[Past, ...] = ()
    run_times: tuple[float, ...] = ()
    handed_out: tuple[tuple[str, ...], ...] = ()

    def energy_multiple(self, hardware: str) -> float:
        """The class's median; 1 where it has no history."""
        return _median([p.energy_multiple for p in self.parts if p.hardware == hardware])

    def time_multiple(self, hardware: str) -> float:
        """The class's median; 1 where it has no history."""
        return _median(
            [p.time_multiple for p in self.parts if p.hardware == hardware and p.time_multiple > 0]
        )

    def outcomes(self) -> tuple[Outcome, ...]:
        """For the learned policy."""
        return tuple(Outcome(p.node, p.features, p.energy_multiple) for p in self.parts)

    def recent_ppm(self, node: str) -> int:
        """In which part of the recent jobs it was a trainer, in millionths."""
        if not self.handed_out:
            return 0
        return PPM * sum(node in crew for crew in self.handed_out) // len(self.handed_out)


def history(tickets: Iterable[Ticket]) -> History:
    """Of tickets in any order; those without a decision, from before there were any, say only who worked."""
    known = sorted((t for t in tickets if t.trainers), key=_started)
    parts = tuple(p for t in known if t.rounds and t.decision for p in _parts(t, t.decision))
    runs = [_run_time(t, t.decision) for t in known if t.decision]
    return History(
        parts,
        tuple(r for r in runs if r > 0),
        tuple(t.trainers for t in known[-RECENT_JOBS:]),
    )


def _parts(ticket: Ticket, decision: Decision) -> list[Past]:
    found = []
    for choice in decision.trainers:
        done = [
            u for r in ticket.rounds for u in r.updates if u.get("trainer") == choice.node and "energy" in u
        ]
        energies = [int(u["energy"]["millijoules"]) for u in done]
        if not done or choice.benchmark_millijoules <= 0 or not sum(energies):
            continue
        seconds = [float(u["energy"]["seconds"]) for u in done]
        found.append(
            Past(
                node=choice.node,
                hardware=choice.hardware,
                energy_multiple=_mean(energies) / millijoules_at(choice.benchmark_millijoules, choice.level),
                time_multiple=_time_multiple(_mean(seconds), choice),
                features=tuple(f / PPM for f in choice.features_ppm),
            )
        )
    return found


def _time_multiple(seconds: float, choice: TrainerChoice) -> float:
    expected = seconds_at(choice.benchmark_milliseconds / 1000, choice.level)
    return seconds / expected if expected > 0 else 0.0


def _run_time(ticket: Ticket, decision: Decision) -> float:
    reached = {m.status: m.at for m in ticket.timeline}
    if Status.RUNNING not in reached or Status.SETTLING not in reached or decision.expected_seconds <= 0:
        return 0.0
    return (reached[Status.SETTLING] - reached[Status.RUNNING]) / decision.expected_seconds


def _started(ticket: Ticket) -> float:
    return next((m.at for m in ticket.timeline if m.status is Status.RUNNING), 0.0)


def _median(values: Sequence[float]) -> float:
    return median(values) if values else 1.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
