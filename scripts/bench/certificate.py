"""What a green certificate costs: constraints, seconds to prove, gas, bytes, for both sizes; JSON on standard output.

Each proof is over readings that fill its circuit, its time the median of several, the Node.js process that makes it included.
Gas is that of transactions of their own (`GreenGasTest`): `verify` is the proof alone, `certify` looks the job up in a ledger and
keeps the certificate.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from backend.adapters.prover import SnarkjsProver
from fl_nodes.protocol.green import SIZES
from scripts.circuits.example import claim
from scripts.circuits.keys import about, cached, ensure
from scripts.contracts.forge import CheckFailed, run_tests

REPEATS = 5
GOALS = {"prove_seconds": 10.0, "verify_gas": 260_000}


def main() -> int:
    """Exit status 0 when measured, met or not; 2 where forge could not measure."""
    folder = ensure(cached(), lambda line: print(line, file=sys.stderr))
    try:
        results = run_tests(["--match-contract", "^GreenGasTest$"])
    except CheckFailed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        return 2
    gas = {label: int(used) for result in results for label, used in result.gas.items()}
    measured = [_measured(folder, size, gas) for size in SIZES]
    met = {name: all(row[name] <= goal for row in measured) for name, goal in GOALS.items()}
    ceremony = about(folder, SIZES[0])["ceremony"]
    print(json.dumps({"circuits": measured, "goals": GOALS, "met": met, "ceremony": ceremony}, indent=2))
    return 0


def _measured(folder: Path, size: int, gas: dict[str, int]) -> dict[str, Any]:
    prover, made = SnarkjsProver(folder), claim(size)
    seconds, inside = [], []
    for _ in range(REPEATS):
        started = time.monotonic()
        inside.append(prover.prove(made).seconds)
        seconds.append(time.monotonic() - started)
    said, keys = about(folder, size), folder / str(size)
    return {
        "readings": size,
        "constraints": said["constraints"],
        "keys_seconds": said["seconds"],
        "prove_seconds": round(statistics.median(seconds), 3),
        "prove_seconds_without_starting_node": round(statistics.median(inside), 3),
        "verify_gas": gas[f"verify, {size} readings"],
        "certify_gas": gas[f"certify, {size} readings"],
        "proof_bytes": 8 * 32,
        "proving_key_bytes": (keys / "proving.zkey").stat().st_size,
        "witness_program_bytes": (keys / "circuit.wasm").stat().st_size,
    }


if __name__ == "__main__":
    raise SystemExit(main())
