"""Poseidon: the hashes that circomlib's circuits give, and refusals."""

from __future__ import annotations

import pytest

from fl_nodes.protocol.poseidon import FIELD, poseidon

# From circomlibjs' own tests (test/poseidon.js), which circomlib's circuits are held against.
PUBLISHED = {
    (1, 2): 0x115CC0F5E7D690413DF64C6B9662E9CF2A3617F2743245519E19607A4417189A,
    (1, 2, 3, 4): 0x299C867DB6C1FDD79DCEFA40E4510B9837E60EBB1CE0663DBAA525DF65250465,
}


@pytest.mark.parametrize(("inputs", "expected"), PUBLISHED.items())
def test_poseidon__published_inputs__the_published_hash(inputs: tuple[int, ...], expected: int) -> None:
    assert poseidon(inputs) == expected


def test_poseidon__order_and_number_of_inputs__matter() -> None:
    assert len({poseidon((1, 2)), poseidon((2, 1)), poseidon((1, 2, 0)), poseidon((0, 1, 2))}) == 4


@pytest.mark.parametrize("inputs", [(), (0,) * 17, (FIELD,), (-1,)])
def test_poseidon__nothing_too_much_or_outside_the_field__refused(inputs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Poseidon"):
        poseidon(inputs)
