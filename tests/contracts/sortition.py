"""The draw of the validators as anybody can repeat it from public data: the reference that the contracts are held to.

Written from the description in contracts/README.md, apart from the one that the product itself uses.
"""

from collections.abc import Collection, Sequence

from eth_abi import encode
from eth_utils import keccak

FRACTION_BITS = 32


def seed_of(block_hash: bytes, job_id: bytes) -> bytes:
    return bytes(keccak(encode(["bytes32", "bytes32"], [block_hash, job_id])))


def recompute_draw(
    seed: bytes, candidates: Sequence[str], weights: Sequence[int], barred: Collection[str], count: int
) -> list[str]:
    """The `count` candidates that arrive first, of those with a weight that may take part."""
    racing = [
        (arrival(seed, candidate, weight), int(candidate, 16), candidate)
        for candidate, weight in zip(candidates, weights, strict=True)
        if weight > 0 and candidate not in barred
    ]
    return [candidate for _, _, candidate in sorted(racing)[:count]]


def arrival(seed: bytes, candidate: str, weight: int) -> int:
    """-log2 of a number in (0, 1] made of seed and candidate, divided by the weight."""
    uniform = int.from_bytes(keccak(encode(["bytes32", "address"], [seed, candidate]))[:16], "big")
    return (((128 << FRACTION_BITS) - log2(uniform + 1)) << 128) // weight


def log2(x: int) -> int:
    """The binary logarithm of 1 <= x <= 2^128 in units of 2^-32, rounded down at every squaring."""
    whole = x.bit_length() - 1
    y = x << 127 >> whole
    result = whole
    for _ in range(FRACTION_BITS):
        y = y * y >> 127
        carry = y >> 128
        y >>= carry
        result = 2 * result + carry
    return result
