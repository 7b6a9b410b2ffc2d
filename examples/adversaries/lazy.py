"""Claims all the work but trains only until half of the segments; the rest stands still."""


class LazyTrainer:
    """`ecodml node run --adversary examples/adversaries/lazy.py:LazyTrainer`"""

    def __init__(self):
        self._half_way = None

    def on_segment(self, weights, context):
        if context.segment < context.segments // 2:
            self._half_way = weights
        elif context.segment == 0 or self._half_way is None:
            self._half_way = list(context.global_weights)
        return self._half_way
