"""FLTrust: updates weighed by their direction against the operator's own (Cao et al. 2021, arXiv:2012.13995).

The operator trains on a small root set and gets the root update g0.

    TS_i = max(0, cos(u_i, g0));  result = sum_i TS_i (||g0|| / ||u_i||) u_i / sum_i TS_i

No bound on the number of dishonest updates is needed while the root set speaks for the task; what points away from g0 counts
nothing, and nothing counts by its length. Where no update points along g0 the result is 0: the model stays as it is. Examples
are not used as weights, as in the paper. Cost O(n d) time, O(n) memory beside one block of columns.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.federated.stack import Stack, blocks

Vector = npt.NDArray[np.float64]


def trusted_shares(stack: Stack, root: npt.NDArray[np.float32]) -> Vector:
    """What each update is multiplied with before they are added up, shape (count,)."""
    along = np.zeros(stack.count, np.float64)
    squares = np.zeros(stack.count, np.float64)
    root_square = 0.0
    for start, stop, rows in blocks(stack):
        direction = root[start:stop].astype(np.float64)
        root_square += float(np.einsum("k,k->", direction, direction))
        for i, row in enumerate(rows):
            along[i] += float(np.einsum("k,k->", row, direction))
            squares[i] += float(np.einsum("k,k->", row, row, dtype=np.float64))
    length, root_length = np.sqrt(squares), float(np.sqrt(root_square))
    lengths = length * root_length
    cosine = np.divide(along, lengths, out=np.zeros_like(along), where=lengths > 0)
    trust = np.maximum(cosine, 0.0)
    total = float(trust.sum())
    if total == 0:
        return np.zeros(stack.count, np.float64)
    scale = np.divide(root_length, length, out=np.zeros_like(length), where=length > 0)
    return np.asarray(trust / total * scale, np.float64)
