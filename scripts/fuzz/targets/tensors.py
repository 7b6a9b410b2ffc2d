"""Safetensors files as nodes upload them: the arrays that the file describes, or TensorsInvalid."""

from __future__ import annotations

import numpy as np

from fl_nodes.aggregator.update_files import arrays_of
from fl_nodes.training.tensors import (
    TensorsInvalid,
    finite,
    from_file,
    listed,
    mismatch,
    norm,
    to_file,
    weights_from_file,
    weights_to_file,
)
from scripts.fuzz.target import Judge, Target, promised

SHAPES = [(2, 3), (1,), (0, 2)]


def _tensors() -> Judge:
    def judge(data: bytes) -> None:
        try:
            arrays = from_file(data)
        except TensorsInvalid:
            return
        promised(sum(array.nbytes for array in arrays.values()) <= len(data), "more values than bytes")
        promised(set(from_file(to_file(arrays))) == set(arrays), "written again, it holds other arrays")
        try:
            listed("w", arrays)
            weights = weights_from_file(data)
        except TensorsInvalid:
            return
        mismatch(weights, SHAPES)
        if finite(weights):
            norm(weights)

    return judge


def _updates() -> Judge:
    def judge(data: bytes) -> None:
        try:
            arrays = arrays_of(data, SHAPES)
        except TensorsInvalid:
            return
        promised([array.shape for array in arrays] == SHAPES, "arrays of other shapes")
        promised(all(array.dtype == np.float32 for array in arrays), "arrays of another type")

    return judge


def _seeds() -> list[bytes]:
    arrays = [np.ones(shape, np.float32) for shape in SHAPES]
    nan = [np.full(shape, np.nan, np.float32) for shape in SHAPES]
    mixed = {"w000": np.zeros(2), "o000": np.array(7, np.int64), "flags": np.array([True])}
    return [weights_to_file(arrays), weights_to_file(nan), to_file(mixed)]


WORDS = (
    b'"dtype":"F32"',
    b'"BF16"',
    b'"shape":[2,3]',
    b'"data_offsets":[0,24]',
    b'"w000"',
    b"__metadata__",
    b"1e3",
    b"-1",
)
TARGETS = (Target("tensors", _tensors, _seeds, WORDS), Target("updates", _updates, _seeds, WORDS))
