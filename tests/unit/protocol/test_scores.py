"""The score word's layout, and what happens to values that do not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fl_nodes.protocol.payout import Work
from fl_nodes.protocol.scores import decode, encode

DONE = Work("t", 0x01020304, 0x05060, 0x0D0E0F101112, 0x131415161718, 0x191A1B1C1D1E1F20, 0x0A0B0C, 0x70809)
NOTHING = Work("t", 0, 0, 0, 0, 0, 0)


def test_encode__every_field__stands_where_the_contract_looks_for_it() -> None:
    assert encode(DONE) == bytes(range(1, 33))
    accuracy = int.from_bytes(encode(replace(NOTHING, accuracy_ppm=870_000)), "big") >> 224
    assert accuracy == 870_000


def test_decode__its_own_word__is_the_same_work() -> None:
    assert decode(encode(DONE), "t") == DONE
    assert decode(bytes(32), "t") == NOTHING


@pytest.mark.parametrize(
    ("field", "bits"),
    [
        ("accuracy_ppm", 32),
        ("macro_f1_ppm", 20),
        ("contribution_ppm", 20),
        ("gpu_use_ppm", 24),
        ("examples", 48),
        ("milliseconds", 48),
        ("millijoules", 64),
    ],
)
def test_encode__beyond_its_field__saturates_and_spares_the_others(field: str, bits: int) -> None:
    most = (1 << bits) - 1
    assert decode(encode(replace(DONE, **{field: most})), "t") == replace(DONE, **{field: most})
    assert decode(encode(replace(DONE, **{field: most + 1})), "t") == replace(DONE, **{field: most})
    assert decode(encode(replace(DONE, **{field: -1})), "t") == replace(DONE, **{field: 0})


@pytest.mark.parametrize("length", [0, 31, 33])
def test_decode__not_32_bytes__is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        decode(bytes(length), "t")
