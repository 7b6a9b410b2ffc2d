"""The noise is Gaussian, and only its seed says which."""

import numpy as np
import pytest
from scipy import stats

from fl_nodes.aggregator.noise import PAIRS, SEED_BYTES, Noise

SEED = bytes(range(SEED_BYTES))


def test_noise__same_seed__is_the_same_stream() -> None:
    assert np.array_equal(Noise(SEED)((3, 5)), Noise(SEED)((3, 5)))


def test_noise__golden__is_shake_256_through_box_muller() -> None:
    np.testing.assert_allclose(
        Noise(SEED)((4,)),
        [1.0649893283843994, 0.27130335569381714, 0.12645471096038818, -0.26734066009521484],
        rtol=1e-6,
    )


def test_noise__another_seed_or_the_next_draw__is_unrelated() -> None:
    stream = Noise(SEED)
    first, second = stream((20_000,)), stream((20_000,))
    other = Noise(SEED[::-1])((20_000,))

    for one, two in ((first, second), (first, other)):
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.03


def test_noise__many_numbers__are_standard_normal() -> None:
    drawn = Noise(SEED)((2 * PAIRS + 12_345,))

    assert stats.kstest(drawn, "norm").pvalue > 0.01
    assert np.isfinite(drawn).all()
    assert abs(stats.kurtosis(drawn)) < 0.03


@pytest.mark.parametrize("shape", [(), (1,), (0,), (7, 3)])
def test_noise__any_shape__is_filled(shape: tuple[int, ...]) -> None:
    drawn = Noise(SEED)(shape)

    assert drawn.shape == shape
    assert drawn.dtype == np.float32


def test_noise__short_seed__is_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        Noise(b"too short")
