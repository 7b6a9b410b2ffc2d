"""A proof over made-up readings that fill a circuit, with the key it belongs to: what the contracts' tests are played with.

.venv/bin/python -m scripts.circuits.example 24 > tests/contracts/forge/carbon/green_24.json
"""

from __future__ import annotations

import argparse
import json
import random

from backend.adapters.prover import SnarkjsProver
from backend.domain.green_proof import GreenClaim, GreenProof
from fl_nodes.protocol.green import SIZES, Slots
from scripts.circuits.keys import cached, ensure, verifying_key

JOB = "0x" + "ab" * 32


def claim(size: int, seed: int = 1) -> GreenClaim:
    """`size` readings of up to 10 kJ on grids of 20 to 900 g/kWh, and the least bound that they keep."""
    draw = random.Random(seed)
    slots = Slots(
        tuple(draw.randrange(10_000_000) for _ in range(size)),
        tuple(draw.randrange(20_000, 900_000) for _ in range(size)),
    )
    return GreenClaim(JOB, slots, draw.getrandbits(248), slots.micrograms)


def main() -> None:
    """Print it as JSON; numbers as 32-byte words in hex."""
    parser = argparse.ArgumentParser(prog="python -m scripts.circuits.example", description=__doc__)
    parser.add_argument("size", type=int, choices=SIZES)
    size = parser.parse_args().size
    folder = ensure(cached(), lambda _: None)
    proof: GreenProof = SnarkjsProver(folder).prove(claim(size))
    alpha, beta, delta, inputs = verifying_key(folder, size)
    flat = [*alpha, *beta, *delta, *(value for point in inputs for value in point)]
    values: dict[str, int | list[int]] = {
        "key": flat,
        "bound": proof.bound,
        "commitment": proof.commitment,
        "factors": proof.factors,
        "proof": list(proof.points),
    }
    print(json.dumps({"job": JOB, **{name: _words(value) for name, value in values.items()}}, indent=1))


def _words(value: int | list[int]) -> str | list[str]:
    return [f"0x{each:064x}" for each in value] if isinstance(value, list) else f"0x{value:064x}"


if __name__ == "__main__":
    main()
