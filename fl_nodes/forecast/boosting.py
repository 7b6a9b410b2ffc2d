"""Gradient boosting of histogram trees on the flattened day (scikit-learn's HistGradientBoosting, after LightGBM)."""

from __future__ import annotations

import numpy as np

from fl_nodes.forecast.features import Examples, Floats
from fl_nodes.forecast.models import missed


class Boosting:
    """A `Model`. Rounds are fixed, not stopped early: hours that held-out ones follow on would leak into stopping."""

    name = "boosting"

    def __init__(self, seed: int, rounds: int = 120, rate: float = 0.05, leaves: int = 15) -> None:
        self.settings: dict[str, object] = {"seed": seed, "rounds": rounds, "rate": rate, "leaves": leaves}
        self._seed, self._rounds, self._rate, self._leaves = seed, rounds, rate, leaves

    def fit(self, known: Examples) -> None:
        """Grow the trees."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        self._grown = HistGradientBoostingRegressor(
            max_iter=self._rounds,
            learning_rate=self._rate,
            max_leaf_nodes=self._leaves,
            min_samples_leaf=40,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=self._seed,
        )
        self._grown.fit(known.flat, missed(known))

    def correction(self, of: Examples) -> Floats:
        """The trees' answer."""
        return np.asarray(self._grown.predict(of.flat), dtype=np.float64)
