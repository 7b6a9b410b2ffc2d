"""`python -m scripts.bench.aggregation` (aggregator's environment): what folding a round's updates costs.

The plain mean beside numpy's of the same arrays, each rule, each of TFF's options, and the aggregator's peak memory against the
number of nodes. Repetitions are interleaved; times are those of the fastest, on the clock and of the processor, which other work on
the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from backend.federated.mean import WeightedMean
from backend.federated.rules import Rule, combine, most_tolerated
from backend.federated.stack import ArrayStack
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.operator_tasks import AggregateTask, PrivacyTerms, WeightedUpdate
from fl_nodes.protocol.tasks import ObjectRef, TaskKind, Upload
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.tensors import weights_to_file

PARTS = ("mean", "rules", "tasks", "peak_memory")
SIZES = (50_000, 1_000_000, 10_000_000)
COUNTS = (4, 16)
MEMORY_COUNTS = (4, 16, 64)
MEMORY_SIZE = 1_000_000
COST_SIZE, COST_COUNT = 1_000_000, 16
GOAL_RATIO = 2.0
GOAL_SIZE = 1_000_000
SHORT_REPETITIONS = 10
FLAT = 1.1
"""Peak memory at 64 nodes, at most so many times that at 4."""
OPTIONS: dict[str, dict[str, Any]] = {
    "mean": {},
    "mean + server momentum": {"server_optimizer": "momentum"},
    "mean + server adam": {"server_optimizer": "adam"},
    "zeroing": {"zeroing": True},
    "clipping": {"clipping": True},
    "zeroing + clipping": {"zeroing": True, "clipping": True},
    "privacy, fixed clip": {"privacy": PrivacyTerms(1.0, 1.0, 1e-5, COST_COUNT)},
    "privacy, adaptive clip": {"privacy": PrivacyTerms(1.0, 1.0, 1e-5, COST_COUNT, adaptive=True)},
    "median": {"rule": "median"},
    "trimmed_mean": {"rule": "trimmed_mean", "tolerated": 3},
    "multi_krum": {"rule": "multi_krum", "tolerated": 3},
    "fltrust": {"rule": "fltrust"},
}
IN_MEMORY = ("mean", "median", "multi_krum", "zeroing + clipping", "privacy, fixed clip")


class Spent(NamedTuple):
    """Fewest seconds on the clock, and of the processor's."""

    seconds: float
    cpu_seconds: float


def main() -> int:
    """Returns the exit status: 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.aggregation", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--repetitions", type=int, default=9, help="of each measurement")
    parser.add_argument("--only", choices=PARTS, help="measure one part")
    parser.add_argument("--peak", nargs=2, metavar=("COUNT", "OPTION"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if options.peak:
        print(_peak(options.folder, int(options.peak[0]), options.peak[1]))
        return 0
    measured: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "numpy": np.__version__}
    }
    with tempfile.TemporaryDirectory(prefix="bench-aggregation-") as folder:
        parts: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
            "mean": lambda: _means(options.repetitions),
            "rules": lambda: _rules(options.repetitions),
            "tasks": lambda: _tasks(Path(folder), options.repetitions),
            "peak_memory": lambda: _memory(Path(folder)),
        }
        for part in [options.only] if options.only else PARTS:
            measured[part] = rows = []
            for row in parts[part]():
                print(part, json.dumps(row), file=sys.stderr, flush=True)
                rows.append(row)
    measured["goals"] = goals = {
        "mean_within_twice_numpy": all(
            row["ratio"] <= GOAL_RATIO for row in measured.get("mean", ()) if row["parameters"] >= GOAL_SIZE
        ),
        "memory_flat": all(row["growth"] <= FLAT for row in measured.get("peak_memory", ())),
    }
    print(json.dumps(measured, indent=2) if options.json else _table(measured))
    return 0 if all(goals.values()) else 1


def _means(repetitions: int) -> Iterator[dict[str, Any]]:
    """Our streaming mean, checks included, beside numpy's two ways of one."""
    for size in SIZES:
        for count in COUNTS:
            rows, weights = _updates(count, size)

            def ours(rows: list[Any] = rows, weights: list[int] = weights, size: int = size) -> Any:
                mean = WeightedMean([(size,)], sum(weights))
                for row, weight in zip(rows, weights, strict=True):
                    mean.add([row], weight)
                return mean.result()

            def numpys(rows: list[Any] = rows, weights: list[int] = weights, size: int = size) -> Any:
                total, mean = sum(weights), np.zeros(size, np.float32)
                for row, weight in zip(rows, weights, strict=True):
                    mean += np.float32(weight / total) * row
                return mean

            def average(rows: list[Any] = rows, weights: list[int] = weights) -> Any:
                return np.average(np.stack(rows), axis=0, weights=weights)

            # What takes milliseconds is repeated until other work on the machine has let one repetition through.
            times = repetitions * (SHORT_REPETITIONS if size <= GOAL_SIZE else 1)
            mine, plain, averaged = _timed((ours, numpys, average), times)
            yield {
                "parameters": size,
                "updates": count,
                **mine._asdict(),
                "numpy_float32": plain._asdict(),
                "numpy_average": averaged._asdict(),
                "ratio": round(mine.seconds / plain.seconds, 2),
                "cpu_ratio": round(mine.cpu_seconds / plain.cpu_seconds, 2),
            }


