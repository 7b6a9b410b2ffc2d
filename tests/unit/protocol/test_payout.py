"""Shares, in the source system's worked example and at the edges."""

import pytest

from fl_nodes.protocol.payout import Scheme, Weights, Work, commission, divide, parts, shares

DML = 10**18


def work(trainer: str, accuracy_ppm: int, **changes: int) -> Work:
    values = {
        "macro_f1_ppm": accuracy_ppm,
        "examples": 100,
        "milliseconds": 1000,
        "millijoules": 5000,
        "gpu_use_ppm": 0,
    }
    return Work(trainer, accuracy_ppm, **(values | changes))


def test_shares__accuracy_scheme__match_the_sources_worked_example() -> None:
    """0.13 DML, accuracies 0.75, 0.55, 0.55, 0.95 (sum 2.8), 2 % commission: 0.1274 DML to divide."""
    fee = 130_000_000_000_000_000
    done = [work("a", 750_000), work("b", 550_000), work("c", 550_000), work("d", 950_000)]
    paid = shares(Scheme.ACCURACY, fee, 200, done)
    assert paid == (
        34_125_000_000_000_000,
        25_025_000_000_000_000,
        25_025_000_000_000_000,
        43_225_000_000_000_000,
    )
    assert commission(fee, 200) == 2_600_000_000_000_000
    assert sum(paid) + commission(fee, 200) == fee


def test_divide__remainder__goes_to_the_largest_fractions_then_the_earliest() -> None:
    assert divide(10, [1, 1, 1]) == (4, 3, 3)
    assert divide(100, [1, 5, 1]) == (14, 72, 14)


def test_divide__no_weight_at_all__splits_evenly() -> None:
    assert divide(7, [0, 0]) == (4, 3)


@pytest.mark.parametrize(("pot", "weights"), [(1, []), (-1, [1]), (1, [-1, 2])])
def test_divide__nonsense__is_refused(pot: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="pot"):
        divide(pot, weights)


def test_shares__missed_everything__gets_nothing() -> None:
    idle = Work("idle", 0, 0, 0, 0, 0, 0)
    paid = shares(Scheme.COMPOSITE, DML, 200, [work("a", 900_000), idle])
    assert paid == (DML - commission(DML, 200), 0)


def test_composite__less_energy_and_time__earns_more() -> None:
    lean, heavy = work("lean", 900_000, millijoules=2500), work("heavy", 900_000)
    paid = shares(Scheme.COMPOSITE, DML, 200, [lean, heavy])
    assert paid[0] > paid[1]
    efficiency = parts(Scheme.COMPOSITE, [lean, heavy])["energy_efficiency"]
    assert efficiency[0] == 2 * efficiency[1]


def test_composite__a_claim_of_next_to_no_energy__counts_as_twice_the_median() -> None:
    others = [work(name, 900_000) for name in "bcd"]
    liar, lean = work("a", 900_000, millijoules=1), work("a", 900_000, millijoules=2500)
    assert parts(Scheme.COMPOSITE, [liar, *others]) == parts(Scheme.COMPOSITE, [lean, *others])


def test_composite__one_part_has_all_the_weight__is_divided_by_it_alone() -> None:
    done = [work("a", 900_000, contribution_ppm=300_000), work("b", 950_000, contribution_ppm=100_000)]
    by_contribution = Weights(100, 0, 0, 0, 0, 0)
    assert shares(Scheme.COMPOSITE, DML, 0, done, by_contribution) == (3 * DML // 4, DML // 4)


def test_composite__nobody_did_anything_of_a_part__the_others_divide_the_pot() -> None:
    done = [work("a", 900_000), work("b", 900_000, examples=300, millijoules=15_000, milliseconds=3000)]
    assert shares(Scheme.COMPOSITE, DML, 0, done) == (DML // 4, 3 * DML // 4)


@pytest.mark.parametrize("weights", [(41, 20, 15, 10, 10, 5), (-40, 100, 15, 10, 10, 5), (0,) * 6])
def test_weights__not_a_hundred_percent__are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sum to 100"):
        Weights(*weights)
