"""The figures as pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from scripts.bench.learning.calibration import TOLERANCE
from scripts.bench.learning.cells import Record
from scripts.bench.learning.summary import Row

INCHES = (9.0, 4.2)
DOTS_PER_INCH = 110
FLOOR = 1e-9
"""Where distances of exactly zero are drawn on a logarithmic axis."""


def draw(
    folder: Path, accuracy: Sequence[Record], detected: Sequence[Row], calibrated: Sequence[Row]
) -> list[Path]:
    """Write what there are figures for."""
    drawn = []
    if any("curve" in r["result"] for r in accuracy):
        drawn.append(_curves(folder / "learning-accuracy.png", accuracy))
    if detected:
        drawn.append(_detection(folder / "learning-detection.png", detected))
    if calibrated:
        drawn.append(_distances(folder / "learning-distances.png", calibrated))
    return drawn


def _curves(path: Path, records: Sequence[Record]) -> Path:
    """MNIST, or what there is of it: test accuracy over passes, federated against the central end."""
    models = sorted({r["config"]["model"] for r in records if r["config"]["dataset"] == _largest(records)})
    figure, axes = plt.subplots(1, len(models), figsize=INCHES, sharey=False, squeeze=False)
    for axis, model in zip(axes[0], models, strict=True):
        of_model = [
            r for r in records if (r["config"]["dataset"], r["config"]["model"]) == (_largest(records), model)
        ]
        alone = [r["result"]["accuracy"] for r in of_model if r["config"]["kind"] == "central"]
        if alone:
            axis.axhline(100 * mean(alone), color="black", linewidth=1, label="central")
        for (scheme, nodes), runs in sorted(_by_scheme(of_model).items()):
            passes = [point[0] for point in runs[0]["result"]["curve"]]
            reached = [100 * mean(values) for values in zip(*(_accuracies(r) for r in runs), strict=True)]
            axis.plot(passes, reached, marker=".", label=f"{scheme.replace('_', ' ')}, {nodes} nodes")
        axis.set_title(f"{_largest(records)} {model}")
        axis.set_xlabel("passes over the rows")
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("test accuracy, %")
    axes[0][-1].legend(fontsize="small")
    return _saved(figure, path)


def _detection(path: Path, rows: Sequence[Row]) -> Path:
    figure, axis = plt.subplots(figsize=INCHES)
    names = [r["attack"] for r in rows]
    places = range(len(rows))
    axis.bar(
        [p - 0.2 for p in places], [100 * r["recall_at_once"] for r in rows], 0.4, label="in the first round"
    )
    axis.bar([p + 0.2 for p in places], [100 * r["recall"] for r in rows], 0.4, label="before the job's end")
    axis.set_xticks(list(places), names, rotation=30, ha="right")
    axis.set_ylabel("cheats named, %")
    axis.legend(loc="center right")
    axis.grid(axis="y", alpha=0.3)
    return _saved(figure, path)


def _distances(path: Path, rows: Sequence[Row]) -> Path:
    figure, axis = plt.subplots(figsize=INCHES)
    names = [f"{r['model']}\n{r['optimizer']}\n{r['segment_steps']}" for r in rows]
    places = list(range(len(rows)))
    axis.plot(places, [max(r["honest_most"], FLOOR) for r in rows], "o", label="largest honest")
    for cheat in sorted({name for r in rows for name in r["cheats"]}):
        axis.plot(places, [max(r["cheats"][cheat], FLOOR) for r in rows], "_", markersize=12, label=cheat)
    axis.axhline(TOLERANCE, color="black", linewidth=1, label="tolerance")
    axis.set_yscale("log")
    axis.set_xticks(places, names, fontsize=6)
    axis.set_ylabel("relative distance from the replay")
    axis.legend(fontsize="x-small", ncols=2)
    axis.grid(axis="y", alpha=0.3)
    return _saved(figure, path)


def _largest(records: Sequence[Record]) -> str:
    return str(max(records, key=lambda r: int(r["result"]["rows"]))["config"]["dataset"])


def _by_scheme(records: Iterable[Record]) -> dict[tuple[str, int], list[Record]]:
    found = defaultdict(list)
    for r in records:
        if "curve" in r["result"]:
            found[r["config"]["scheme"], r["config"]["nodes"]].append(r)
    return found


def _accuracies(record: Record) -> list[float]:
    return [accuracy for _, accuracy in record["result"]["curve"]]


def _saved(figure: Figure, path: Path) -> Path:
    figure.tight_layout()
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
    plt.close(figure)
    return path
