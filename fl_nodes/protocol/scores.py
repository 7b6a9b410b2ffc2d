"""A trainer's work as the 32-byte word that the chain keeps of it, and back.

High bits first: accuracy (32 bits), macro-F1 (20), contribution (20) and GPU use (24) in millionths, examples (48),
milliseconds (48), millijoules (64). A value beyond its field is written as the field's maximum, a negative one as zero: a
trainer who did more harm than good over the whole job contributed nothing.
"""

from __future__ import annotations

from fl_nodes.protocol.payout import Work

FIELDS = (
    ("accuracy_ppm", 32),
    ("macro_f1_ppm", 20),
    ("contribution_ppm", 20),
    ("gpu_use_ppm", 24),
    ("examples", 48),
    ("milliseconds", 48),
    ("millijoules", 64),
)
WORD_BYTES = 32


def encode(work: Work) -> bytes:
    """The word."""
    word = 0
    for name, bits in FIELDS:
        word = word << bits | max(0, min(getattr(work, name), (1 << bits) - 1))
    return word.to_bytes(WORD_BYTES, "big")


def decode(word: bytes, trainer: str) -> Work:
    """What a word says of a trainer; ValueError unless it is 32 bytes long."""
    if len(word) != WORD_BYTES:
        raise ValueError(f"a score word has {WORD_BYTES} bytes, not {len(word)}")
    rest, values = int.from_bytes(word, "big"), {}
    for name, bits in reversed(FIELDS):
        values[name] = rest & (1 << bits) - 1
        rest >>= bits
    return Work(trainer, **values)
