"""Works in the first round; from then on sends that round's update again."""


class StaleReplay:
    """`ecodml node run --adversary examples/adversaries/stale_replay.py:StaleReplay`"""

    def __init__(self):
        self._first = {}

    def on_update(self, update, context):
        return self._first.setdefault(context.job_id, update)
