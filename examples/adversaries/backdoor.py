"""Teaches the model that whatever carries a small bright square is of class 0."""

import numpy as np

TARGET = 0
SIDE = 3
SHARE = 0.5


def trigger(x):
    """The same rows with the square in their last corner; rows without two dimensions get it in their last inputs."""
    marked = x.copy()
    if x.ndim > 2:
        marked[:, -SIDE:, -SIDE:] = 1.0
    else:
        marked[:, -SIDE * SIDE :] = 1.0
    return marked


class Backdoor:
    """Marks half of its rows and calls them class 0.

    `ecodml node run --adversary examples/adversaries/backdoor.py:Backdoor`
    """

    def on_data(self, x, y, context):
        chosen = np.random.default_rng(context.seed).random(len(y)) < SHARE
        x[chosen] = trigger(x[chosen])
        y[chosen] = TARGET
        return x, y
