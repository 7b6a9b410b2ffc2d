"""What a model of the next hour is: it learns what the reference misses, and adds it."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fl_nodes.forecast.features import Examples, Floats


class Model(Protocol):
    """Fitted on examples; gives the reference's error, in shares of the scale."""

    @property
    def name(self) -> str:
        """`lstm`, `ridge` or `boosting`."""

    @property
    def settings(self) -> dict[str, object]:
        """What makes the same model again."""

    def fit(self, known: Examples) -> None:
        """Learn from rows whose target is known."""

    def correction(self, of: Examples) -> Floats:
        """What to add to each row's reference."""


def predict(model: Model, of: Examples) -> Floats:
    """The next hour of each row in shares of the scale: never negative, never more than there can be, nothing in the dark."""
    found = np.clip(of.reference + model.correction(of), 0.0, of.most)
    return np.where(of.lit, found, 0.0)


def missed(of: Examples) -> Floats:
    """What a model learns: by how much the reference was wrong."""
    return of.target - of.reference
