"""A forecast learned from a grid's own past: of days that repeat it knows the next, and it never looks ahead."""

import numpy as np
import pytest

from backend.energy.learned_ahead import HISTORY_HOURS, HORIZON_HOURS, LEAST_HOURS, learned

FIRST = 455_832


def _series(hours: int, seed: int = 1) -> np.ndarray:
    """A grid with sun at noon, more or less of it each day."""
    t = np.arange(hours)
    sun = np.maximum(0, np.sin((t % 24 - 6) * np.pi / 12))
    cloud = np.repeat(np.random.default_rng(seed).uniform(0.3, 1, hours // 24 + 1), 24)[:hours]
    return 300 - 200 * sun * cloud


def test_learned__days_that_repeat__expects_the_next_ones():
    repeating = np.tile(_series(24), 100)
    fitted = learned(repeating, FIRST)

    expected = fitted.expected(repeating[:HISTORY_HOURS], FIRST + LEAST_HOURS)

    assert expected == pytest.approx(np.tile(repeating[:24], 2), rel=0.03)


def test_learned__one_history_or_every_one__expects_the_same():
    values = _series(LEAST_HOURS + 100)
    fitted = learned(values, FIRST)

    at_each = fitted.expected_at_each(values, FIRST)

    assert at_each.shape == (len(values) + 1 - HISTORY_HOURS, HORIZON_HOURS)
    start = 50
    alone = fitted.expected(values[start : start + HISTORY_HOURS], FIRST + start + HISTORY_HOURS)
    assert at_each[start] == pytest.approx(alone)


def test_learned__what_comes_later_is_changed__expects_the_same_before():
    values = _series(LEAST_HOURS + 100)
    fitted = learned(values, FIRST)
    changed = values.copy()
    changed[300:] *= 2

    before = slice(0, 301 - HISTORY_HOURS)
    assert (
        fitted.expected_at_each(values, FIRST)[before] == fitted.expected_at_each(changed, FIRST)[before]
    ).all()


def test_learned__hours_left_out__nothing_is_learned_of_them():
    values = _series(LEAST_HOURS + 500)
    out = np.zeros(len(values), bool)
    out[1000:1200] = True
    changed = np.where(out, values * 3, values)

    one, other = (learned(v, FIRST, out).weights for v in (values, changed))

    assert one == pytest.approx(other)


def test_learned__too_little__is_refused():
    with pytest.raises(ValueError, match="too few"):
        learned(_series(LEAST_HOURS - 1), FIRST)
    with pytest.raises(ValueError, match="looks back"):
        learned(_series(LEAST_HOURS), FIRST).expected([1.0] * 5, FIRST)
