"""A chain that is killed while it saves its state comes back with what it had saved before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.stack.config import ROOT
from scripts.stack.lasting_chain import copy_of, keep, restore
from scripts.stack.rpc import rpc
from tests.support.chains import anvil_command, await_answer

LATER = 10**18


def test_lasting_chain__killed_and_its_state_cut_short__comes_back_with_its_transactions(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state.json"
    command, url = anvil_command(
        "--state", str(state), "--state-interval", "1", "--block-time", "1", "--mixed-mining"
    )
    lasting = [sys.executable, "-m", "scripts.stack.lasting_chain", str(state), *command]
    first = _start(lasting, url)
    accounts = rpc(url, "eth_accounts")
    sent = rpc(url, "eth_sendTransaction", {"from": accounts[0], "to": accounts[1], "value": "0x1"})
    _until(lambda: copy_of(state).exists() and sent in copy_of(state).read_text())
    _kill(first)
    state.write_bytes(state.read_bytes()[:-100])
    again = _start(lasting, url)
    try:
        assert rpc(url, "eth_getTransactionReceipt", sent)["status"] == "0x1"
    finally:
        _kill(again)


def test_keep__file_being_written_or_cut_short__is_not_copied(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"blocks": [1')
    written = state.stat().st_mtime_ns
    assert not keep(state, written + LATER)
    state.write_text('{"blocks": [1]}')
    assert not keep(state, state.stat().st_mtime_ns + 1)
    assert keep(state, state.stat().st_mtime_ns + LATER)
    assert not keep(state, state.stat().st_mtime_ns + LATER)


def test_restore__whole_state_or_no_copy__is_left_as_it_is(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    assert not restore(state)
    state.write_text("{}")
    copy_of(state).write_text('{"older": 1}')
    assert not restore(state)
    state.write_text('{"half')
    assert restore(state)
    assert state.read_text() == '{"older": 1}'
    copy_of(state).unlink()
    state.write_text('{"half')
    assert not restore(state)


def _start(command: list[str], url: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    await_answer(url, process)
    return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
