"""Gaussian noise for differential privacy, from a seed that nobody else can know.

Whoever knows the seed subtracts the noise, and the privacy is gone: the seed is drawn from the operating system for one
round, and neither stored, logged nor sent. SHAKE-256 stretches it, so that seeing some of the noise tells nothing of the rest.
Rounding to floating-point numbers is not hidden (Mironov 2012), see docs/adr/0009.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

SEED_BYTES = 32
PAIRS = 1 << 17
"""Pairs of numbers made at a time: 2 MiB of the stream."""


class Noise:
    """A stream of independent standard normal numbers."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) < SEED_BYTES:
            raise ValueError(f"noise needs a seed of {SEED_BYTES} bytes")
        self._seed = seed
        self._block = 0

    def __call__(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """The next numbers of the stream, in this shape."""
        size = int(np.prod(shape))
        made = np.empty(size, np.float32)
        for start in range(0, size, 2 * PAIRS):
            some = made[start : start + 2 * PAIRS]
            some[:] = self._pairs(-(-len(some) // 2))[: len(some)]
        return made.reshape(shape)

    def _pairs(self, pairs: int) -> npt.NDArray[np.float64]:
        """2 * `pairs` numbers by Box and Muller (1958) from 53-bit uniform numbers in (0, 1]."""
        stream = hashlib.shake_256(self._seed + self._block.to_bytes(8, "big")).digest(16 * pairs)
        self._block += 1
        uniform = ((np.frombuffer(stream, "<u8") >> np.uint64(11)) + 1.0) * 2.0**-53
        radius = np.sqrt(-2.0 * np.log(uniform[:pairs]))
        angle = 2.0 * np.pi * uniform[pairs:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
