"""Make the green certificates' circuits and keys, where they are missing, and print where they are and what they are.

    make circuits
    .venv/bin/python -m scripts.circuits --into FOLDER --ptau powersOfTau28_hez_final_13.ptau

Without --ptau the keys come from a local ceremony (see docs/green-certificate.md).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from fl_nodes.protocol.green import SIZES
from scripts.circuits.keys import BuildFailed, about, cached, ensure


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when all are there, 1 when they could not be made."""
    parser = argparse.ArgumentParser(prog="python -m scripts.circuits", description=__doc__)
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="instead of the cache")
    parser.add_argument("--ptau", type=Path, metavar="FILE", help="powers of tau of a ceremony, prepared")
    options = parser.parse_args(arguments)
    if options.ptau and not options.into:
        parser.error("--ptau needs --into: the cache is for local ceremonies")
    folder = options.into or cached()
    try:
        ensure(folder, lambda line: print(f"circuits: {line}", file=sys.stderr, flush=True), options.ptau)
    except BuildFailed as failed:
        print(f"circuits: {failed}", file=sys.stderr)
        return 1
    print(json.dumps({"folder": str(folder), "circuits": [about(folder, size) for size in SIZES]}, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
