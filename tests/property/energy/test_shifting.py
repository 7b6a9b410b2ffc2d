"""Whatever is expected: a start leaves the reserve, never waits for nothing, and is the cleanest there is."""

from hypothesis import given
from hypothesis import strategies as st

from backend.energy.shifting import NOTHING_BETTER, PPM, best_start

HOUR = 3600
NOW = st.integers(0, 5 * HOUR).map(lambda s: 480_000 * HOUR + s)
SECONDS = st.integers(1, 10 * HOUR)
AHEAD = st.lists(st.integers(1, 10**6), max_size=48)
SLACK = st.integers(-2 * HOUR, 60 * HOUR)
RESERVE = st.integers(0, 2 * PPM)


@given(AHEAD, NOW, SECONDS, SLACK, RESERVE)
def test_start__any_forecast__leaves_the_reserve_before_the_deadline_or_is_now(
    ahead: list[int], now: int, seconds: int, slack: int, reserve: int
) -> None:
    start = best_start(ahead, now=now, seconds=seconds, deadline=now + slack, reserve_ppm=reserve)

    assert start.at >= now
    assert start.at == now or start.at + seconds * (PPM + reserve) / PPM <= now + slack + 1e-3
    assert now <= start.again_at <= max(start.at, now)


@given(st.integers(1, 10**6), NOW, SECONDS, SLACK)
def test_start__flat_intensity__never_waits(value: int, now: int, seconds: int, slack: int) -> None:
    start = best_start([value] * 48, now=now, seconds=seconds, deadline=now + slack)

    assert start.at == now


@given(st.lists(st.integers(1, 10**6), min_size=30, max_size=48), NOW, SECONDS, st.integers(0, 40 * HOUR))
def test_start__any_other_moment__is_expected_to_be_no_cleaner(
    ahead: list[int], now: int, seconds: int, later: int
) -> None:
    start = best_start(ahead, now=now, seconds=seconds, deadline=now + 48 * HOUR, reserve_ppm=0)
    other = now + later
    if other > start.latest or other + seconds > now // HOUR * HOUR + len(ahead) * HOUR:
        return

    assert start.mg_per_kwh <= _mean(ahead, now, other, seconds) * (1 + 1e-6)


@given(AHEAD, NOW, SECONDS, SLACK)
def test_start__decided_again_when_its_time_has_come__is_now(
    ahead: list[int], now: int, seconds: int, slack: int
) -> None:
    first = best_start(ahead, now=now, seconds=seconds, deadline=now + slack)
    passed = int(first.at // HOUR - now // HOUR)
    again = best_start(ahead[passed:], now=first.at, seconds=seconds, deadline=now + slack)

    assert again.at == first.at
    assert first.at == now or again.reason in (NOTHING_BETTER, "no_slack")


def _mean(ahead: list[int], now: int, start: int, seconds: int) -> float:
    """By the second: slow and plain."""
    first = now // HOUR
    total = 0.0
    for hour in range(start // HOUR, (start + seconds - 1) // HOUR + 1):
        inside = min(start + seconds, (hour + 1) * HOUR) - max(start, hour * HOUR)
        total += inside * ahead[hour - first]
    return total / seconds
