"""Sends the opposite of what it learnt."""


class SignFlip:
    """`ecodml node run --adversary examples/adversaries/sign_flip.py:SignFlip`"""

    def on_update(self, update, context):
        return [-u for u in update]
