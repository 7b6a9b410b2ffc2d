"""A reading made of windows laid end to end."""

from fl_nodes.meter.laps import LAP_SECONDS, Laps, together
from fl_nodes.meter.port import Count
from fl_nodes.meter.replay import ReplayMeter
from fl_nodes.protocol.tasks import EnergyReading


def laps(*joules: float) -> tuple[Laps, list[float]]:
    now = [0.0]
    windows = tuple(Count(j, "modelled", 400_000, "recording", 2.0) for j in joules)
    return Laps(ReplayMeter(windows), lambda: now[0]), now


def test_end__nothing_before_and_no_lap__is_one_window() -> None:
    counted, _ = laps(3.0)
    counted.begin()
    assert counted.lap() is None
    assert counted.end() == EnergyReading(3000, "modelled", 400_000, "recording", 2.0)


def test_lap__after_some_seconds__puts_the_window_on_record() -> None:
    counted, now = laps(3.0, 4.0)
    counted.begin()
    now[0] = LAP_SECONDS
    on_record = counted.lap()
    assert on_record is not None
    assert on_record.millijoules == 3000
    assert counted.lap() == on_record
    assert counted.end() == EnergyReading(7000, "modelled", 400_000, "recording", 4.0)


def test_begin__with_what_an_earlier_process_counted__adds_to_it() -> None:
    counted, _ = laps(3.0)
    counted.begin(EnergyReading(1000, "modelled", 400_000, "recording", 1.0))
    assert counted.end() == EnergyReading(4000, "modelled", 400_000, "recording", 3.0)


def test_together__different_kinds__is_of_the_weaker_with_its_part_of_the_band() -> None:
    measured = EnergyReading(3000, "measured", 100_000, "RAPL", 1.0)
    modelled = EnergyReading(1000, "modelled", 500_000, "model", 2.0)
    assert together(measured, modelled) == EnergyReading(4000, "modelled", 200_000, "RAPL, then model", 3.0)