def _rules(repetitions: int) -> Iterator[dict[str, Any]]:
    """Each rule alone, on arrays in memory."""
    for count in COUNTS:
        rows, weights = _updates(count, COST_SIZE)
        stack = ArrayStack(rows)
        calls = [
            lambda rule=rule, stack=stack, weights=weights, root=rows[0]: combine(
                rule, stack, weights, most_tolerated(rule, stack.count), root
            )
            for rule in Rule
        ]
        for rule, spent in zip(Rule, _timed(calls, repetitions), strict=True):
            yield {"rule": rule.value, "parameters": COST_SIZE, "updates": count, **spent._asdict()}


def _tasks(folder: Path, repetitions: int) -> Iterator[dict[str, Any]]:
    """Whole tasks: read and check the files, fold, step, write the next model. Graphs are built beforehand."""
    calls = [_task(folder, COST_COUNT, changes) for changes in OPTIONS.values()]
    for call in calls:
        call()
    for name, spent in zip(OPTIONS, _timed(calls, repetitions), strict=True):
        yield {"task": name, "parameters": COST_SIZE, "updates": COST_COUNT, **spent._asdict()}


def _memory(folder: Path) -> Iterator[dict[str, Any]]:
    """Peak memory of a fresh process that does one task."""
    _task(folder, max(MEMORY_COUNTS), {})
    for option in IN_MEMORY:
        peaks = {}
        for count in MEMORY_COUNTS:
            command = [sys.executable, "-m", "scripts.bench.aggregation", "--peak", str(count), option]
            done = subprocess.run(
                [*command, "--folder", str(folder)], check=True, capture_output=True, text=True
            )
            peaks[count] = float(done.stdout.split()[-1])
        growth = peaks[max(MEMORY_COUNTS)] / peaks[min(MEMORY_COUNTS)]
        yield {
            "task": option,
            "parameters": MEMORY_SIZE,
            "peak_mib": {str(count): round(peak, 1) for count, peak in peaks.items()},
            "growth": round(growth, 3),
        }


def _peak(folder: Path, count: int, option: str) -> float:
    """Peak resident memory (MiB) of this process after one task."""
    changes = dict(OPTIONS[option])
    if "privacy" in changes:
        changes["privacy"] = PrivacyTerms(1.0, 1.0, 1e-5, count)
    if "tolerated" in changes:
        changes["tolerated"] = most_tolerated(Rule(changes["rule"]), count)
    _task(folder, count, changes)()
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _task(folder: Path, count: int, changes: dict[str, Any]) -> Callable[[], Any]:
    """A task over files in `folder`, which are written where they are missing."""
    from fl_nodes.aggregator.work import AggregatorWork
    from scripts.bench.learning.folder_store import FolderStore

    refs = [_file(folder, i) for i in range(count)]
    values: dict[str, Any] = {
        "job_id": "0x00",
        "round": 1,
        "model": refs[0],
        "updates": tuple(WeightedUpdate(ref, 10 + i) for i, ref in enumerate(refs)),
        "server_optimizer": "sgd",
        "server_learning_rate": 1.0,
        "next_model": Upload(f"file:{folder}/next", "next"),
        "next_state": Upload(f"file:{folder}/state", "state"),
        "root_update": refs[0] if changes.get("rule") == Rule.FLTRUST else None,
    }
    work = AggregatorWork(FolderStore(folder / "cache"), folder)
    call = Call("bench", TaskKind.AGGREGATE, to_wire(AggregateTask(**(values | changes))))
    return lambda: work.aggregate(call)


def _file(folder: Path, index: int) -> ObjectRef:
    path = folder / f"update-{index}.safetensors"
    if not path.is_file():
        row = np.random.default_rng(index).normal(size=(1000, COST_SIZE // 1000)).astype(np.float32)
        path.write_bytes(weights_to_file([row]))
    data = path.read_bytes()
    return ObjectRef(f"file:{path}", sha256_hex(data), len(data))


def _updates(count: int, size: int) -> tuple[list[Any], list[int]]:
    rows = [np.random.default_rng(i).standard_normal(size, np.float32) for i in range(count)]
    return rows, [10 + i for i in range(count)]


def _timed(calls: Any, repetitions: int) -> list[Spent]:
    """What each takes, measured in turns so that a busy machine slows all alike."""
    spent: list[list[tuple[float, float]]] = [[] for _ in calls]
    for _ in range(repetitions):
        for place, call in enumerate(calls):
            began, worked = time.perf_counter(), time.process_time()
            call()
            spent[place].append((time.perf_counter() - began, time.process_time() - worked))
    return [Spent(*(round(min(values), 6) for values in zip(*each, strict=True))) for each in spent]


def _table(measured: dict[str, Any]) -> str:
    lines = []
    for part in PARTS:
        lines.append(f"\n{part}")
        lines += ["  " + "  ".join(f"{k}={v}" for k, v in row.items()) for row in measured.get(part, ())]
    return "\n".join(
        [*lines, "", *(f"{k}: {'met' if v else 'MISSED'}" for k, v in measured["goals"].items())]
    )


if __name__ == "__main__":
    raise SystemExit(main())
