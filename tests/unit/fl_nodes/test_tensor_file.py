"""Our reader and writer of safetensors files against the format's own library, and against files that lie."""

import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from fl_nodes.training.tensor_file import NotTensors, read, written

ARRAYS = {
    "w001": np.arange(6, dtype=np.float32).reshape(2, 3),
    "w000": np.float32([1.5]),
    "o000": np.array(7, np.int64),
    "y": np.arange(3, dtype=np.int32),
    "none": np.zeros((0, 2), np.float32),
    "flags": np.array([True, False]),
    "wide": np.float64([0.1]),
}


def file_of(header: object, content: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


def entry(shape: list[object], start: object, end: object, dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def test_written__against_the_library__has_the_same_bytes() -> None:
    assert written(ARRAYS) == save(dict(sorted(ARRAYS.items())))


def test_read__what_the_library_wrote__has_its_values_shapes_and_types() -> None:
    mine, theirs = read(save(ARRAYS)), load(save(ARRAYS))
    assert mine.keys() == theirs.keys()
    for name, array in theirs.items():
        np.testing.assert_array_equal(mine[name], array)
        assert (mine[name].dtype, mine[name].shape) == (array.dtype, array.shape)


def test_read__arrays__are_views_that_nobody_can_write_to() -> None:
    array = read(written(ARRAYS))["w001"]
    assert not array.flags.writeable
    assert not array.flags.owndata


def test_read__metadata__is_passed_over() -> None:
    assert list(read(save(ARRAYS, metadata={"made by": "somebody"}))) != []


@pytest.mark.parametrize(
    "lie",
    [
        file_of([]),
        file_of({"a": 1}),
        file_of({"a": entry([2], 0, 8)}, bytes(4)),
        file_of({"a": entry([1], 0, 4)}, bytes(8)),
        file_of({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, bytes(8)),
        file_of({"a": entry([1], 4, 8)}, bytes(8)),
        file_of({"a": entry([2], 0, 4)}, bytes(4)),
        file_of({"a": entry([-1], 0, 4)}, bytes(4)),
        file_of({"a": entry([True], 0, 4)}, bytes(4)),
        file_of({"a": entry([1.0], 0, 4)}, bytes(4)),
        file_of({"a": entry([1], 0, 4, "F7")}, bytes(4)),
        file_of({"a": entry([1], 0, 4, ["F32"])}, bytes(4)),
        file_of({"a": entry([2**39, 2**39, 0], 0, 0)}),
        file_of({"a": entry([1] * 60, 0, 4)}, bytes(4)),
        file_of({"a": entry([1], 0, 4) | {"more": 1}}, bytes(4)),
        (1 << 62).to_bytes(8, "little") + b"{}",
        (8).to_bytes(8, "little") + b"[[[[[[[[",
    ],
)
def test_read__header_that_does_not_fit__is_refused(lie: bytes) -> None:
    with pytest.raises(NotTensors):
        read(lie)


def test_written__type_that_is_not_kept__is_refused() -> None:
    with pytest.raises(NotTensors, match="complex128"):
        written({"a": np.zeros(1, np.complex128)})
