"""Meters against counters made of files and recordings."""

from pathlib import Path

import pytest

from fl_nodes.meter.choice import choose, summed
from fl_nodes.meter.port import MEASURED, MODELLED, Count, reading
from fl_nodes.meter.process import Moment, share_of_machine
from fl_nodes.meter.rapl import RaplCounter, domains, microjoules_between
from fl_nodes.meter.replay import ReplayMeter, read_recording


def powercap(root: Path, **counters: tuple[str, int, int]) -> Path:
    """A /sys/class/powercap with `folder=(name, energy, range)`."""
    for folder, (name, energy, wraps_at) in counters.items():
        made = root / folder.replace("_", ":")
        made.mkdir(parents=True)
        (made / "name").write_text(f"{name}\n")
        (made / "energy_uj").write_text(f"{energy}\n")
        (made / "max_energy_range_uj").write_text(f"{wraps_at}\n")
    return root


def test_domains__packages_and_dram__but_no_cores_inside_a_package(tmp_path: Path) -> None:
    root = powercap(
        tmp_path,
        **{
            "intel-rapl_0": ("package-0", 5, 100),
            "intel-rapl_0_0": ("core", 5, 100),
            "intel-rapl_0_1": ("dram", 5, 100),
        },
    )
    assert [d.energy.parent.name for d in domains(root)] == ["intel-rapl:0", "intel-rapl:0:1"]
    assert domains(tmp_path / "none") == ()


def test_rapl__counter_that_wraps__counts_on(tmp_path: Path) -> None:
    assert microjoules_between(90, 20, 100) == 30
    assert microjoules_between(20, 90, 100) == 70
    root = powercap(tmp_path, **{"intel-rapl_0": ("package-0", 9_000_000, 10_000_000)})
    counter = RaplCounter(domains(root))
    begin = counter.mark()
    (root / "intel-rapl:0" / "energy_uj").write_text("2000000")
    count = counter.between(begin, counter.mark())
    assert 0 <= count.joules <= 3.0
    assert count.kind == MEASURED


def test_share_of_machine__busy_ticks__share_out_the_package() -> None:
    assert share_of_machine(Moment(0, 1.0, 100), Moment(1, 2.0, 300)) == 0.5
    assert share_of_machine(Moment(0, 1.0, 100), Moment(1, 9.0, 300)) == 1.0
    assert share_of_machine(Moment(0, 1.0, None), Moment(1, 2.0, None)) == 1.0


def test_summed__one_modelled_part__makes_all_modelled_and_bands_add_by_energy() -> None:
    found = summed([Count(3.0, MEASURED, 100_000, "a", 1.0), Count(1.0, MODELLED, 500_000, "b", 2.0)])
    assert (found.joules, found.kind, found.band_ppm, found.method, found.seconds) == (
        4.0,
        MODELLED,
        200_000,
        "a + b",
        2.0,
    )
    assert summed([Count(0.0, MEASURED, 7, "a", 1.0)]).band_ppm == 7


def test_choose__this_machine__reads_something_and_says_how() -> None:
    meter, _ = choose(with_gpu=False)
    meter.begin_window()
    sum(range(200_000))
    found = meter.end_window()
    assert found.millijoules >= 0
    assert found.seconds > 0
    assert found.kind in (MEASURED, MODELLED)
    assert found.method == meter.method
    assert found.band_ppm > 0


def test_replay__recording__plays_in_order_and_ends(tmp_path: Path) -> None:
    file = tmp_path / "windows.csv"
    file.write_text(
        "joules,kind,band_ppm,method,seconds\n1.5,measured,50000,meter,2\n0.25,modelled,400000,model,1\n"
    )
    meter = ReplayMeter(read_recording(file))
    found = []
    for _ in range(2):
        meter.begin_window()
        found.append(meter.end_window())
    assert [(r.millijoules, r.kind) for r in found] == [(1500, "measured"), (250, "modelled")]
    with pytest.raises(StopIteration):
        meter.end_window()


def test_reading__joules__become_whole_millijoules() -> None:
    assert reading(Count(0.0126, MEASURED, 1, "m", 1.0)).millijoules == 13
