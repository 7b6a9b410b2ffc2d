"""Judging forecasts: what is held out stays unseen, and who has seen it is found out."""

import numpy as np
import pytest

from fl_nodes.forecast.features import BACK_HOURS, SUN, WIND, Examples, Hours, examples
from fl_nodes.forecast.judge import LEAK, PERSISTENCE, SMART, folds, judge
from fl_nodes.forecast.models import missed
from fl_nodes.forecast.references import clear_sky_index, smart_sun, smart_wind
from fl_nodes.forecast.ridge import Ridge

WEEKS = 12
COUNT = WEEKS * 7 * 24


def made_up(seed: int = 1) -> Hours:
    """Clouds and wind that remember some hours, under a sun that is known."""
    draw = np.random.default_rng(seed)
    hour = np.arange(COUNT)
    clear = np.maximum(0.0, 900 * np.sin((hour % 24 - 6) / 12 * np.pi))
    index, wind = np.zeros(COUNT), np.zeros(COUNT)
    for t in range(1, COUNT):
        index[t] = 0.8 * index[t - 1] + 0.2 * draw.normal()
        wind[t] = 0.9 * wind[t - 1] + 0.1 * draw.normal()
    return Hours(
        np.clip(0.7 + index, 0.05, 1.1) * clear, clear, np.clip(0.4 + wind, 0, 1), hour, np.full(COUNT, 15.0)
    )


class Peeking:
    """A model that was given the answers."""

    name = "peeking"

    @property
    def settings(self) -> dict[str, object]:
        return {}

    def fit(self, known: Examples) -> None:
        pass

    def correction(self, of: Examples) -> np.ndarray:
        return 0.5 * missed(of)


class LookingAhead(Ridge):
    """Ridge over columns one of which holds, by a slip, the hour to be forecast."""

    name = "looking ahead"

    def fit(self, known: Examples) -> None:
        super().fit(_slipped(known))

    def correction(self, of: Examples) -> np.ndarray:
        return super().correction(_slipped(of))


def _slipped(of: Examples) -> Examples:
    windows = of.windows.copy()
    windows[:, -1, 0] = of.target
    return Examples(
        of.hours, windows, of.next_known, of.reference, of.last, of.target, of.lit, of.scale, of.most
    )


@pytest.mark.parametrize("what", [SUN, WIND])
@pytest.mark.parametrize("cheat", [Peeking, LookingAhead])
def test_judge__a_forecast_that_has_seen_the_answer__is_flagged_and_never_chosen(what, cheat):
    judgement = judge(made_up(), what, [Ridge, cheat])
    cheating = judgement.score(cheat.name)
    assert cheating.smart_skill > LEAK
    assert cheating.leak
    assert judgement.best != cheat.name
    assert cheat.name in judgement.why
    assert not judgement.score("ridge").leak


@pytest.mark.parametrize("what", [SUN, WIND])
def test_judge__honest_forecasts__are_scored_against_both_references_and_the_best_is_named(what):
    judgement = judge(made_up(), what, [Ridge])
    assert judgement.score(PERSISTENCE).skill == 0
    assert judgement.score(SMART).smart_skill == 0
    assert judgement.score(SMART).skill > 0
    assert judgement.score(judgement.best).rmse == min(score.rmse for score in judgement.scores)
    assert judgement.best in judgement.why
    assert judgement.score("ridge").mae <= judgement.score("ridge").rmse


def test_folds__every_hour__is_held_out_once_and_learning_keeps_a_day_away():
    held_out = np.zeros(COUNT, dtype=int)
    for learn, held in folds(COUNT, 4):
        held_out += held
        for t in np.flatnonzero(learn):
            assert not held[max(0, t - BACK_HOURS + 1) : t + 2].any()
    assert (held_out == 1).all()


def test_judge__other_held_out_weeks__change_nothing_that_was_learned():
    seen: list[np.ndarray] = []

    class Watching(Ridge):
        def fit(self, known: Examples) -> None:
            seen.append(np.concatenate([known.flat.ravel(), known.target]))
            super().fit(known)

    hours = made_up()
    _, held = next(folds(COUNT, 4))
    judge(hours, WIND, [Watching], run=[0])
    other = Hours(
        hours.ghi, hours.clear, np.where(held, 1 - hours.wind, hours.wind), hours.hour_of_year, hours.temp_air
    )
    judge(other, WIND, [Watching], run=[0])
    assert np.array_equal(seen[0], seen[1])


@pytest.mark.parametrize("what", [SUN, WIND])
def test_examples__another_future__changes_no_row_but_targets(what):
    hours, cut = made_up(), COUNT // 2
    learned = np.arange(COUNT) < cut
    later = Hours(
        np.where(learned, hours.ghi, 0.0),
        hours.clear,
        np.where(learned, hours.wind, 0.0),
        hours.hour_of_year,
        np.where(learned, hours.temp_air, 40.0),
    )
    one, other = examples(hours, what, learned), examples(later, what, learned)
    rows = one.hours < cut
    for name in ("windows", "next_known", "reference", "last"):
        assert np.array_equal(getattr(one, name)[rows], getattr(other, name)[rows]), name


def test_smart_sun__the_index_of_an_hour_of_low_sun__is_the_last_one_known():
    clear = np.array([0.0, 10.0, 200.0, 400.0, 200.0, 5.0, 0.0, 0.0])
    ghi = np.array([0.0, 9.0, 100.0, 100.0, 180.0, 1.0, 0.0, 0.0])
    index = clear_sky_index(ghi, clear)
    assert list(index[2:]) == [0.5, 0.25, 0.9, 0.9, 0.9, 0.9]
    assert list(smart_sun(ghi, clear)[2:5]) == [200.0, 50.0, 4.5]


def test_smart_wind__wind_that_forgets_at_once__is_forecast_by_its_mean():
    draw = np.random.default_rng(3).uniform(0, 1, 5000)
    forecast = smart_wind(draw, np.ones(5000, dtype=bool))
    assert np.abs(forecast - draw.mean()).max() < 0.05
