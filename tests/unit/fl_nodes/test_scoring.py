"""Confusion, macro-F1 and directions by hand."""

import numpy as np
import pytest

from fl_nodes.training import scoring

TRUTH = np.array([0, 0, 1, 1, 2, 2], np.int32)
SAID = np.array([0, 1, 1, 1, 2, 0], np.int32)


def test_confusion__by_hand() -> None:
    assert scoring.confusion(TRUTH, SAID, 3).tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]


def test_macro_f1__by_hand__is_the_mean_of_the_classes() -> None:
    assert scoring.macro_f1(scoring.confusion(TRUTH, SAID, 3)) == pytest.approx((0.5 + 0.8 + 2 / 3) / 3)


def test_macro_f1__class_that_never_occurs__does_not_count() -> None:
    assert scoring.macro_f1(scoring.confusion(TRUTH, TRUTH, 5)) == 1.0
    assert scoring.macro_f1(np.zeros((3, 3), np.int64)) == 0.0


def test_ppm__out_of_bounds__is_bounded() -> None:
    assert scoring.ppm(0.1234567) == 123457
    assert scoring.ppm(float("nan")) == scoring.ppm(float("inf")) == scoring.ppm(1e300) == scoring.MAX_PPM
    assert scoring.ppm(-1e300) == -scoring.MAX_PPM


def test_cosine__opposite_orthogonal_zero() -> None:
    one, other = [np.array([3.0, 0.0]), np.array([4.0])], [np.array([0.0, 1.0]), np.array([0.0])]
    assert scoring.cosine(one, one) == pytest.approx(1.0)
    assert scoring.cosine(one, [-a for a in one]) == pytest.approx(-1.0)
    assert scoring.cosine(one, other) == 0.0
    assert scoring.cosine(one, [np.zeros(2), np.zeros(1)]) == 0.0


def test_mean_direction__one_huge_update__does_not_outweigh_two_others() -> None:
    small = [np.array([1.0, 0.0])]
    direction = scoring.mean_direction([small, small, [np.array([-1e6, 0.0])]])
    assert direction[0][0] > 0
    assert scoring.mean_direction([]) == []
