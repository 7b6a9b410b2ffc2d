"""The network as specified, trained for a few dozen steps."""

import keras  # noqa: F401 -- looks for IPv6 when it is imported, which tests may not
import numpy as np
import pytest

from fl_nodes.forecast.features import WIND, Hours, examples
from fl_nodes.forecast.lstm import Lstm, build
from fl_nodes.forecast.models import predict
from fl_nodes.forecast.supply import learnable

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

HOURS = 800


def test_build__is_the_specified_network():
    network = build(features=9, known=6)
    inner = [layer for layer in network.layers if layer.__class__.__name__ in ("LSTM", "Dropout")]
    assert [layer.__class__.__name__ for layer in inner] == ["LSTM", "Dropout", "LSTM", "Dropout"]
    assert [layer.units for layer in inner[::2]] == [64, 64]
    assert [layer.rate for layer in inner[1::2]] == [0.2, 0.2]
    assert network.inputs[0].shape == (None, 24, 9)
    assert network.output_shape == (None, 1)


def test_fit__some_steps__lowers_the_error_and_is_kept(tmp_path):
    hour = np.arange(HOURS)
    wind = 0.5 + 0.4 * np.sin(hour / 5)
    of = Hours(np.zeros(HOURS), np.zeros(HOURS), wind, hour, np.full(HOURS, 15.0))
    known = learnable(examples(of, WIND, np.ones(HOURS, dtype=bool)))
    model = Lstm(seed=1, epochs=3)
    model.fit(known)
    error = np.sqrt(((predict(model, known) - known.target) ** 2).mean())
    reference = np.sqrt(((known.reference - known.target) ** 2).mean())
    assert error < 0.7 * reference
    kept = model.save(tmp_path / "wind.weights.h5")
    other = Lstm(seed=2, epochs=3)
    other.load(tmp_path / "wind.weights.h5", kept["scale"], known.windows.shape[2], known.next_known.shape[1])
    assert np.allclose(other.correction(known), model.correction(known))
