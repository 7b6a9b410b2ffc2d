"""A shard or split as arrays, checked against the architecture it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fl_nodes.training.tensors import TensorsInvalid, from_file


@dataclass(frozen=True)
class Split:
    """Rows `x` (float32, one per example) and class indices `y` (int32)."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.int32]

    @property
    def examples(self) -> int:
        """Number of rows."""
        return len(self.y)

    @cached_property
    def on_device(self) -> tuple[Any, Any]:
        """Both as TensorFlow tensors, copied once for all rounds."""
        import tensorflow as tf

        return tf.convert_to_tensor(self.x), tf.convert_to_tensor(self.y)


def read_split(data: bytes, architecture: Mapping[str, Any]) -> Split:
    """A split's file; raises TensorsInvalid with the reason."""
    arrays = from_file(data)
    if set(arrays) != {"x", "y"}:
        raise TensorsInvalid(f"holds {sorted(arrays)} instead of x and y")
    x, y = arrays["x"], arrays["y"]
    shape = tuple(architecture["input_shape"])
    if x.dtype != np.float32 or y.dtype != np.int32 or y.ndim != 1:
        raise TensorsInvalid(f"x must be float32 and y a list of int32, not {x.dtype} and {y.dtype}")
    if x.shape != (len(y), *shape) or len(y) == 0:
        raise TensorsInvalid(
            f"x has shape {list(x.shape)} instead of [{len(y)}, {', '.join(map(str, shape))}]"
        )
    if not np.isfinite(x).all():
        raise TensorsInvalid("x holds values that are not finite")
    if y.min() < 0 or y.max() >= architecture["classes"]:
        raise TensorsInvalid(f"y holds classes outside 0..{architecture['classes'] - 1}")
    return Split(x.astype(np.float32, copy=False), y.astype(np.int32, copy=False))
