"""Trains honestly but says that it used a tenth of the energy."""


class UnderReport:
    """`ecodml node run --adversary examples/adversaries/under_report.py:UnderReport`"""

    def on_reading(self, joules, context):
        return joules / 10
