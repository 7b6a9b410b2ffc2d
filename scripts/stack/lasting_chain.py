"""`python -m scripts.stack.lasting_chain STATE COMMAND ...`: a chain whose saved state survives `kill -9` at any moment.

Anvil overwrites its state file in place: killed while it writes, it leaves half a file, which it cannot read again. Beside it a
whole copy is kept, taken while nothing is being written, and put in its place when the file is broken.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LOOK_SECONDS = 0.2
QUIET_NS = 150_000_000
"""A file that was changed within so short a time may still be being written."""


def copy_of(state: Path) -> Path:
    """Where the whole copy is."""
    return state.with_name(f"{state.name}.whole")


def keep(state: Path, now_ns: int) -> bool:
    """Copy the state if it is newer than the copy and nobody writes it; whether it was copied."""
    copy = copy_of(state)
    try:
        before = state.stat()
        known = copy.stat().st_mtime_ns if copy.exists() else 0
        if before.st_mtime_ns <= known or now_ns - before.st_mtime_ns < QUIET_NS:
            return False
        content = state.read_bytes()
        after = state.stat()
    except FileNotFoundError:
        return False
    changed = (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size)
    if changed or not content.rstrip().endswith(b"}"):
        return False
    draft = copy.with_name(f".{copy.name}.draft")
    draft.write_bytes(content)
    os.utime(draft, ns=(before.st_mtime_ns, before.st_mtime_ns))
    draft.replace(copy)
    return True


def restore(state: Path) -> bool:
    """Put the copy in the place of a broken state; whether that was needed. What came after the copy is lost, as after a
    reorganisation."""
    copy = copy_of(state)
    if _is_whole(state) or not _is_whole(copy):
        return False
    draft = copy.with_name(f".{state.name}.draft")
    draft.write_bytes(copy.read_bytes())
    draft.replace(state)
    return True


def run(state: Path, command: list[str]) -> int:
    """Run the chain until it ends; its exit status."""
    if restore(state):
        print(f"{state} was broken; its newest whole copy is used.", file=sys.stderr, flush=True)
    # It ends with this process, whatever ends it.
    chain = subprocess.Popen(("setpriv", "--pdeathsig", "KILL", "--", *command))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: chain.send_signal(number))
    while True:
        try:
            return chain.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            keep(state, time.time_ns())


def _is_whole(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except FileNotFoundError:
        # A chain that never saved anything starts afresh.
        return file.suffix == ".json" and not copy_of(file).exists()
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
