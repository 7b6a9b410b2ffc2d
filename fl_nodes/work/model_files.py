"""Fetching models, updates and splits, each checked against the architecture it is for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.architecture import parameters
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.tasks import ObjectRef
from fl_nodes.training.data import Split, read_split
from fl_nodes.training.tensors import TensorsInvalid, Weights, mismatch, weights_from_file

HEADER_BYTES = 1 << 20
BYTES_PER_WEIGHT = 4
OPTIMIZER_ARRAYS = 3
"""A checkpoint holds each weight at most this many times: itself and two optimizer variables."""

KEPT_SPLIT_BYTES = 1 << 30
"""Enough for the shards that a validator re-runs in turn, round after round; the last one is kept however big it is."""

KEPT_LIMITS = 32


class ModelFiles:
    """Reads objects for one worker; splits stay in memory for all rounds of a job, the last model for its round."""

    def __init__(self, objects: ObjectStore, kept_split_bytes: int = KEPT_SPLIT_BYTES) -> None:
        self.objects = objects
        self._kept_split_bytes = kept_split_bytes
        self._splits: OrderedDict[tuple[str, str], Split] = OrderedDict()
        self._limits: OrderedDict[str, int] = OrderedDict()
        self._model: tuple[str, Weights] | None = None

    def limit(self, architecture: Mapping[str, Any]) -> int:
        """The most bytes a file of this architecture's weights, with optimizer state, can honestly have."""
        key = digest(architecture)
        if key not in self._limits:
            self._limits[key] = HEADER_BYTES + BYTES_PER_WEIGHT * OPTIMIZER_ARRAYS * parameters(architecture)
            _trim(self._limits, KEPT_LIMITS)
        return self._limits[key]

    def weights(
        self, ref: ObjectRef, architecture: Mapping[str, Any], shapes: list[tuple[int, ...]]
    ) -> Weights:
        """A model's weights; raises TensorsInvalid unless they fit."""
        if self._model is None or self._model[0] != ref.sha256:
            # Read-only arrays: what one task does with them does not show in the next.
            self._model = (ref.sha256, weights_from_file(self.objects.fetch(ref, self.limit(architecture))))
        weights = self._model[1]
        why = mismatch(weights, shapes)
        if why:
            raise TensorsInvalid(f"the model {why}")
        return weights

    def split(self, ref: ObjectRef, architecture: Mapping[str, Any]) -> Split:
        """A shard or validation split."""
        key = (ref.sha256, digest(architecture))
        if key not in self._splits:
            self._splits[key] = read_split(self.objects.fetch(ref, keep=True), architecture)
        self._splits.move_to_end(key)
        while len(self._splits) > 1 and self._split_bytes() > self._kept_split_bytes:
            self._splits.popitem(last=False)
        return self._splits[key]

    def _split_bytes(self) -> int:
        return sum(split.x.nbytes + split.y.nbytes for split in self._splits.values())


def _trim(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
