"""The model without its weakest connections: the smallest of all kernels' weights set to zero (Han et al. 2015, arXiv:1506.02626).

One threshold over all layers, no training afterwards. Biases and what normalises are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fl_nodes.training.tensors import Array, Weights

PRUNED_SHARE = 0.3


def kernels(model: Any) -> list[bool]:
    """Which of a Keras model's weights, in their order, are kernels."""
    return [variable.name.endswith("kernel") for variable in model.weights]


def pruned(weights: Sequence[Array], is_kernel: Sequence[bool], share: float = PRUNED_SHARE) -> Weights:
    """The weights with `share` of the kernels' values, rounded down, set to zero: those nearest to it."""
    sizes = np.concatenate(
        [np.abs(w).reshape(-1) for w, k in zip(weights, is_kernel, strict=True) if k] or [np.zeros(0)]
    )
    kept = np.ones(len(sizes), bool)
    kept[np.argsort(sizes, kind="stable")[: int(share * len(sizes))]] = False
    made, at = [], 0
    for values, of_kernel in zip(weights, is_kernel, strict=True):
        if of_kernel:
            mask = kept[at : at + values.size].reshape(values.shape)
            made.append(np.where(mask, values, values.dtype.type(0)))
            at += values.size
        else:
            made.append(values)
    return made


def zero_share(weights: Sequence[Array], is_kernel: Sequence[bool]) -> float:
    """The part of all kernels' values that is zero; 0 without kernels."""
    chosen = [w for w, k in zip(weights, is_kernel, strict=True) if k]
    total = sum(w.size for w in chosen)
    return sum(int(np.count_nonzero(w == 0)) for w in chosen) / total if total else 0.0
