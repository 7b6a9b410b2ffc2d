"""Which splits a worker keeps in memory: by their bytes, the oldest use going first."""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import save

from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.tasks import ObjectRef
from fl_nodes.work.model_files import ModelFiles

ARCHITECTURE = preset("logistic", (4,), 2)
ROWS = 10
SPLIT_BYTES = ROWS * (4 * 4 + 4)


class CountingStore:
    """Holds splits by name and counts how often each is read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def fetch(self, ref: ObjectRef, limit: int | None = None, keep: bool = False) -> bytes:
        self.read.append(ref.sha256)
        return save({"x": np.zeros((ROWS, 4), np.float32), "y": np.zeros(ROWS, np.int32)})


def read_in_turn(kept_splits: float, names: str) -> list[str]:
    store: Any = CountingStore()
    files = ModelFiles(store, int(kept_splits * SPLIT_BYTES))
    for name in names:
        assert files.split(ObjectRef("", name, 0), ARCHITECTURE).examples == ROWS
    read: list[str] = store.read
    return read


def test_split__as_many_as_fit_in_turn__each_is_read_once() -> None:
    assert read_in_turn(3, "abcabcabc") == ["a", "b", "c"]


def test_split__one_too_many__the_one_used_longest_ago_goes() -> None:
    assert read_in_turn(2, "abaca") == ["a", "b", "c"]


def test_split__bigger_than_what_is_kept__the_last_stays_nonetheless() -> None:
    assert read_in_turn(0.5, "aab") == ["a", "b"]
