"""Policies over the same blocks of the same year."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.energy.simulation.account import Bill, Chain, World, bill
from backend.energy.simulation.engine import run
from backend.energy.simulation.state import State
from scripts.experiments import world as worlds
from scripts.experiments.contestants import AVERAGES, FORECAST, KNOWN, LAST_HOUR, Contestant, Part
from scripts.experiments.honest_setting import Setting
from scripts.experiments.intervals import of_mean
from scripts.experiments.study import Row


@dataclass(frozen=True)
class Block:
    """One policy in one block: its bill, and by task the mean, 95th and 99th percentile of latency in seconds."""

    bill: Bill
    mean_s: float
    p95_s: float
    p99_s: float
    tasks: int
    cpu_s: float


Blocks = Sequence[Block]


class Track:
    """The year of a setting, and what policies do in it."""

    def __init__(self, data: Path, setting: Setting, seed: int, progress: Callable[[str], None]) -> None:
        self._setting, self._seed, self._progress = setting, seed, progress
        self._known = worlds.world(data, setting.year, sized=setting.sized)
        foreseen = worlds.forecast(data, setting.year, self._known, sized=setting.sized)
        self._ahead = {
            KNOWN: self._known,
            FORECAST: foreseen,
            LAST_HOUR: World(np.roll(self._known.site_w, 1, 1), np.roll(self._known.g_per_kwh, 1, 1)),
            AVERAGES: worlds.climatology(self._known),
        }

    def play(self, field: Sequence[Contestant]) -> Mapping[str, Blocks]:
        """Every policy through every block."""
        found = {}
        for contestant in field:
            found[contestant.name] = [self._block(contestant, block) for block in range(self._setting.blocks)]
            last = found[contestant.name]
            rate = sum(b.tasks for b in last) / max(1e-9, sum(b.cpu_s for b in last))
            self._progress(f"  {contestant.name}: {sum(b.tasks for b in last)} tasks, {rate:,.0f} tasks/s")
        return found

    def _block(self, contestant: Contestant, block: int) -> Block:
        setting = self._setting
        tasks, priorities = setting.tasks(self._seed, block, contestant.int8)
        fleet = setting.fleet(contestant.int8)
        first, hours = setting.first_hour(block), tasks.hours + 1
        ahead = {name: seen.part(first, hours) for name, seen in self._ahead.items()}
        state = State(fleet, tasks.hours, contestant.sleeps)
        dispatcher = contestant.make(state, Part(ahead, priorities, setting.within_s))
        began = time.process_time()
        done = run(fleet, tasks, dispatcher, state, contestant.foresight)
        cpu_s = time.process_time() - began
        chain = setting.chain(len(done.latencies)) if contestant.records else Chain()
        p95, p99 = np.percentile(done.latencies, (95, 99))
        return Block(
            bill(fleet, done, self._known.part(first, hours), chain),
            float(done.latencies.mean()), float(p95), float(p99), len(done.latencies), cpu_s,
        )  # fmt: skip


def kwh(blocks: Blocks) -> list[float]:
    """By block."""
    return [b.bill.kwh for b in blocks]


def grams(blocks: Blocks) -> list[float]:
    """By block."""
    return [b.bill.grams for b in blocks]


def row(name: str, blocks: Blocks, days: int) -> Row:
    """A policy's line: a day's energy and carbon with 95 % intervals over blocks, latency, and where its energy went."""
    total = sum(b.bill.kwh for b in blocks)

    def share(part: Callable[[Bill], float]) -> float:
        return 100 * sum(part(b.bill) for b in blocks) / total

    return {
        "policy": name,
        **of_mean([x / days for x in kwh(blocks)]).columns("kWh a day"),
        **of_mean([x / days for x in grams(blocks)]).columns("gCO2 a day"),
        "mean s": float(np.mean([b.mean_s for b in blocks])),
        **of_mean([b.p95_s for b in blocks]).columns("p95 s"),
        "p99 s": float(np.mean([b.p99_s for b in blocks])),
        "renewable %": share(lambda b: b.renewable_kwh),
        "busy %": share(lambda b: b.busy_kwh),
        "idle %": share(lambda b: b.idle_kwh),
        "sleep %": share(lambda b: b.sleep_kwh),
        "chain %": share(lambda b: b.chain_kwh),
        "tasks": sum(b.tasks for b in blocks),
        "tasks a CPU second": round(sum(b.tasks for b in blocks) / max(1e-9, sum(b.cpu_s for b in blocks))),
    }
