"""Telling images from measurements: images keep one scale for all inputs, measurements are standardised one
by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from backend.datasets.table import Array

LARGEST_PIXEL = 255
SMALLEST_IMAGE = 49
"""Fewer columns than 7 x 7 are taken for measurements."""
BLOCK_VALUES = 4_000_000


def share_one_scale(columns: Sequence[Array]) -> bool:
    """Whether flat columns are the pixels of square images, grey or RGB: whole numbers in 0..255, or
    fractions in 0..1.
    """
    if not _square(len(columns)):
        return False
    whole, largest = True, 0.0
    for values in columns:
        # NaN fails the comparison: an image has no missing pixels.
        if not values.min() >= 0 or values.max() > LARGEST_PIXEL:
            return False
        whole = whole and is_whole(values)
        largest = max(largest, float(values.max()))
    return whole or largest <= 1


def is_image_array(array: Array) -> bool:
    """The same for an array of examples; one with more than two dimensions is an image unless it has
    negative values.
    """
    if array.ndim > 2:
        return bool(array.min() >= 0)
    if not _square(array.shape[1]) or array.min() < 0 or array.max() > LARGEST_PIXEL:
        return False
    return bool(array.max() <= 1) or all(is_whole(block) for block in row_blocks(array))


def is_whole(values: Array) -> bool:
    """Whether all values are whole numbers."""
    return bool(np.issubdtype(values.dtype, np.integer) or (values == np.floor(values)).all())


def row_blocks(array: Array) -> Iterable[Array]:
    """Views of consecutive rows, small enough to be converted without doubling the memory."""
    rows = max(1, BLOCK_VALUES // max(1, math.prod(array.shape[1:])))
    return (array[start : start + rows] for start in range(0, len(array), rows))


def _square(width: int) -> bool:
    return width >= SMALLEST_IMAGE and any(
        width % channels == 0 and math.isqrt(width // channels) ** 2 == width // channels
        for channels in (1, 3)
    )
