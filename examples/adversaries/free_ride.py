"""Does no work: every checkpoint is the model it was given, and the update is nothing."""

import numpy as np


class FreeRider:
    """`ecodml node run --adversary examples/adversaries/free_ride.py:FreeRider`"""

    def on_segment(self, weights, context):
        return list(context.global_weights)

    def on_update(self, update, context):
        return [np.zeros_like(u) for u in update]


class DisguisedFreeRider:
    """Sends faint noise instead of nothing, so that its update is nobody's and not zero.

    `ecodml node run --adversary examples/adversaries/free_ride.py:DisguisedFreeRider`
    """

    def on_segment(self, weights, context):
        return list(context.global_weights)

    def on_update(self, update, context):
        noise = np.random.default_rng(context.seed)
        return [noise.normal(0.0, 1e-3, u.shape).astype(u.dtype) for u in update]
