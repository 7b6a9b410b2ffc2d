"""Who judges a job: `contracts/libraries/Sortition.sol` in Python, so that anyone can draw again from chain data.

An exponential race (Efraimidis and Spirakis, 2006): the seed, its own address and its own weight alone decide when a
candidate arrives, and the first win. Nobody's presence, absence or place in the list moves anybody else.

The standard library has no Keccak-256: whoever calls brings it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

Keccak = Callable[[bytes], bytes]

FRACTION_BITS = 32
CHANCE_BITS = 128


def draw(
    seed: bytes, weights: Mapping[str, int], barred: Collection[str], count: int, keccak: Keccak
) -> tuple[str, ...]:
    """Up to `count` of the candidates (address -> weight) that are not barred, the first to arrive first.

    A weight of zero never wins. Of two that arrive together the smaller address is first.
    """
    out = {int(address, 16) for address in barred}
    racing = [c for c, weight in weights.items() if weight > 0 and int(c, 16) not in out]
    return tuple(sorted(racing, key=lambda c: (arrival(seed, c, weights[c], keccak), int(c, 16)))[:count])


def draw_seed(block_hash: bytes, job_id: bytes, keccak: Keccak) -> bytes:
    """The seed of a job's draw: `keccak256(abi.encode(blockhash(seedBlock), jobId))`."""
    return keccak(block_hash + job_id)


def arrival(seed: bytes, candidate: str, weight: int, keccak: Keccak) -> int:
    """When a candidate of a weight above zero arrives: exponentially distributed, the sooner the greater its weight."""
    chance = int.from_bytes(keccak(seed + int(candidate, 16).to_bytes(32, "big")), "big") >> CHANCE_BITS
    exponential = (CHANCE_BITS << FRACTION_BITS) - log2_fixed(chance + 1)
    return (exponential << CHANCE_BITS) // weight


def log2_fixed(x: int) -> int:
    """log2 of `x` in 1 to 2^128, with 32 fractional bits, rounded down: by repeated squaring, as the contract does."""
    whole = x.bit_length() - 1
    result = whole << FRACTION_BITS
    y = (x << 127) >> whole
    for bit in range(FRACTION_BITS - 1, -1, -1):
        y = y * y >> 127
        if y >> CHANCE_BITS:
            y >>= 1
            result |= 1 << bit
    return result
