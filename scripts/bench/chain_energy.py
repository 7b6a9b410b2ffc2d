"""What a transaction takes on a local chain: the chain's CPU time, idle time taken off, at the watts of a core.

    python -m scripts.bench.chain_energy [--transactions N]

Prints JSON and keeps it under run/bench/. The transactions are as dear as a usual one of ours, about 140 000 gas, sent one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from scripts.bench.report import FOLDER, machine
from scripts.stack.config import StackConfig
from scripts.stack.parts import make_parts
from scripts.stack.rpc import chain_id, rpc

WATTS_PER_CORE = 8.0
"""As the nodes' own model has it (fl_nodes/meter/model.py)."""
FOUR_NEW_WORDS = "0x" + "".join(f"600160{slot:02x}55" for slot in range(4)) + "00"
IDLE_SECONDS = 10.0
START_SECONDS = 20.0


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.chain_energy", description=__doc__)
    parser.add_argument("--transactions", type=int, default=500, metavar="N")
    options = parser.parse_args()
    measured = {"machine": machine(), **measure(options.transactions)}
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(measured, indent=2) + "\n"
    (FOLDER / "chain_energy.json").write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def measure(transactions: int) -> dict[str, Any]:
    """CPU seconds and millijoules of one transaction, and the watts of a chain that has nothing to do."""
    config = StackConfig(state=FOLDER / "chain").with_free_ports()
    config.state.mkdir(parents=True, exist_ok=True)
    url, part = config.carbon_rpc_url, make_parts(config)["carbon"]
    (config.state / "carbon").mkdir(exist_ok=True)
    process = subprocess.Popen(part.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(url)
        (sender, *_) = rpc(url, "eth_accounts")
        _send(url, sender)
        idle = _watts_idle(process.pid)
        before, started = _cpu_seconds(process.pid), time.monotonic()
        gas = [_send(url, sender) for _ in range(transactions)]
        lasted = time.monotonic() - started
        used = _cpu_seconds(process.pid) - before - idle / WATTS_PER_CORE * lasted
    finally:
        process.kill()
        process.wait()
    each = max(0.0, used) / transactions
    return {
        "transactions": transactions,
        "gas": gas[0],
        "cpu_seconds_each": each,
        "watts_per_core": WATTS_PER_CORE,
        "millijoules_each": round(each * WATTS_PER_CORE * 1000, 2),
        "idle_watts": round(idle, 4),
        "kind": "modelled",
    }


def _send(url: str, sender: str) -> int:
    """Send one and wait for it; its gas."""
    tx = rpc(url, "eth_sendTransaction", {"from": sender, "data": FOUR_NEW_WORDS, "gas": hex(500_000)})
    while (receipt := rpc(url, "eth_getTransactionReceipt", tx)) is None:
        time.sleep(0.01)
    return int(receipt["gasUsed"], 16)


def _watts_idle(pid: int) -> float:
    before = _cpu_seconds(pid)
    time.sleep(IDLE_SECONDS)
    return (_cpu_seconds(pid) - before) / IDLE_SECONDS * WATTS_PER_CORE


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5), fields 14 and 15 of `stat`)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _await(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            chain_id(url)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    raise SystemExit(main())
