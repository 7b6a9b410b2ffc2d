"""Every wei of a payment is explained, by both schemes."""

from __future__ import annotations

import pytest

from fl_nodes.protocol.pay import dml, explain, told
from fl_nodes.protocol.payout import Scheme, Weights, Work, commission, shares

FEE = 130_000_000_000_000_007
CUT = commission(FEE, 200)
DONE = (
    Work("a", 750_000, 700_000, 1000, 5_000, 80_000, 10_000, 200_000),
    Work("b", 550_000, 500_000, 1000, 9_000, 50_000, 10_000, 100_000),
    Work("c", 550_000, 500_000, 700, 7_000, 50_000, 0, 33_333),
)


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("done", [DONE, DONE[:1], (*DONE, Work("idle", 0, 0, 0, 0, 0, 0))])
def test_explain__parts_amounts_and_commission__sum_to_the_fee(
    scheme: Scheme, done: tuple[Work, ...]
) -> None:
    pay = explain(scheme, FEE, CUT, done)
    assert pay.amounts_wei == shares(scheme, FEE, 200, done)
    assert sum(pay.amounts_wei) + int(pay.commission_wei) == int(pay.fee_wei) == FEE
    for line in pay.lines:
        assert sum(int(part.wei) for part in line.parts) == int(line.amount_wei)


def test_explain__composite__says_what_each_part_was_and_brought() -> None:
    line = explain(Scheme.COMPOSITE, FEE, CUT, DONE).lines[0]
    parts = {part.name: part for part in line.parts}
    assert {name: part.weight_percent for name, part in parts.items()} == dict(Weights().by_part)
    assert (parts["contribution"].value, parts["contribution"].share_ppm) == (200_000, 600_000)
    assert (parts["energy_efficiency"].value, parts["energy_efficiency"].unit) == (12_500, "examples/kJ")
    pot = FEE - CUT
    assert int(parts["contribution"].wei) == pytest.approx(pot * 0.4 * 0.6, rel=1e-5)
    assert int(parts["gpu_use"].wei) == pytest.approx(pot * 0.05 * 0.5, rel=1e-5)


def test_explain__accuracy__is_the_sources_formula() -> None:
    pay = explain(Scheme.ACCURACY, FEE, CUT, DONE)
    assert [(p.name, p.value, p.weight_percent) for p in pay.lines[0].parts] == [("accuracy", 750_000, 100)]
    assert "accuracy" in pay.formula


def test_explain__nobody_did_anything__all_get_the_same_and_are_told() -> None:
    idle = [Work(name, 0, 0, 0, 0, 0, 0) for name in "ab"]
    pay = explain(Scheme.COMPOSITE, FEE, CUT, idle)
    assert [part.name for line in pay.lines for part in line.parts] == ["equal", "equal"]
    assert pay.amounts_wei == shares(Scheme.COMPOSITE, FEE, 200, idle)


def test_told__for_a_person__names_value_share_weight_and_amount() -> None:
    first = told(explain(Scheme.COMPOSITE, FEE, CUT, DONE).lines[0])[0]
    for piece in ("contribution", "20.00 %", "60.00 % of all", "weight  40 %", "DML"):
        assert piece in first


@pytest.mark.parametrize(
    ("wei", "shown"),
    [
        ("0", "0 DML"),
        ("1", "0.000000000000000001 DML"),
        (str(10**18), "1 DML"),
        (str(13 * 10**16), "0.13 DML"),
    ],
)
def test_dml__any_amount__is_exact(wei: str, shown: str) -> None:
    assert dml(wei) == shown
