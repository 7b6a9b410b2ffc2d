"""Accomplices who all push the model a little in the same direction, too little for the size of an update to show it."""

import hashlib

import numpy as np

SHARE = 0.1
UNSEEN = 9e-4


def _direction(job_id, shapes):
    """The same unit vector for all accomplices of a job."""
    seed = int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], "big")
    random = np.random.default_rng(seed)
    arrays = [random.normal(size=shape) for shape in shapes]
    length = np.sqrt(sum(float(np.sum(a * a)) for a in arrays))
    return [a / length for a in arrays]


def _length(arrays):
    return np.sqrt(sum(float(np.sum(np.square(a, dtype=np.float64))) for a in arrays))


def _shifted(arrays, job_id, size):
    shift = _direction(job_id, [a.shape for a in arrays])
    return [(a + size * s).astype(a.dtype) for a, s in zip(arrays, shift, strict=True)]


class SmallShift:
    """Adds a tenth of its honest update's length.

    `ecodml node run --adversary examples/adversaries/small_shift.py:SmallShift`
    """

    def on_update(self, update, context):
        return _shifted(update, context.job_id, SHARE * _length(update))


class UnseenShift:
    """Adds to every segment as much as the validators' tolerance lets pass: what no replay can tell from honest work.

    `ecodml node run --adversary examples/adversaries/small_shift.py:UnseenShift`
    """

    def __init__(self):
        self._start = None

    def on_segment(self, weights, context):
        if context.segment == 0:
            self._start = list(context.global_weights)
        moved = _length([w - s for w, s in zip(weights, self._start, strict=True)])
        self._start = _shifted(weights, context.job_id, UNSEEN * moved)
        return self._start
