"""Lists of arrays to and from safetensors files. No TensorFlow here: the aggregator reads the same files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fl_nodes.training import tensor_file
from fl_nodes.training.tensor_file import Array

Weights = list[npt.NDArray[np.float32]]

MAX_ARRAYS = 1000


class TensorsInvalid(ValueError):
    """A tensor file that is not what it should be; the text says how."""


def to_file(arrays: Mapping[str, Array]) -> bytes:
    """A safetensors file; equal arrays give equal bytes. Raises TensorsInvalid for types that are not kept."""
    try:
        return tensor_file.written(arrays)
    except tensor_file.NotTensors as error:
        raise TensorsInvalid(str(error)) from error


def from_file(data: bytes) -> dict[str, Array]:
    """The arrays of a safetensors file, by name, read-only; raises TensorsInvalid."""
    try:
        arrays = tensor_file.read(data)
    except tensor_file.NotTensors as error:
        raise TensorsInvalid(f"not a readable safetensors file ({error})") from error
    if len(arrays) > MAX_ARRAYS:
        raise TensorsInvalid(f"holds {len(arrays)} arrays, at most {MAX_ARRAYS} are read")
    return arrays


def numbered(prefix: str, arrays: Sequence[Array]) -> dict[str, Array]:
    """`w000`, `w001`, ... in order."""
    return {f"{prefix}{i:03d}": array for i, array in enumerate(arrays)}


def listed(prefix: str, arrays: Mapping[str, Array]) -> list[Array]:
    """The arrays of one prefix in order; raises TensorsInvalid where the numbering has a gap."""
    chosen = [name for name in arrays if name.startswith(prefix)]
    try:
        return [arrays[f"{prefix}{i:03d}"] for i in range(len(chosen))]
    except KeyError as error:
        raise TensorsInvalid(f"lacks the array {error}") from error


def weights_to_file(weights: Sequence[Array]) -> bytes:
    """Weights or an update as a file: float32, in Keras order."""
    return to_file(numbered("w", [np.asarray(w, np.float32) for w in weights]))


def weights_from_file(data: bytes) -> Weights:
    """Weights of a file of ours; raises TensorsInvalid unless all are float32."""
    arrays = listed("w", from_file(data))
    if any(a.dtype != np.float32 for a in arrays):
        raise TensorsInvalid("holds arrays that are not float32")
    return [a.astype(np.float32, copy=False) for a in arrays]


def mismatch(arrays: Sequence[Array], shapes: Sequence[tuple[int, ...]]) -> str:
    """Why these arrays are not float32 of these shapes; empty when they are."""
    if len(arrays) != len(shapes):
        return f"has {len(arrays)} arrays instead of {len(shapes)}"
    for i, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        if array.dtype != np.float32:
            return f"array {i} is {array.dtype} instead of float32"
        if array.shape != tuple(shape):
            return f"array {i} has shape {list(array.shape)} instead of {list(shape)}"
    return ""


def finite(arrays: Sequence[Array]) -> bool:
    """Whether every value is a finite number."""
    return all(bool(np.isfinite(a).all()) for a in arrays)


def norm(arrays: Sequence[Array]) -> float:
    """Euclidean norm over all arrays together."""
    return float(np.sqrt(dot(arrays, arrays)))


def dot(left: Sequence[Array], right: Sequence[Array]) -> float:
    """Scalar product over all arrays together, in double precision.

    By einsum: BLAS would start threads that fight with those of the other nodes on a machine.
    """
    flat: list[tuple[Any, Any]] = [(a.ravel(), b.ravel()) for a, b in zip(left, right, strict=True)]
    return sum(float(np.einsum("i,i->", a, b, dtype=np.float64)) for a, b in flat)


def difference(left: Sequence[Array], right: Sequence[Array]) -> list[Array]:
    """left - right, array by array, in double precision."""
    return [np.subtract(a, b, dtype=np.float64) for a, b in zip(left, right, strict=True)]


def added(left: Sequence[Array], right: Sequence[Array]) -> Weights:
    """left + right, array by array, in float32: how an update is applied everywhere."""
    return [np.add(a, b, dtype=np.float32) for a, b in zip(left, right, strict=True)]
