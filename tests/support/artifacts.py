"""The contracts' ABIs and bytecode for tests, compiled once and kept in `build/` under a hash of their sources."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOLC = ROOT / "scripts" / "solc" / "solc-shim.cjs"
FOLDERS = ("interfaces", "libraries", "token", "staking", "escrow", "carbon")
COMPILE_S = 300


def artifacts() -> dict[str, dict[str, Any]]:
    """Contract name -> {"abi", "bytecode"}."""
    sources = {
        str(path.relative_to(ROOT)): {"content": path.read_text(encoding="utf-8")}
        for folder in FOLDERS
        for path in sorted((ROOT / "contracts" / folder).rglob("*.sol"))
    }
    fingerprint = hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()[:16]
    kept = ROOT / "build" / "test-artifacts" / f"{fingerprint}.json"
    if kept.exists():
        found: dict[str, dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    made = _compile(sources)
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".tmp")
    unfinished.write_text(json.dumps(made), encoding="utf-8")
    unfinished.replace(kept)
    return made


def _compile(sources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    wanted = {
        "language": "Solidity",
        "sources": sources,
        "settings": {
            "evmVersion": "shanghai",
            "optimizer": {"enabled": True, "runs": 200},
            "remappings": ["@openzeppelin/=node_modules/@openzeppelin/"],
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
        },
    }
    ran = subprocess.run(
        ["node", str(SOLC), "--standard-json", "--base-path", str(ROOT)],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=COMPILE_S,
        check=True,
    )
    output = json.loads(ran.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise AssertionError("\n".join(errors))
    return {
        name: {"abi": contract["abi"], "bytecode": "0x" + contract["evm"]["bytecode"]["object"]}
        for path, found in output["contracts"].items()
        if path.startswith("contracts/")
        for name, contract in found.items()
    }
