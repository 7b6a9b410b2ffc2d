"""Which nodes train a job, when and how hard: the scheduling policy's choice among the trainers that are there, as a decision.

Safe before it is clever: only nodes that are online, in good standing and not accused; busy ones and those that had more than
their part of the recent jobs only where there are not enough others; and in time for the deadline, whatever the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import median

from backend.dispatch.candidates import Candidate, candidates
from backend.domain.decision import Alternative, Decision, TrainerChoice
from backend.domain.node import Node
from backend.domain.ticket import Ticket
from backend.energy.compression import recommended
from backend.energy.counterfactual import Candidate as Counted
from backend.energy.counterfactual import counterfactual
from backend.energy.history import History, history
from backend.energy.objectives import mean_mg_per_kwh, net_mg_per_kwh, starts_at
from backend.energy.policies.carbon_greedy import CarbonGreedy
from backend.energy.policies.learned import ENOUGH, Learned
from backend.energy.policies.pareto import Pareto
from backend.energy.policies.standard import Standard
from backend.energy.policies.weighted import Weighted
from backend.energy.scheduling import PPM, Placement, Policy, Schedule, Work
from backend.energy.shifting import Start, best_start, reserve_for
from backend.ports import Intensities, Objects
from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.reading import micrograms
from fl_nodes.protocol.tasks import Role

MINIMUM_VALIDATORS = 2

DEFAULT_POLICY = "weighted"

OVERHEAD_SECONDS = 5.0
"""Of a round beside the training, where earlier jobs do not say: checking, folding, handing out."""

BEFORE_AND_AFTER_SECONDS = 60.0
"""From the assignment to the first round and from the last one to the verdict on chain."""

MISSES_PPM = 1_000
"""Of jobs that wait, so many may take longer than the reserve that is kept for them."""

LEAST_GAIN_PPM = 20_000
"""A later start has to be expected to save as much."""

MOST_OF_PART = 2
"""Nodes that were in more than so many times their part of the recent jobs give way to others."""


def select_policy(name: str, past: History) -> Policy:
    """The policy of the setting ECODML_SCHEDULER."""
    known: Mapping[str, Policy] = {
        "weighted": Weighted(),
        "pareto": Pareto(),
        "carbon": CarbonGreedy(),
        "standard": Standard(),
    }
    return known[name] if name in known else Learned(past.outcomes())


@dataclass(frozen=True)
class Scheduler:
    """Decides with the policy of the setting on what objects and grids are known to be."""

    policy: str
    objects: Objects
    intensities: Intensities

    def decide(
        self, ticket: Ticket, nodes: Sequence[Node], finished: Sequence[Ticket], attempt: int, at: float
    ) -> Decision | None:
        """What becomes of a QUEUED ticket at `at`; None while too few trainers or validators are there. `finished` are earlier
        tickets, for what they took; each `attempt` breaks ties anew.
        """
        wanted = ticket.spec.trainers
        if not enough_nodes(nodes, wanted):
            return None
        past = history(finished)
        learned = self.policy == "learned" and len(past.outcomes()) >= ENOUGH
        trainers = _available(nodes, Role.TRAINER)
        there = candidates(ticket, trainers, past, self.objects, self.intensities, at, learned)
        eligible, set_aside = _eligible(there, wanted, past)
        work = Work(
            wanted=wanted,
            rounds=ticket.spec.rounds,
            at=at,
            latest_end=_latest_end(ticket, finished),
            may_wait=ticket.spec.flexible_start,
            seed=derive_seed(ticket.spec.seed, attempt),
        )
        policy, states = select_policy(self.policy, past), [c.state for c in eligible]
        by_node = {c.node.provider: c for c in there}
        schedule = policy.choose(work, states)
        if schedule is None:
            return None
        run = _expected_seconds(schedule.placements, ticket, finished)
        start = _start(ticket, schedule.placements, by_node, past, run, at)
        if work.may_wait and start.at <= at:
            # A crew for a later hour is not the one for this.
            schedule = policy.choose(replace(work, may_wait=False), states) or schedule
            run = _expected_seconds(schedule.placements, ticket, finished)
        crew = [by_node[p.node] for p in schedule.placements]
        taken = {p.node for p in schedule.placements}
        form = recommended(ticket.spec.model, finished)
        sleepers = [n for n in trainers if n.rest_until > at and n.provider not in taken]
        return Decision(
            policy=schedule.policy,
            at=int(at),
            start_at=int(start.at),
            again_at=int(start.again_at),
            trainers=tuple(_chosen(p, by_node[p.node], work, schedule) for p in schedule.placements),
            baseline=counterfactual(_counted(there, past)),
            rounds=ticket.spec.rounds,
            asked=ticket.spec.asked,
            expected_seconds=ceil(run),
            reasons=(*schedule.reasons, *_when(ticket, start, at), *_levels(crew)),
            passed_over={**schedule.passed_over, **set_aside},
            compressed=schedule.compressed,
            compression=form.why,
            form=form.form,
            sleepers=tuple(n.provider for n in sleepers),
            sleep_until=int(max((n.rest_until for n in sleepers), default=0)),
            front=tuple(
                Alternative(t.millijoules, t.micrograms, round(t.seconds * 1000)) for t in schedule.front
            ),
        )


def _start(
    ticket: Ticket,
    placements: Sequence[Placement],
    by_node: Mapping[str, Candidate],
    past: History,
    run: float,
    at: float,
) -> Start:
    """When the crew emits least inside the deadline, each hour's intensities weighed by what its nodes use."""
    if not ticket.spec.flexible_start:
        return Start(at, at, 0, 0, "", at)
    weights = [(by_node[p.node], max(1, p.millijoules)) for p in placements]
    total = sum(weight for _, weight in weights)
    expected = [
        sum(weight * net_mg_per_kwh(c.state, hour) for c, weight in weights) / total
        for hour in range(min(len(c.grid) for c, _ in weights))
    ]
    return best_start(
        expected,
        now=at,
        seconds=run,
        deadline=float(ticket.deadline),
        reserve_ppm=reserve_for(past.run_times, MISSES_PPM),
        least_gain_ppm=LEAST_GAIN_PPM,
    )


