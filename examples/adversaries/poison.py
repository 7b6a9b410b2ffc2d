"""Trains honestly, then sends noise of the update's own size, scaled up, in its place."""

import numpy as np

SCALE = 5.0


class PoisonedUpdate:
    """`ecodml node run --adversary examples/adversaries/poison.py:PoisonedUpdate`"""

    def on_update(self, update, context):
        noise = np.random.default_rng(context.seed)
        return [noise.normal(0.0, SCALE * (float(np.std(u)) + 1e-6), u.shape).astype(u.dtype) for u in update]
