"""The honest track's policies by name: each makes a dispatcher for one block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from backend.energy.policies.carbon_greedy import CarbonGreedy
from backend.energy.policies.weighted import Weighted
from backend.energy.scheduling import Policy
from backend.energy.simulation.account import World
from backend.energy.simulation.dispatchers import Pinned, RoundRobin, SourceScore
from backend.energy.simulation.engine import Dispatcher
from backend.energy.simulation.packed import Packed, Rules
from backend.energy.simulation.policy_rank import Ahead, PolicyRank
from backend.energy.simulation.state import State
from fl_nodes.protocol.power import FULL, LEVELS_PPM

ALL_LEVELS = tuple(range(len(LEVELS_PPM)))
WIND_NODE, PINNED_LEVEL = 1, 3
PATIENCE_S = 1.0
SWITCH_SHARE = 0.9
RULES = Rules(PATIENCE_S)
KNOWN, FORECAST, LAST_HOUR, AVERAGES = "known", "forecast", "last hour", "averages"


@dataclass(frozen=True)
class Part:
    """A block as a dispatcher may know it: what is known of each hour by kind of foresight, and the tasks' priorities."""

    ahead: dict[str, World]
    priorities: Sequence[float]
    within_s: float


@dataclass(frozen=True)
class Contestant:
    """`make` gives the dispatcher for a state. `sleeps`: nodes fall asleep when they have idled for their break-even time,
    where the dispatcher does not say otherwise. `foresight` is the oracle's. `records`: its tasks are recorded on the chain.
    """

    name: str
    make: Callable[[State, Part], Dispatcher]
    sleeps: bool = False
    int8: bool = False
    records: bool = False
    foresight: bool = False


def source(state: State, part: Part) -> Dispatcher:
    """The source's score; it sees what each site yields in this hour."""
    return SourceScore(state, part.ahead[KNOWN].site_w.tolist(), part.priorities)


def sleeping_source(seconds: float) -> Callable[[State, Part], Dispatcher]:
    """The source's score where nodes sleep after so many seconds of idling."""

    def make(state: State, part: Part) -> Dispatcher:
        state.sleep_after[:] = [seconds] * len(state.fleet)
        state.sleep_at[:] = state.sleep_after
        return source(state, part)

    return make


@dataclass(frozen=True)
class Ours:
    """Our policy and what can be switched off in it."""

    policy: Callable[[], Policy] = CarbonGreedy
    foresees: str = FORECAST
    levels: tuple[int, ...] = ALL_LEVELS
    rules: Rules = RULES
    switch_share: float = SWITCH_SHARE
    within_s: float | None = None

    def __call__(self, state: State, part: Part) -> Dispatcher:
        """For one block."""
        seen = part.ahead[self.foresees]
        ahead = Ahead(seen.site_w.tolist(), seen.g_per_kwh.tolist())
        within_s = part.within_s if self.within_s is None else self.within_s
        rank = PolicyRank(state.fleet, self.policy(), ahead, within_s, self.levels, self.switch_share)
        return Packed(state, rank, self.rules)


OURS = Ours()
BY_BREAK_EVEN = Rules(0.0, watches=False, shuts=False)

STANDARD = Contestant("Standard", lambda state, _: RoundRobin(len(state.fleet)))
SOURCE_SLEEP = Contestant("source's score + sleep", source, sleeps=True, int8=True, records=True)
OURS_NAMED = Contestant("ours", OURS, sleeps=True, int8=True, records=True)

ORACLE = "oracle"
WAITING = "ours, where tasks may wait {:.0f} s"
WAITS_S = (10.0, 25.0)
PATIENT = WAITING.format(WAITS_S[-1])

FIELD = (
    STANDARD,
    replace(STANDARD, name="Standard + INT8", int8=True),
    Contestant("pinned to the wind node", lambda *_: Pinned(WIND_NODE, PINNED_LEVEL), int8=True),
    Contestant("source's score", source, int8=True, records=True),
    SOURCE_SLEEP,
    Contestant("source's score + sleep after 60 s", sleeping_source(60.0), sleeps=True, int8=True, records=True),
    Contestant("source's score + sleep at once", sleeping_source(0.0), sleeps=True, int8=True, records=True),
    Contestant(
        "carbon-greedy: packing + sleep", Ours(foresees=LAST_HOUR, levels=(FULL,), rules=BY_BREAK_EVEN, switch_share=1.0),
        sleeps=True, int8=True, records=True,
    ),
    Contestant("weighted, as the dispatcher has it", Ours(policy=Weighted), sleeps=True, int8=True, records=True),
    OURS_NAMED,
    replace(OURS_NAMED, name="ours, seeing this hour as the source does", make=replace(OURS, foresees=KNOWN)),
    *(
        Contestant(
            WAITING.format(seconds), Ours(rules=Rules(PATIENCE_S, hold_s=seconds)),
            sleeps=True, int8=True, records=True,
        )
        for seconds in WAITS_S
    ),
    Contestant(ORACLE, Ours(foresees=KNOWN), sleeps=True, int8=True, records=True, foresight=True),
)  # fmt: skip
