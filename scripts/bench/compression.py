"""`python -m scripts.bench.compression` (the nodes' environment): what 8-bit integers and pruning do to energy and accuracy.

Softmax, MLP and CNN on the handwritten digits, on MNIST too where its file is given. Each is trained as the benchmark trains, from
several seeds; its forms are made as for a customer and predict the held-out rows; their energy is metered in turns, in one runtime,
with one row at a time, 32 and 256. Ratios are to the same model's float32 form; their bands are 95 % intervals over the seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np

from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.training import determinism

MODELS = {"softmax": "logistic", "mlp": "mlp", "cnn": "cnn"}
BATCHES = (1, 32, 256)
T_95 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""Student's t for 95 %, by how many values there are."""


@dataclass(frozen=True)
class Data:
    """Rows [n, *shape] in [0, 1] and their classes, to train on and held out."""

    name: str
    x: Any
    y: Any
    held_x: Any
    held_y: Any
    epochs: int


def main() -> int:
    """Print one JSON document. Exit 2 where the file of MNIST cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.compression", description=__doc__)
    given = os.environ.get("ECODML_BENCH_DATA")
    parser.add_argument(
        "--mnist",
        type=Path,
        default=Path(given) / "mnist.npz" if given else None,
        help="mnist.npz (default: in the folder ECODML_BENCH_DATA; without either, digits only)",
    )
    parser.add_argument(
        "--seeds", type=int, default=5, choices=sorted(T_95), help="models trained of each kind (5)"
    )
    parser.add_argument(
        "--seconds", type=float, default=0.7, help="metering of each form at each batch size (0.7)"
    )
    parser.add_argument(
        "--table", type=Path, metavar="FILE", help="print an earlier document as a Markdown table"
    )
    parser.add_argument("--out", type=Path, help="write the document here too")
    options = parser.parse_args()
    if options.table:
        print("\n".join(_table(json.loads(options.table.read_text())["rows"])))
        return 0
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    determinism.prepare(1)
    try:
        sets = [_digits(), *([_mnist(options.mnist)] if options.mnist else [])]
    except (OSError, KeyError, ValueError) as error:
        sys.stderr.write(f"{options.mnist} is not MNIST as an .npz file: {error}.\n")
        return 2
    rows = [
        row
        for data in sets
        for model in MODELS
        for row in _of_model(data, model, options.seeds, options.seconds)
    ]
    text = json.dumps({"machine": _machine(), "config": _config(options), "rows": rows}, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")
    return 0


def _of_model(data: Data, model: str, seeds: int, seconds: float) -> list[dict[str, Any]]:
    found = [_of_seed(data, model, seed, seconds) for seed in range(1, seeds + 1)]
    rows = []
    for form in found[0]:
        mine = [each[form] for each in found]
        row: dict[str, Any] = {"data": data.name, "model": model, "form": form, "bytes": mine[0]["bytes"]}
        row["accuracy"] = fmean(m["accuracy"] for m in mine)
        losses = [m["accuracy"] - each["float32"]["accuracy"] for m, each in zip(mine, found, strict=True)]
        row["accuracy_difference"], row["accuracy_band"] = _interval(losses)
        for batch in BATCHES:
            drawn = [m["inference"][batch] for m in mine]
            ratio, band = _interval([d.ratio_ppm / 1e6 for d in drawn])
            row[f"batch_{batch}"] = {
                "microjoules_per_1000": round(fmean(d.microjoules_per_1000 for d in drawn)),
                "microseconds_per_1000": round(fmean(d.microseconds_per_1000 for d in drawn)),
                "energy_ratio": ratio,
                "ratio_band": band,
                "kind": drawn[0].kind,
                "band_ppm": drawn[0].band_ppm,
                "method": drawn[0].method,
            }
        rows.append(row)
        sys.stderr.write(f"{data.name} {model} {form}: {row['batch_32']['energy_ratio']:.3f}\n")
    return rows


def _of_seed(data: Data, model: str, seed: int, seconds: float) -> dict[str, dict[str, Any]]:
    """By form: bytes, accuracy on the held-out rows, and energy by batch size."""
    from fl_nodes.evaluator.inference import Predictor, measured
    from fl_nodes.evaluator.int8 import classes_by, to_float32, to_int8
    from fl_nodes.evaluator.pruning import kernels, pruned
    from fl_nodes.meter.choice import choose
    from fl_nodes.training.data import Split
    from fl_nodes.training.engine import build_model, engine_for, initial_weights
    from fl_nodes.training.trainer import train

    architecture = preset(MODELS[model], list(data.x.shape[1:]), 10)
    spec = TrainingSpec("adam", 0.002, 64, data.epochs, 64, seed)
    weights = initial_weights(architecture, seed)
    for segment in train(engine_for(architecture, "adam"), spec, weights, Split(data.x, data.y)):
        weights = segment.end.weights
    built = build_model(architecture, softmax=True)
    built.set_weights(list(weights))
    files = {"float32": to_float32(built), "int8": to_int8(built, data.x)}
    built.set_weights(pruned(weights, kernels(built)))
    files["pruned"] = to_float32(built)
    counters = choose(with_gpu=False)[0].counters
    drawn: dict[str, dict[int, Any]] = {name: {} for name in files}
    for batch in BATCHES:
        forms: dict[str, Callable[[], int]] = {
            name: Predictor.of(file, data.held_x[:batch]) for name, file in files.items()
        }
        for name, figure in measured(forms, counters, seconds, batch).items():
            drawn[name][batch] = figure
    return {
        name: {
            "bytes": len(file),
            "accuracy": float(np.mean(classes_by(file, data.held_x) == data.held_y)),
            "inference": drawn[name],
        }
        for name, file in files.items()
    }


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The document for people; float32's rows give absolute energy, the others' their part of it."""
    lines = [
        "| data | model | form | bytes | accuracy | points beside float32 | 1 row | 32 rows | 256 rows |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        base = row["form"] == "float32"
        drawn = [row[f"batch_{batch}"] for batch in BATCHES]
        cells = [
            f"{d['microjoules_per_1000'] / 1000:.3g} mJ"
            if base
            else f"{d['energy_ratio']:.2f} ±{d['ratio_band']:.2f}"
            for d in drawn
        ]
        points = "" if base else f"{row['accuracy_difference'] * 100:+.2f} ±{row['accuracy_band'] * 100:.2f}"
        told = [row["data"], row["model"], row["form"], f"{row['bytes']:,}", f"{row['accuracy']:.4f}", points]
        lines.append(f"| {' | '.join([*told, *cells])} |")
    return lines


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half of its 95 % interval."""
    return fmean(values), T_95[len(values)] * stdev(values) / sqrt(len(values))


def _digits() -> Data:
    """The benchmark's digits: 1 438 to train on, 359 held out."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order] / 16).astype(np.float32).reshape(-1, 8, 8, 1), y[order].astype(np.int32)
    return Data("digits", x[:1438], y[:1438], x[1438:], y[1438:], epochs=15)


def _mnist(file: Path) -> Data:
    with np.load(file) as known:
        x, y, held_x, held_y = (known[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    images = [(part.reshape(-1, 28, 28, 1) / 255).astype(np.float32) for part in (x[:12_000], held_x)]
    return Data("mnist", images[0], y[:12_000].astype(np.int32), images[1], held_y.astype(np.int32), epochs=2)


def _machine() -> dict[str, Any]:
    from fl_nodes.processor import cpu_model

    return {"cpu": cpu_model(), "cores": os.cpu_count(), "python": platform.python_version()}


def _config(options: argparse.Namespace) -> dict[str, Any]:
    made = time.strftime("%Y-%m-%d", time.gmtime())
    return {"seeds": options.seeds, "seconds": options.seconds, "batches": BATCHES, "made": made}


if __name__ == "__main__":
    raise SystemExit(main())
