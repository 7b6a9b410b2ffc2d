"""A real round at a level: the machine is slowed while it trains, and the reading says how that was done."""

from dataclasses import replace
from pathlib import Path

from fl_nodes.power.control import PowerControl
from fl_nodes.power.cpufreq import cpu_frequency
from fl_nodes.power.left_behind import LeftBehind
from fl_nodes.protocol.power import FULL
from tests.integration.fl_nodes.job_world import World


def test_train__a_level_on_a_machine_that_can_be_set__is_slowed_meanwhile_and_said(
    world: World, tmp_path: Path
) -> None:
    policy = tmp_path / "cpufreq" / "policy0"
    policy.mkdir(parents=True)
    for name, khz in (("cpuinfo_min_freq", 400), ("cpuinfo_max_freq", 2_000), ("scaling_max_freq", 2_000)):
        (policy / name).write_text(f"{khz}\n")
    cap = policy / "scaling_max_freq"
    control = PowerControl(cpu_frequency(tmp_path / "cpufreq"), LeftBehind(tmp_path / "power"))
    world.trainers["0xT1"] = replace(world.trainer("0xT1"), power=control)
    seen: set[str] = set()
    slow = world.train("0xT1", check=lambda: seen.add(cap.read_text()), level=2)
    after = cap.read_text()
    full = world.train("0xT1", number=2)

    assert seen == {"1400\n"}
    assert after == "2000\n"
    assert slow.energy.method == "recording; at 70 % of full by cpufreq"
    assert full.energy.method == "recording"
    assert slow.update_sha256 == full.update_sha256


def test_train__a_level_on_a_machine_that_cannot_be_set__runs_at_full_speed_and_says_so(world: World) -> None:
    world.trainer("0xT1")

    assert "at full speed" in world.train("0xT1", level=FULL - 1).energy.method
