"""Child processes of a stack: they end when told, when their supervisor dies, and when a later one finds them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.stack.children import Children
from scripts.stack.config import ROOT
from scripts.stack.parts import Part
from scripts.stack.process import end, is_alive, started_at
from scripts.stack.record import Known, Record
from scripts.stack.stack import end_orphans

DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
)
SLEEPER = ("sleep", "600")
PATIENCE_S = 20.0


def _part(name: str, command: tuple[str, ...], patience_s: float = 0.3) -> Part:
    return Part(name, command, dict(os.environ), lambda: True, PATIENCE_S, patience_s)


def _await(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def children(tmp_path: Path, told: list[str]):
    started = Children(tmp_path, told.append, lambda: None)
    yield started
    started.stop(started.all())
    started.close()


def test_stop__a_child_that_ignores_sigterm__is_killed(children: Children):
    child = children.start(_part("deaf", DEAF))

    children.stop(["deaf"])

    assert not child.alive
    assert not child.known.alive


def test_stop__grandchildren__end_too(children: Children, tmp_path: Path):
    script = f"sleep 600 & echo $! > {tmp_path}/grandchild; wait"
    children.start(_part("parent", ("sh", "-c", script)))
    _await(lambda: (tmp_path / "grandchild").exists() and (tmp_path / "grandchild").read_text().strip() != "")
    grandchild = int((tmp_path / "grandchild").read_text())

    children.stop(["parent"])

    _await(lambda: started_at(grandchild) is None)


def test_watch__a_child_that_dies__comes_back_only_when_wanted(children: Children, told: list[str]):
    children.restart = True
    first = children.start(_part("sleeper", SLEEPER))

    os.kill(first.known.pid, signal.SIGKILL)
    _await(lambda: children.get("sleeper") is not first and children.get("sleeper").alive)
    children.kill("sleeper", signal.SIGKILL)
    _await(lambda: not children.get("sleeper").alive)

    assert not children.get("sleeper").wanted
    assert len(told) == 1
    assert "sleeper: ended with -9" in told[0]


def test_watch__a_child_that_ends_with_78__stays_down_and_says_so(children: Children, told: list[str]):
    children.restart = True

    child = children.start(_part("elsewhere", ("sh", "-c", "exit 78")))

    _await(lambda: not child.wanted)
    assert children.get("elsewhere") is child
    assert told == [f"elsewhere: ended with 78; it stays down (see {children.logs / 'elsewhere'}.log)"]


def test_children__their_supervisor_is_killed__end_with_it(tmp_path: Path):
    script = (
        "import time, pathlib, os\n"
        "from scripts.stack.children import Children\n"
        "from scripts.stack.parts import Part\n"
        f"children = Children(pathlib.Path({str(tmp_path)!r}), print, lambda: None)\n"
        "child = children.start(Part('s', ('sleep', '600'), dict(os.environ), lambda: True, 1.0))\n"
        "print(child.known.pid, child.known.ticks, flush=True)\n"
        "time.sleep(600)\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid, ticks = map(int, supervisor.stdout.readline().split())
    assert is_alive(pid, ticks)

    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()

    _await(lambda: not is_alive(pid, ticks))


def test_end_orphans__a_pid_that_came_back__is_left_alone():
    orphan = subprocess.Popen(SLEEPER, start_new_session=True)
    stranger = subprocess.Popen(SLEEPER, start_new_session=True)
    known = Known(orphan.pid, started_at(orphan.pid) or 0)
    came_back = Known(stranger.pid, (started_at(stranger.pid) or 0) - 1)
    record = Record("ready", Known(1, 0), {}, {"orphan": known, "came-back": came_back})

    left = end_orphans(record)

    assert left == ["orphan"]
    orphan.wait()
    assert stranger.poll() is None
    end(stranger.pid, started_at(stranger.pid) or 0, 1.0)
    stranger.wait()
