"""What holds for every format."""

import io

import numpy as np
import pytest

from backend.datasets import Encoder, pair_idx
from tests.unit.datasets.files import folders, idx, inspected, loaded, npz, rows, zipped

LABELS = np.array([0, 1] * 4)
X = np.arange(24.0).reshape(8, 3)
FILES = {
    "header": rows("a,y,b", *("1,u,2", "3,v,4") * 3).encode(),
    "no header": rows(*("1,2,u", "3,4,v") * 3).encode(),
    "npz": npz(x=X, y=LABELS),
    "npz parts": npz(x_train=X, y_train=LABELS, x_test=X, y_test=LABELS),
    "idx": pair_idx(io.BytesIO(idx(X.reshape(8, 3, 1))), io.BytesIO(idx(LABELS))).read(),
    "folders": zipped(folders()),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_inspect__target_it_found_itself__finds_the_same_again(data: bytes) -> None:
    found = inspected(data)
    assert inspected(data, target=found.target) == found


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_inspect__shape_and_classes__are_those_of_the_encoded_rows(data: bytes) -> None:
    found = inspected(data)
    table = loaded(data)
    x, y = Encoder.fit(table, np.arange(3)).transform(table)
    assert x.shape == (found.rows, *found.input_shape)
    assert np.bincount(y, minlength=len(found.classes)).tolist() == found.class_counts
