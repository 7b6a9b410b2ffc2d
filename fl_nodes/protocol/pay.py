"""Why each payee of a job got what it got: every part of its pay with what it did, how that compares, and the wei it brought.

Derived from what is on chain (fee, commission, score words) and the specification's scheme and weights, by the same claims that the
shares are computed from. The parts of a payee sum to its amount, and the amounts with the commission to the fee, to the wei.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fl_nodes.protocol.payout import (
    MOST_OVER_MEDIAN,
    PERCENT,
    WEIGHTS,
    Scheme,
    Weights,
    Work,
    claims,
    divide,
    parts,
)

PPM = 1_000_000

FORMULAS = {
    Scheme.ACCURACY: "the pot is divided by accuracy: own / sum of all",
    Scheme.COMPOSITE: "each part takes its weight of the pot and is divided by own / sum of all; a part of which nobody did "
    "anything is left out and the others take its weight",
}

UNITS = {"examples": "examples", "energy_efficiency": "examples/kJ", "duration": "examples/1000 s"}
"""Of a part's value; the others are in ppm."""

NOTES = {
    "accuracy": "of the model with the update, on the validation split; average of all rounds",
    "contribution": "gain in the probability given to the right classes (Shapley value); sum of all rounds",
    "macro_f1": "of the model with the update, on the validation split; counts times examples",
    "energy_efficiency": f"counts up to {MOST_OVER_MEDIAN} times the median; counts times examples",
    "duration": f"speed; counts up to {MOST_OVER_MEDIAN} times the median; counts times examples",
    "examples": "trained on in all rounds",
    "gpu_use": "average; counts times examples",
    "equal": "nobody did anything that counts: all get the same",
}
"""What each part's value is, and what of it the part is divided by."""


@dataclass(frozen=True)
class PayPart:
    """What one part brought: the raw `value` in `unit`, what that is of all payees' together, the part's weight, wei."""

    name: str
    value: int
    unit: str
    share_ppm: int
    weight_percent: int
    wei: str


@dataclass(frozen=True)
class PayLine:
    """A payee's amount and the parts that sum to it."""

    payee: str
    amount_wei: str
    parts: tuple[PayPart, ...]


@dataclass(frozen=True)
class Pay:
    """A job's payment: fee = commission + pot, divided by the formula of the scheme; `notes` say what the parts' values are."""

    scheme: str
    formula: str
    fee_wei: str
    commission_wei: str
    pot_wei: str
    notes: dict[str, str]
    lines: tuple[PayLine, ...]

    @property
    def amounts_wei(self) -> tuple[int, ...]:
        """Wei per payee."""
        return tuple(int(line.amount_wei) for line in self.lines)


def explain(
    scheme: Scheme, fee_wei: int, commission_wei: int, work: Sequence[Work], weights: Weights = WEIGHTS
) -> Pay:
    """Explain `payout.shares` of the same arguments, in the order of `work`."""
    pot_wei = fee_wei - commission_wei
    claimed = claims(scheme, work, weights)
    amounts = divide(pot_wei, [sum(claim) for claim in claimed])
    columns = parts(scheme, work)
    percent = weights.by_part if scheme is Scheme.COMPOSITE else {"accuracy": PERCENT}
    nothing = not any(map(any, claimed))
    lines = []
    for i, (done, claim, amount) in enumerate(zip(work, claimed, amounts, strict=True)):
        brought = (
            [PayPart("equal", 1, "", PPM // len(work), PERCENT, str(amount))]
            if nothing
            else [
                PayPart(
                    name, _raw(name, done), unit_of(name), _ppm(column[i], column), percent[name], str(wei)
                )
                for (name, column), wei in zip(columns.items(), divide(amount, claim), strict=True)
            ]
        )
        lines.append(PayLine(done.trainer, str(amount), tuple(brought)))
    return Pay(
        scheme=scheme.value,
        formula=FORMULAS[scheme],
        fee_wei=str(fee_wei),
        commission_wei=str(commission_wei),
        pot_wei=str(pot_wei),
        notes={part.name: NOTES[part.name] for part in lines[0].parts},
        lines=tuple(lines),
    )


def told(line: PayLine) -> list[str]:
    """A payee's parts for a person, one line each: value, share of all, weight, DML."""
    return [
        f"{part.name.replace('_', ' '):18}{_value(part):>24}, {part.share_ppm / 10_000:6.2f} % of all, "
        f"weight {part.weight_percent:3} %: {dml(part.wei)}"
        for part in line.parts
    ]


def dml(wei: str | int) -> str:
    """Wei as DML, exactly and without trailing zeros, such as `0.13 DML`."""
    whole, rest = divmod(int(wei), 10**18)
    return f"{whole}{f'.{rest:018d}'.rstrip('0').rstrip('.')} DML"


def unit_of(part: str) -> str:
    """The unit of a part's value."""
    return UNITS.get(part, "ppm")


def _value(part: PayPart) -> str:
    return f"{part.value / 10_000:.2f} %" if part.unit == "ppm" else f"{part.value} {part.unit}"


def _raw(name: str, done: Work) -> int:
    if name == "energy_efficiency":
        return _per(done.examples, done.millijoules)
    if name == "duration":
        return _per(done.examples, done.milliseconds)
    return int(getattr(done, name if name == "examples" else f"{name}_ppm"))


def _per(amount: int, spent: int) -> int:
    return amount * PPM // spent if spent > 0 else 0


def _ppm(value: int, column: Sequence[int]) -> int:
    return value * PPM // max(sum(column), 1)
