"""Poseidon over the scalar field of the curve that the carbon chain verifies proofs on (bn128, also called BN254).

Grassi, Khovratovich, Rechberger, Roy and Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof Systems", USENIX
Security 2021: S-box x^5, capacity 1, 8 full rounds, partial rounds by width for 128 bits. Constants come from the paper's generator
(appendix F), so they need not be kept; circomlib uses the same ones, and its circuits give the same hashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""Order of bn128's groups."""

_BITS = 254
_FULL_ROUNDS = 8
_PARTIAL_ROUNDS = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)
"""By the number of inputs, 1 to 16."""
MOST_INPUTS = len(_PARTIAL_ROUNDS)


def poseidon(inputs: Sequence[int]) -> int:
    """The hash of 1 to 16 field elements; ValueError for another number of them, or for one outside the field."""
    if not 1 <= len(inputs) <= MOST_INPUTS:
        raise ValueError(f"Poseidon takes 1 to {MOST_INPUTS} inputs, not {len(inputs)}")
    if any(not 0 <= value < FIELD for value in inputs):
        raise ValueError("an input of Poseidon is outside the field")
    constants, matrix = _parameters(len(inputs) + 1)
    state = [0, *inputs]
    last = len(constants) - _FULL_ROUNDS // 2
    for index, added in enumerate(constants):
        state = [value + constant for value, constant in zip(state, added, strict=True)]
        if _FULL_ROUNDS // 2 <= index < last:
            state[0] = pow(state[0], 5, FIELD)
        else:
            state = [pow(value, 5, FIELD) for value in state]
        state = [sum(m * s for m, s in zip(row, state, strict=True)) % FIELD for row in matrix]
    return state[0]


@lru_cache
def _parameters(width: int) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Each round's constants, and the matrix that mixes a state of `width` elements."""
    partial = _PARTIAL_ROUNDS[width - 2]
    bits = _grain(width, partial)
    rounds = tuple(tuple(_below_field(bits) for _ in range(width)) for _ in range(_FULL_ROUNDS + partial))
    drawn = [_number(bits) % FIELD for _ in range(2 * width)]
    matrix = tuple(tuple(pow(x + y, -1, FIELD) for y in drawn[width:]) for x in drawn[:width])
    return rounds, matrix


def _below_field(bits: Iterator[str]) -> int:
    while (value := _number(bits)) >= FIELD:
        pass
    return value


def _number(bits: Iterator[str]) -> int:
    return int("".join(islice(bits, _BITS)), 2)


def _grain(width: int, partial_rounds: int) -> Iterator[str]:
    """The paper's Grain LFSR of 80 bits in self-shrinking mode: of each two bits the second counts if the first is 1."""
    described = f"01{0:04b}{_BITS:012b}{width:012b}{_FULL_ROUNDS:010b}{partial_rounds:010b}{'1' * 30}"
    # Bit i of the register is the i-th oldest. The newest tap is 62, so 18 bits follow from it at a time.
    register = int(described[::-1], 2)
    step, mask = 16, (1 << 16) - 1
    produced = 0
    while True:
        new = register ^ register >> 13 ^ register >> 23 ^ register >> 38 ^ register >> 51 ^ register >> 62
        new &= mask
        register = register >> step | new << (80 - step)
        produced += step
        if produced > 160:
            for at in range(0, step, 2):
                if new >> at & 1:
                    yield "1" if new >> at & 2 else "0"
