"""What predicting with each form of a model takes, on this machine, in the interpreter that runs the `.tflite` file.

All forms run in TensorFlow Lite on one thread, the original and the pruned one as float32 files of their own, so that what differs
is the form and not the runtime. Windows of the forms take turns: a machine that gets busier meanwhile does so for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from fl_nodes.evaluator.int8 import interpreter_of
from fl_nodes.meter.choice import summed
from fl_nodes.meter.port import Count, Counter
from fl_nodes.protocol.inference import InferenceEnergy
from fl_nodes.training.tensors import Array

BATCH_ROWS = 32
WINDOWS = 7
T_95 = 2.447
"""Student's t for 95 % and six degrees of freedom: of as many windows."""

RUNTIME = "TensorFlow Lite, 1 thread"
ORIGINAL = "float32"


@dataclass(frozen=True)
class Predictor:
    """A `.tflite` file ready to predict batches of `rows` [n, *input_shape], one call each."""

    interpreter: Any
    given: int
    made: int
    rows: Array

    @classmethod
    def of(cls, tflite: bytes, rows: Array) -> Predictor:
        """Ready for batches of that many rows."""
        interpreter = interpreter_of(tflite)
        given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        interpreter.resize_tensor_input(given["index"], rows.shape)
        interpreter.allocate_tensors()
        return cls(interpreter, given["index"], made["index"], rows)

    def __call__(self) -> int:
        """Predict them all; how many."""
        self.interpreter.set_tensor(self.given, self.rows)
        self.interpreter.invoke()
        self.interpreter.get_tensor(self.made)
        return len(self.rows)


def measured(
    forms: Mapping[str, Callable[[], int]],
    counters: Sequence[Counter],
    seconds: float,
    batch: int = BATCH_ROWS,
) -> dict[str, InferenceEnergy]:
    """By form, the energy of its predictions; each is metered for about `seconds`, in `WINDOWS` windows that take turns.

    Ratios to the form `ORIGINAL` are of windows side by side. Their band is a 95 % interval of the mean: what the meter gets wrong
    alike in both is not in it.
    """
    calls = {name: _calls(predict, seconds / WINDOWS) for name, predict in forms.items()}
    counts: dict[str, list[tuple[int, Count]]] = {name: [] for name in forms}
    for turn in range(WINDOWS):
        names = list(forms)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            counts[name].append(_window(forms[name], calls[name], counters))
    costs = {name: [c.joules / n for n, c in mine] for name, mine in counts.items()}
    found = {}
    for name, mine in counts.items():
        ratios = [a / b for a, b in zip(costs[name], costs[ORIGINAL], strict=True) if b > 0] or [1.0]
        whole = summed([count for _, count in mine])
        predictions = sum(n for n, _ in mine)
        found[name] = InferenceEnergy(
            microjoules_per_1000=round(sum(c.joules for _, c in mine) / predictions * 1e9),
            kind=whole.kind,
            band_ppm=whole.band_ppm,
            method=mine[0][1].method,
            microseconds_per_1000=round(sum(c.seconds for _, c in mine) / predictions * 1e9),
            predictions=predictions,
            batch=batch,
            runtime=RUNTIME,
            ratio_ppm=round(fmean(ratios) * 1e6),
            ratio_band_ppm=round(T_95 * stdev(ratios) / sqrt(len(ratios)) * 1e6) if len(ratios) > 1 else 0,
        )
    return found


def _calls(predict: Callable[[], int], seconds: float) -> int:
    """How many calls take about that long, found by trying; the first call, which prepares, is not counted."""
    predict()
    calls = 1
    while True:
        began = time.perf_counter()
        for _ in range(calls):
            predict()
        took = time.perf_counter() - began
        if took >= seconds / 4:
            return max(1, round(calls * seconds / took))
        calls *= 4


def _window(predict: Callable[[], int], calls: int, counters: Sequence[Counter]) -> tuple[int, Count]:
    begins = [counter.mark() for counter in counters]
    made = sum(predict() for _ in range(calls))
    ends = [counter.mark() for counter in counters]
    parts = zip(counters, begins, ends, strict=True)
    return made, summed([counter.between(begin, end) for counter, begin, end in parts])
