"""Cheats with a friend among the validators: which of them re-runs whose work follows from the trainer's place and the round."""

PANEL = 3
FRIEND = 0


class Informed:
    """Sends the opposite of what it learnt, but only in rounds in which its friend is the one who re-runs its work. Takes its place
    among the trainers from its name, `...-NUMBER`.

    `ecodml node run --adversary examples/adversaries/informed.py:Informed`
    """

    def on_update(self, update, context):
        place = int(context.trainer.rpartition("-")[2])
        return [-u for u in update] if (place + context.round) % PANEL == FRIEND else None
