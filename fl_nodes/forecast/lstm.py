"""The network the specification names: two LSTM layers of 64, dropout 0.2, 24 hours back, one ahead (Keras)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from fl_nodes.forecast.features import BACK_HOURS, Examples, Floats
from fl_nodes.forecast.models import missed

UNITS = 64
LAYERS = 2
DROPOUT = 0.2
BATCH = 64
RATE = 1e-3
CHUNK = 1024
EPOCHS = 6
"""Few: a minute on one core for a year of hours."""


class Lstm:
    """A `Model`. What is known of the next hour joins behind the recurrent layers, as the other models see it too."""

    name = "lstm"

    def __init__(self, seed: int, epochs: int = EPOCHS) -> None:
        self.settings: dict[str, object] = {
            "seed": seed,
            "epochs": epochs,
            "layers": LAYERS,
            "units": UNITS,
            "dropout": DROPOUT,
            "hours_back": BACK_HOURS,
        }
        self._seed, self._epochs = seed, epochs
        self._network: Any = None
        self._scale = 1.0

    def fit(self, known: Examples) -> None:
        """Adam on the mean squared error."""
        import keras

        keras.utils.set_random_seed(self._seed)
        windows, facts = self._inputs(known)
        self._scale = float(missed(known).std()) or 1.0
        self._network = build(windows.shape[2], facts.shape[1])
        self._network.compile(optimizer=keras.optimizers.Adam(RATE), loss="mse")
        wanted = (missed(known) / self._scale).astype(np.float32)
        self._network.fit([windows, facts], wanted, epochs=self._epochs, batch_size=BATCH, verbose=0)

    def correction(self, of: Examples) -> Floats:
        """The network's answer."""
        windows, facts = self._inputs(of)
        found = [
            self._network([windows[at : at + CHUNK], facts[at : at + CHUNK]], training=False).numpy()
            for at in range(0, len(windows), CHUNK)
        ]
        return np.concatenate(found).astype(np.float64).reshape(-1) * self._scale

    def save(self, file: Path) -> dict[str, float]:
        """Weights to `file` (`.weights.h5`); what else `load` needs."""
        self._network.save_weights(file)
        return {"scale": self._scale}

    def load(self, file: Path, scale: float, features: int, known: int) -> None:
        """Weights that `save` wrote."""
        self._network = build(features, known)
        self._network.load_weights(file)
        self._scale = scale

    @staticmethod
    def _inputs(of: Examples) -> tuple[Any, Any]:
        return of.windows.astype(np.float32), of.next_known.astype(np.float32)


def build(features: int, known: int) -> Any:
    """The network, not compiled: (24, `features`) and (`known`,) to one number."""
    import keras

    window = keras.Input((BACK_HOURS, features))
    facts = keras.Input((known,))
    inner = window
    for layer in range(LAYERS):
        inner = keras.layers.LSTM(UNITS, return_sequences=layer < LAYERS - 1)(inner)
        inner = keras.layers.Dropout(DROPOUT)(inner)
    answer = keras.layers.Dense(1)(keras.layers.Concatenate()([inner, facts]))
    return keras.Model([window, facts], answer)
