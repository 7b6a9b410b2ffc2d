"""Trains on wrong labels: every row is said to be of the next class."""


class LabelFlip:
    """`ecodml node run --adversary examples/adversaries/label_flip.py:LabelFlip`"""

    def on_data(self, x, y, context):
        return x, (y + 1) % context.classes
