"""When a job starts: the cleanest time inside its deadline, and why."""

import pytest

from backend.energy.shifting import (
    CLEANER_LATER,
    NO_SLACK,
    NOT_KNOWN,
    NOTHING_BETTER,
    best_start,
    reserve_for,
)

HOUR = 3600
MIDNIGHT = 480_000 * HOUR
DAY = [300] * 10 + [100] * 4 + [300] * 10


def test_start__clean_hours_ahead__waits_for_them():
    start = best_start(DAY, now=MIDNIGHT, seconds=4 * HOUR, deadline=MIDNIGHT + 24 * HOUR)

    assert (start.at, start.reason) == (MIDNIGHT + 10 * HOUR, CLEANER_LATER)
    assert (start.mg_per_kwh, start.mg_per_kwh_now) == (100, 300)
    assert start.saving_ppm == 666_667
    assert start.again_at == MIDNIGHT + HOUR


def test_start__job_of_two_and_a_half_hours__ends_where_the_clean_hours_end():
    falling = [500, 400, 300, 100, 100, 900]
    start = best_start(falling, now=MIDNIGHT, seconds=2.5 * HOUR, deadline=MIDNIGHT + 24 * HOUR)

    assert start.at == MIDNIGHT + 2.5 * HOUR
    assert start.mg_per_kwh == pytest.approx((0.5 * 300 + 200) / 2.5)


def test_start__now_is_cleanest__does_not_wait():
    start = best_start([100, 200, 300, 400], now=MIDNIGHT, seconds=HOUR, deadline=MIDNIGHT + 9 * HOUR)

    assert (start.at, start.reason, start.again_at) == (MIDNIGHT, NOTHING_BETTER, MIDNIGHT)


def test_start__reserve__keeps_it_from_the_last_clean_hours():
    late = [300] * 20 + [100] * 4
    generous = best_start(late, now=MIDNIGHT, seconds=4 * HOUR, deadline=MIDNIGHT + 24 * HOUR, reserve_ppm=0)
    careful = best_start(
        late, now=MIDNIGHT, seconds=4 * HOUR, deadline=MIDNIGHT + 24 * HOUR, reserve_ppm=500_000
    )

    assert generous.at == generous.latest == MIDNIGHT + 20 * HOUR
    assert careful.at == careful.latest == MIDNIGHT + 18 * HOUR


def test_start__deadline_too_near_or_past__starts_at_once():
    for deadline in (MIDNIGHT + 4 * HOUR, MIDNIGHT - HOUR):
        start = best_start(DAY, now=MIDNIGHT, seconds=4 * HOUR, deadline=deadline)
        assert (start.at, start.reason) == (MIDNIGHT, NO_SLACK)


def test_start__forecast_shorter_than_the_job__starts_at_once_and_says_why():
    start = best_start([300, 100], now=MIDNIGHT, seconds=3 * HOUR, deadline=MIDNIGHT + 24 * HOUR)

    assert (start.at, start.reason, start.saving_ppm) == (MIDNIGHT, NOT_KNOWN, 0)
    assert "not known" in start.sentence


def test_start__gain_below_what_is_asked__does_not_wait():
    ahead = [100, 98, 100, 100]
    assert best_start(ahead, now=MIDNIGHT, seconds=HOUR, deadline=MIDNIGHT + 9 * HOUR).at == MIDNIGHT + HOUR
    asked = best_start(ahead, now=MIDNIGHT, seconds=HOUR, deadline=MIDNIGHT + 9 * HOUR, least_gain_ppm=30_000)
    assert (asked.at, asked.reason) == (MIDNIGHT, NOTHING_BETTER)


def test_start__job_without_length__is_refused():
    with pytest.raises(ValueError, match="cannot be"):
        best_start(DAY, now=MIDNIGHT, seconds=0, deadline=MIDNIGHT + 24 * HOUR)


def test_reserve__earlier_jobs__is_what_all_but_so_many_stayed_within():
    ratios = [1.0] * 990 + [1.5] * 10
    assert reserve_for(ratios, 20_000) == 0
    assert reserve_for(ratios, 1_000) == 500_000


def test_reserve__no_earlier_jobs__is_the_run_time_itself():
    assert reserve_for([], 1_000) == 1_000_000


def test_reserve__faster_than_expected__is_never_negative():
    assert reserve_for([0.5, 0.6], 1_000) == 0
