"""Which form of a model is worth using, by what earlier jobs of the same kind of model measured of theirs; nothing is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from backend.domain.ticket import Ticket

PPM = 1_000_000
PLAIN = "float32"
FORMS = {"int8": "8-bit", "pruned": "pruned"}

MOST_ACCURACY_LOST = 0.01
"""A form that loses more is not recommended, whatever it saves."""

TRAINING = "Training itself has no compressed form."


@dataclass(frozen=True)
class Recommended:
    """`form` is the one to use the model in, empty where nothing was measured; `why` a sentence."""

    form: str
    why: str


@dataclass(frozen=True)
class _Measured:
    """A form over several jobs: its medians."""

    form: str
    energy: float
    lost: float
    jobs: int


def recommended(model: str, finished: Sequence[Ticket]) -> Recommended:
    """The form that takes least energy, beyond doubt less than the plain one, and is about as accurate."""
    said = [t.metrics for t in finished if t.spec.model == model and t.metrics]
    measured = [m for m in (_form(form, said) for form in FORMS) if m is not None]
    if not measured:
        return Recommended(
            "",
            f"{TRAINING} No earlier job has measured a compressed form of this kind of model; its card will.",
        )
    good = [m for m in measured if m.energy < 1 and m.lost <= MOST_ACCURACY_LOST]
    if not good:
        return Recommended(
            PLAIN,
            f"{TRAINING} The plain model is recommended: in earlier jobs no compressed form surely took less energy "
            "and was as accurate.",
        )
    best = min(good, key=lambda m: m.energy)
    return Recommended(
        best.form,
        f"{TRAINING} The {FORMS[best.form]} model is recommended for use: over {best.jobs} earlier jobs its predictions took at "
        f"most {100 * best.energy:.0f} % of the energy and {100 * best.lost:.1f} points of accuracy were lost.",
    )


def _form(form: str, metrics: Sequence[dict[str, Any]]) -> _Measured | None:
    """By the upper ends of the measured intervals."""
    energies, losses = [], []
    for job in metrics:
        variant = (job.get("variants") or {}).get(form) or {}
        inference = variant.get("inference")
        if inference:
            energies.append((inference["ratio_ppm"] + inference["ratio_band_ppm"]) / PPM)
            losses.append(max(0.0, job["accuracy"] - variant["accuracy"]))
    return _Measured(form, median(energies), median(losses), len(energies)) if energies else None
