"""Epsilon against its closed form, against dp-accounting's general accountant, and against what is known of it."""

import math

import pytest
from dp_accounting import GaussianDpEvent, SelfComposedDpEvent
from dp_accounting.rdp import RdpAccountant
from scipy.stats import norm

from fl_nodes.aggregator.privacy import REPLACED, epsilon


@pytest.mark.parametrize(
    ("noise", "rounds", "due"),
    # z = 1 and 4.5 over 50 rounds: what a paper's table would call "eps 54" and "eps 8".
    [
        (1.0, 1, 4.377178),
        (1.0, 50, 54.376639),
        (4.5, 50, 7.455411),
        (0.5, 10, 46.211210),
        (2.0, 1000, 191.549201),
    ],
)
def test_epsilon__known_cases__golden(noise: float, rounds: int, due: float) -> None:
    assert epsilon(noise, rounds, 1e-5) == pytest.approx(due, rel=1e-6)


@pytest.mark.parametrize("noise", [0.3, 1.0, 7.0])
@pytest.mark.parametrize("rounds", [1, 10, 300])
def test_epsilon__any_noise__meets_delta_exactly(noise: float, rounds: int) -> None:
    found, mu = epsilon(noise, rounds, 1e-6), math.sqrt(rounds) / noise
    # Balle and Wang 2018, theorem 5.
    delta = norm.cdf(mu / 2 - found / mu) - math.exp(found + norm.logcdf(-mu / 2 - found / mu))

    assert delta == pytest.approx(1e-6, rel=1e-3)


@pytest.mark.parametrize(("noise", "rounds"), [(0.5, 3), (1.0, 50), (4.5, 50)])
def test_epsilon__general_accountant__is_an_upper_bound_a_tenth_away(noise: float, rounds: int) -> None:
    accountant = RdpAccountant()
    accountant.compose(SelfComposedDpEvent(GaussianDpEvent(noise), rounds))
    bound = accountant.get_epsilon(1e-5)

    assert 0.9 * bound < epsilon(noise, rounds, 1e-5) < bound


def test_epsilon__twice_the_sensitivity__is_half_the_noise() -> None:
    assert epsilon(2.0, 5, 1e-5, REPLACED) == pytest.approx(epsilon(1.0, 5, 1e-5))


def test_epsilon__extremes__stay_finite_and_ordered() -> None:
    assert epsilon(100.0, 1, 0.01) == 0.0
    assert 40_000 < epsilon(0.1, 1000, 1e-5) < 60_000
    assert epsilon(1.0, 2, 1e-5) > epsilon(1.0, 1, 1e-5)


@pytest.mark.parametrize(("noise", "rounds", "delta"), [(0.0, 1, 1e-5), (1.0, 0, 1e-5), (1.0, 1, 0.0)])
def test_epsilon__without_noise_rounds_or_delta__is_refused(noise: float, rounds: int, delta: float) -> None:
    with pytest.raises(ValueError, match="epsilon"):
        epsilon(noise, rounds, delta)
