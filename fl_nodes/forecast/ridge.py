"""Ridge regression on the flattened day (scikit-learn)."""

from __future__ import annotations

import numpy as np

from fl_nodes.forecast.features import Examples, Floats
from fl_nodes.forecast.models import missed

STRENGTH = 10.0


class Ridge:
    """A `Model`; `strength` is the penalty on standardised columns."""

    name = "ridge"

    def __init__(self, strength: float = STRENGTH) -> None:
        self.settings: dict[str, object] = {"strength": strength}
        self._strength = strength

    def fit(self, known: Examples) -> None:
        """Standardise and solve."""
        from sklearn.linear_model import Ridge as Solver
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._solved = make_pipeline(StandardScaler(), Solver(alpha=self._strength))
        self._solved.fit(known.flat, missed(known))

    def correction(self, of: Examples) -> Floats:
        """The linear answer."""
        return np.asarray(self._solved.predict(of.flat), dtype=np.float64)