def enough_nodes(nodes: Sequence[Node], wanted: int) -> bool:
    """Whether a job with so many trainers can start at all."""
    trainers, validators = (_available(nodes, role) for role in (Role.TRAINER, Role.VALIDATOR))
    return len(trainers) >= wanted and len(validators) >= MINIMUM_VALIDATORS


def _available(nodes: Sequence[Node], role: Role) -> list[Node]:
    return [n for n in nodes if n.available and n.role == role]


def _eligible(
    there: Sequence[Candidate], wanted: int, past: History
) -> tuple[list[Candidate], dict[str, str]]:
    """Who is chosen among, and why the others are not: free nodes, and of them those that did not have their part already."""
    aside: dict[str, str] = {}
    free = [c for c in there if not c.node.assigned_jobs]
    if len(free) >= wanted:
        aside |= {
            c.node.provider: "It works on another job, and enough others are free."
            for c in there
            if c.node.assigned_jobs
        }
    else:
        free = list(there)
    part = PPM * wanted // max(1, len(free))
    fresh = [c for c in free if past.recent_ppm(c.node.provider) <= MOST_OF_PART * part]
    if len(fresh) < wanted:
        return free, aside
    aside |= {
        c.node.provider: f"It was in {c.state.recent_ppm // 10_000} % of the recent jobs, over {MOST_OF_PART} times its part."
        for c in free
        if c not in fresh
    }
    return fresh, aside


def _counted(there: Sequence[Candidate], past: History) -> list[Counted]:
    """For the baseline: what earlier jobs took is always in it, and no waiting for other jobs. A trainer without a benchmark counts
    as the most frugal of the others, on its own grid; where no benchmark is known nothing counts.
    """
    known = {
        c.node.provider: (
            round(c.benchmark_millijoules * past.energy_multiple(c.hardware)),
            c.benchmark_milliseconds / 1000 * past.time_multiple(c.hardware),
        )
        for c in there
        if c.known
    }
    if not known:
        return []
    least = min(known.values())
    return [Counted(*known.get(c.node.provider, least), c.grid[0].mg_per_kwh) for c in there]


def _chosen(placement: Placement, candidate: Candidate, work: Work, schedule: Schedule) -> TrainerChoice:
    """A placement with where its figures come from. Its emissions are the grid's alone: a site's supply is a claim."""
    run = work.rounds * max(p.seconds for p in schedule.placements)
    on_grid = replace(candidate.state, site_ppm=(0,))
    mean_grid = mean_mg_per_kwh(on_grid, work.at, starts_at(work, schedule.wait_hours), run)
    site_ppm = PPM - PPM * placement.mg_per_kwh // mean_grid if mean_grid else 0
    return TrainerChoice(
        node=placement.node,
        level=placement.level,
        power=candidate.power,
        zone=candidate.grid[0].zone,
        mg_per_kwh=mean_grid,
        intensity_source=candidate.grid[0].source,
        site_ppm=max(0, site_ppm),
        milliseconds=round(placement.seconds * 1000),
        millijoules=placement.millijoules,
        micrograms=micrograms(placement.millijoules, mean_grid),
        scores_ppm={name: round(value * PPM) for name, value in placement.scores.items()},
        hardware=candidate.hardware,
        benchmark_milliseconds=candidate.benchmark_milliseconds,
        benchmark_millijoules=candidate.benchmark_millijoules,
        features_ppm=tuple(round(f * PPM) for f in candidate.state.features),
    )


def _expected_seconds(placements: Sequence[Placement], ticket: Ticket, finished: Sequence[Ticket]) -> float:
    """The whole job: its rounds with what is done around them, and what comes before and after."""
    training = max(p.seconds for p in placements)
    return BEFORE_AND_AFTER_SECONDS + ticket.spec.rounds * (training + _overhead(finished))


def _overhead(finished: Sequence[Ticket]) -> float:
    beside = [r.seconds - r.training_seconds for t in finished for r in t.rounds if r.training_seconds > 0]
    return max(0.0, median(beside)) if beside else OVERHEAD_SECONDS


def _latest_end(ticket: Ticket, finished: Sequence[Ticket]) -> float:
    """When the training itself has to be done."""
    return ticket.deadline - BEFORE_AND_AFTER_SECONDS - ticket.spec.rounds * _overhead(finished)


def _when(ticket: Ticket, start: Start, at: float) -> tuple[str, ...]:
    if not ticket.spec.flexible_start:
        return ("It starts at once: the customer did not ask for a flexible start.",)
    if start.at <= at:
        return (f"It starts at once. {start.sentence}",)
    saved = start.saving_ppm / 10_000
    hours = (start.at - at) / 3600
    return (f"It waits {hours:.1f} hours. {start.sentence} That should emit {saved:.0f} % less.",)


def _levels(crew: Sequence[Candidate]) -> tuple[str, ...]:
    fixed = sum(not c.power for c in crew)
    return (
        (f"{fixed} of {len(crew)} run at full speed, for their machines' power cannot be set.",)
        if fixed
        else ()
    )
