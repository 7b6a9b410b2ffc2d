"""A hint that nobody needs the machine: the provider's command runs, unless there is work or hardly any time."""

import sys
import threading

from fl_nodes.rest import Rest

NOON = 1_700_000_000.0


def hinted(command, idle=True, seconds=1_800.0):
    ran = []
    rest = Rest(command, lambda: idle, lambda: NOON, lambda words: ran.append(list(words)))
    before = set(threading.enumerate())
    rest.hinted(NOON + seconds)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    return ran


def test_hinted__a_command__runs_for_as_long_as_nobody_is_expected():
    assert hinted("sudo rtcwake -m mem -s {seconds}") == [["sudo", "rtcwake", "-m", "mem", "-s", "1800"]]


def test_hinted__no_command_work_at_hand_or_a_short_rest__runs_nothing():
    assert hinted(None) == []
    assert hinted("x", idle=False) == []
    assert hinted("x", seconds=10.0) == []
    assert hinted("x", seconds=-5.0) == []


def test_run__a_command_that_fails_or_is_not_there__is_no_harm(tmp_path):
    for command in (f"{sys.executable} -c 'raise SystemExit(3)'", str(tmp_path / "nothing")):
        rest = Rest(command, lambda: True, lambda: NOON)
        rest.run(["false"] if "nothing" not in command else [command])
