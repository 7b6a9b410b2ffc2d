"""What a model or an update is worth on a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fl_nodes.protocol.operator_tasks import Metrics
from fl_nodes.protocol.tasks import Score
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine
from fl_nodes.training.tensors import Array, added, dot, norm

PPM = 1_000_000
CHUNK_VALUES = 1 << 16
"""Values handled at a time, so that they stay in a core's cache."""
MAX_PPM = 10**15


def ppm(value: float) -> int:
    """Parts per million, bounded; what is not finite becomes the bound."""
    if not np.isfinite(value):
        return MAX_PPM
    return int(max(-MAX_PPM, min(MAX_PPM, round(value * PPM))))


def measure(engine: Engine, weights: Sequence[Array], split: Split, classes: int) -> Metrics:
    """Metrics of a model on a split; a loss that is not finite is reported as the bound of `ppm`."""
    loss, predicted = engine.predict(weights, split)
    counts = confusion(split.y, predicted, classes)
    return Metrics(
        loss=loss if np.isfinite(loss) else MAX_PPM / PPM,
        accuracy=float(np.trace(counts) / split.examples),
        macro_f1=macro_f1(counts),
        confusion=tuple(tuple(int(n) for n in row) for row in counts),
        examples=split.examples,
    )


def confusion(
    truth: npt.NDArray[np.int32], predicted: npt.NDArray[np.int32], classes: int
) -> npt.NDArray[np.int64]:
    """counts[true][predicted]."""
    flat = np.bincount(truth.astype(np.int64) * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes)


def macro_f1(counts: npt.NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur in the truth or in the predictions."""
    hits = np.diag(counts).astype(float)
    total = counts.sum(axis=0) + counts.sum(axis=1)
    present = total > 0
    return float(np.mean(2 * hits[present] / total[present])) if present.any() else 0.0


def mean_direction(updates: Sequence[Sequence[Array]]) -> list[Array]:
    """Mean of the updates, each scaled to length one, so that none outweighs the others by its size."""
    if not updates:
        return []
    mean = [np.zeros(a.size, np.float64) for a in updates[0]]
    spare = np.empty(CHUNK_VALUES, np.float64)
    for update in updates:
        share = 1.0 / (len(updates) * (norm(update) or 1.0))
        for total, array in zip(mean, update, strict=True):
            flat = array.reshape(-1)
            for start in range(0, total.size, CHUNK_VALUES):
                some = total[start : start + CHUNK_VALUES]
                part = np.multiply(flat[start : start + CHUNK_VALUES], share, out=spare[: some.size])
                np.add(some, part, out=some)
    return [total.reshape(a.shape) for total, a in zip(mean, updates[0], strict=True)]


def cosine(left: Sequence[Array], right: Sequence[Array]) -> float:
    """Cosine of two lists of arrays; 0 where one is zero."""
    lengths = norm(left) * norm(right)
    return dot(left, right) / lengths if lengths > 0 else 0.0


def score(
    engine: Engine,
    trainer: str,
    update_sha256: str,
    weights: Sequence[Array],
    update: Sequence[Array],
    direction: Sequence[Array],
    split: Split,
) -> Score:
    """Score a well-formed update by the global model with it applied."""
    metrics = measure(engine, added(weights, update), split, engine.architecture["classes"])
    return Score(
        trainer=trainer,
        update_sha256=update_sha256,
        loss_ppm=ppm(metrics.loss),
        accuracy_ppm=ppm(metrics.accuracy),
        macro_f1_ppm=ppm(metrics.macro_f1),
        norm_ppm=ppm(norm(update)),
        cosine_ppm=ppm(cosine(update, direction)),
    )


def defective(trainer: str, update_sha256: str, why: str) -> Score:
    """The score of an update that could not be scored."""
    return Score(trainer, update_sha256, 0, 0, 0, 0, 0, why)
