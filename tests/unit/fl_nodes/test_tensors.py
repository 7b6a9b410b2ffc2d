"""Tensor files: the same bytes for the same arrays, and nothing but arrays."""

import pickle

import numpy as np
import pytest

from fl_nodes.training.tensors import (
    TensorsInvalid,
    from_file,
    listed,
    mismatch,
    numbered,
    to_file,
    weights_from_file,
    weights_to_file,
)

ARRAYS = [np.arange(6, dtype=np.float32).reshape(2, 3), np.float32([1.5]), np.zeros((0, 2), np.float32)]


def test_file__round_trip__is_exact_and_repeatable() -> None:
    data = weights_to_file(ARRAYS)
    assert data == weights_to_file([a.copy(order="F") for a in ARRAYS])
    for mine, theirs in zip(ARRAYS, weights_from_file(data), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_file__scalar__stays_a_scalar() -> None:
    assert from_file(to_file({"o000": np.array(7, np.int64)}))["o000"].shape == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        pickle.dumps(ARRAYS),
        weights_to_file(ARRAYS)[:-1],
        b"\xff" * 8 + b"{}",
        weights_to_file(ARRAYS) + b"x",
    ],
)
def test_file__anything_else__is_refused(data: bytes) -> None:
    with pytest.raises(TensorsInvalid):
        from_file(data)


def test_weights__of_another_type__are_refused() -> None:
    with pytest.raises(TensorsInvalid, match="float32"):
        weights_from_file(to_file({"w000": np.zeros(2, np.float64)}))


def test_listed__gap_in_the_numbering__is_refused() -> None:
    arrays = numbered("w", ARRAYS)
    del arrays["w001"]
    with pytest.raises(TensorsInvalid, match="w001"):
        listed("w", arrays)


def test_mismatch__names_what_differs() -> None:
    shapes = [a.shape for a in ARRAYS]
    assert mismatch(ARRAYS, shapes) == ""
    assert "2 arrays instead of 3" in mismatch(ARRAYS[:2], shapes)
    assert "shape" in mismatch([ARRAYS[0].T, *ARRAYS[1:]], shapes)
    assert "float64" in mismatch([a.astype(np.float64) for a in ARRAYS], shapes)
