"""Updates read in place from files that may lie, and spooled to disk."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from fl_nodes.aggregator.update_files import MOST_HEADER_BYTES, Spool, arrays_of
from fl_nodes.training.tensors import TensorsInvalid, to_file, weights_to_file

SHAPES = ((3, 2), (), (4,))


def arrays(seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=s).astype(np.float32) for s in SHAPES]


def file_with(header: object, data: bytes = b"\0" * 44) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(shape: list[int], start: int, stop: int, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_arrays_of__our_own_file__is_read_without_a_copy() -> None:
    data = weights_to_file(arrays())

    found = arrays_of(data, SHAPES)

    for mine, due in zip(found, arrays(), strict=True):
        assert np.array_equal(mine, due)
        assert mine.shape == due.shape
        assert not mine.flags.owndata


def test_arrays_of__another_writers_order__is_read_by_name() -> None:
    w0, w1, w2 = arrays()
    shuffled = file_with(
        {
            "w002": entry([4], 0, 16),
            "w000": entry([3, 2], 16, 40),
            "w001": entry([], 40, 44),
            "__metadata__": {"by": "x"},
        },
        w2.tobytes() + w0.tobytes() + w1.tobytes(),
    )

    for mine, due in zip(arrays_of(shuffled, SHAPES), (w0, w1, w2), strict=True):
        assert np.array_equal(mine, due)


GOOD = {"w000": entry([3, 2], 0, 24), "w001": entry([], 24, 28), "w002": entry([4], 28, 44)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        (MOST_HEADER_BYTES + 1).to_bytes(8, "little") + b"{}",
        (99).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[}",
        file_with([1, 2]),
        file_with({"w000": entry([3, 2], 0, 24)}),
        file_with(GOOD | {"w003": entry([1], 0, 4)}),
        file_with({"w000": GOOD["w000"], "w001": GOOD["w001"], "w005": GOOD["w002"]}),
        file_with(GOOD | {"w000": 7}),
        file_with(GOOD | {"w000": entry([3, 2], 0, 24, "F64")}),
        file_with(GOOD | {"w000": entry([2, 3], 0, 24)}),
        file_with(GOOD | {"w000": entry([3, 2], 0, 20)}),
        file_with(GOOD | {"w000": entry([3, 2], 24, 0)}),
        file_with(GOOD | {"w000": entry([3, 2], -24, 0)}),
        file_with(GOOD | {"w000": entry([3, 2], 40, 64)}),
        file_with(GOOD | {"w000": {"dtype": "F32", "shape": [3, 2], "data_offsets": "0-24"}}),
        file_with(GOOD, b"\0" * 43),
        b"\x88\x13\0\0\0\0\0\0" + b"[" * 5000,
        to_file({"w000": np.zeros((3, 2)), "w001": np.zeros(()), "w002": np.zeros(4)}),
    ],
)
def test_arrays_of__file_that_lies_about_itself__is_refused(data: bytes) -> None:
    with pytest.raises(TensorsInvalid):
        arrays_of(data, SHAPES)


def test_arrays_of__what_safetensors_writes__agrees() -> None:
    named = {f"w{i:03d}": a for i, a in enumerate(arrays(3))}

    for mine, due in zip(arrays_of(save(named), SHAPES), named.values(), strict=True):
        assert np.array_equal(mine, due)


def test_spool__blocks__are_columns_of_all_updates(tmp_path: Path) -> None:
    with Spool(tmp_path, 11) as spool:
        for seed in range(3):
            spool.add(arrays(seed))
        flat = np.stack([np.concatenate([a.reshape(-1) for a in arrays(seed)]) for seed in range(3)])

        assert spool.count == 3
        assert np.array_equal(spool.block(0, 11), flat)
        assert np.array_equal(spool.block(4, 9), flat[:, 4:9])
    assert list(tmp_path.iterdir()) == []


def test_spool__value_not_finite__is_refused(tmp_path: Path) -> None:
    bad = arrays()
    bad[2][1] = np.nan
    with Spool(tmp_path, 11) as spool, pytest.raises(TensorsInvalid, match="finite"):
        spool.add(bad)
