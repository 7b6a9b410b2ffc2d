"""Setting how hard a machine works: on folders like sysfs's, put back after the work, after an error and after a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fl_nodes.power.control import PowerControl
from fl_nodes.power.cpufreq import cpu_frequency
from fl_nodes.power.left_behind import LeftBehind
from fl_nodes.power.nvml import gpu_power_limit
from fl_nodes.protocol.power import FULL, LEVELS_PPM

ROOT = Path(__file__).resolve().parents[3]
SEVENTY = LEVELS_PPM.index(700_000)


def sysfs(root: Path, maxima: tuple[int, ...] = (3_000_000, 2_000_000), minimum: int = 1_000_000) -> Path:
    for i, maximum in enumerate(maxima):
        folder = root / f"policy{i}"
        folder.mkdir(parents=True)
        (folder / "cpuinfo_min_freq").write_text(f"{minimum}\n")
        (folder / "cpuinfo_max_freq").write_text(f"{maximum}\n")
        (folder / "scaling_max_freq").write_text(f"{maximum - 100_000}\n")
    return root


def caps(root: Path) -> list[int]:
    return [int((f / "scaling_max_freq").read_text()) for f in sorted(root.glob("policy*"))]


@pytest.fixture
def machine(tmp_path):
    return sysfs(tmp_path / "cpufreq")


@pytest.fixture
def left(tmp_path):
    return LeftBehind(tmp_path / "power")


def test_running_at__a_level__caps_every_policy_and_puts_back_what_was_set(machine, left):
    before = caps(machine)
    with PowerControl(cpu_frequency(machine), left).running_at(SEVENTY) as how:
        assert caps(machine) == [2_100_000, 1_400_000]
        assert how == "at 70 % of full by cpufreq"
    assert caps(machine) == before


def test_running_at__less_than_the_machine_goes_down_to__stops_at_its_lowest(machine, left):
    with PowerControl(cpu_frequency(machine), left).running_at(0):
        assert caps(machine) == [1_200_000, 1_000_000]


def test_running_at__the_work_fails__is_put_back(machine, left):
    before = caps(machine)
    with pytest.raises(ZeroDivisionError), PowerControl(cpu_frequency(machine), left).running_at(0):
        raise ZeroDivisionError
    assert caps(machine) == before


@pytest.mark.parametrize("level", [FULL, -1, 99])
def test_running_at__full_or_no_level__touches_nothing(machine, left, level):
    with PowerControl(cpu_frequency(machine), left).running_at(level) as how:
        assert caps(machine) == [2_900_000, 1_900_000]
        assert how == ""


def test_announced__a_machine_without_a_knob__says_nothing_and_runs_at_full_speed(tmp_path, left):
    control = PowerControl(cpu_frequency(tmp_path), left)

    assert control.announced is None
    with control.running_at(SEVENTY) as how:
        assert how.startswith("at full speed, for this machine's power cannot be set")


def test_announced__settings_that_may_not_be_written__counts_as_none(machine, left):
    if os.geteuid() == 0:  # root writes whatever the mode: a folder in the file's place refuses it too
        for folder in machine.glob("policy*"):
            (folder / "scaling_max_freq").unlink()
            (folder / "scaling_max_freq").mkdir()
        assert cpu_frequency(machine) is None
        return
    for folder in machine.glob("policy*"):
        (folder / "scaling_max_freq").chmod(0o400)
    assert PowerControl(cpu_frequency(machine), left).announced is None


def test_announced__a_knob__names_it_and_its_levels(machine, left):
    control = PowerControl(cpu_frequency(machine), left)
    assert control.announced == {"by": "cpufreq", "levels": [0, 1, 2, 3, 4]}


def test_running_at__another_node_has_set_the_machine__runs_at_full_speed_and_says_so(
    machine, left, tmp_path
):
    one, other = (PowerControl(cpu_frequency(machine), LeftBehind(tmp_path / "power")) for _ in range(2))
    with one.running_at(SEVENTY), other.running_at(0) as how:
        assert caps(machine) == [2_100_000, 1_400_000]
        assert "another node" in how
    assert caps(machine) == [2_900_000, 1_900_000]


KILLED = """
import sys, time
from pathlib import Path
from fl_nodes.power.control import PowerControl
from fl_nodes.power.cpufreq import cpu_frequency
from fl_nodes.power.left_behind import LeftBehind
with PowerControl(cpu_frequency(Path(sys.argv[1])), LeftBehind(Path(sys.argv[2]))).running_at(0):
    print("set", flush=True)
    time.sleep(60)
"""


def test_start__an_earlier_process_was_killed_in_mid_work__is_put_back(machine, tmp_path):
    before = caps(machine)
    power = tmp_path / "power"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(machine), str(power)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"set\n"
        assert caps(machine) != before
        child.send_signal(signal.SIGKILL)
    assert caps(machine) != before

    PowerControl(cpu_frequency(machine), LeftBehind(power))

    assert caps(machine) == before


@pytest.mark.parametrize(
    "noted", ["", "[]", '{"by": "cpufreq"}', '{"by": "other", "settings": {"policy0": 1}}']
)
def test_start__nonsense_was_left_behind__is_ignored(machine, left, tmp_path, noted):
    (tmp_path / "power").mkdir()
    (tmp_path / "power" / "before.json").write_text(noted)
    PowerControl(cpu_frequency(machine), left)
    assert caps(machine) == [2_900_000, 1_900_000]


def test_nvml__this_machines_gpus__levels_lie_within_what_the_boards_allow():
    limit = gpu_power_limit()
    if limit is None:
        pytest.skip("no GPU whose power limit can be read")
    lowest, full = limit.at(LEVELS_PPM[0]), limit.at(LEVELS_PPM[FULL])
    for i, handle in enumerate(limit.handles):
        least, most = limit.nvml.nvmlDeviceGetPowerManagementLimitConstraints(handle)
        assert least <= lowest[str(i)] <= full[str(i)] <= most
    assert set(limit.settings()) == set(full)
