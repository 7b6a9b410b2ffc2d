"""The draw at its edges; how it behaves for any input is in tests/property."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from fl_nodes.protocol.sortition import arrival, draw, draw_seed, log2_fixed

SEED = keccak(b"seed")
NODES = tuple(f"0x{n:040x}" for n in range(1, 9))
WEIGHTS = dict.fromkeys(NODES, 10**17 * 5_000)


@pytest.mark.parametrize("x", [1, 2, 3, 5, 2**64 - 1, 10**30, 2**127, 2**128 - 1, 2**128])
def test_log2_fixed__any_number__is_the_logarithm_rounded_down(x: int) -> None:
    assert log2_fixed(x) / 2**32 == pytest.approx(math.log2(x), abs=2**-31)


def test_log2_fixed__powers_of_two__are_exact() -> None:
    assert [log2_fixed(1 << n) for n in range(129)] == [n << 32 for n in range(129)]


def test_draw_seed__block_hash_and_job__are_hashed_as_the_contract_does() -> None:
    block_hash, job = keccak(b"block"), keccak(b"job")
    assert draw_seed(block_hash, job, keccak) == keccak(encode(["bytes32", "bytes32"], [block_hash, job]))


def test_arrival__hashes_the_candidate_as_the_contract_does() -> None:
    u = int.from_bytes(keccak(encode(["bytes32", "address"], [SEED, NODES[0]])), "big") >> 128
    time = ((128 << 32) - log2_fixed(u + 1) << 128) // 7
    assert arrival(SEED, NODES[0], 7, keccak) == time


def test_draw__too_few_with_a_weight__draws_those_there_are() -> None:
    weights = {**dict.fromkeys(NODES, 0), NODES[3]: 1, NODES[5]: 1}
    assert set(draw(SEED, weights, (), 3, keccak)) == {NODES[3], NODES[5]}
    assert draw(SEED, weights, NODES[3:6], 3, keccak) == ()
    assert draw(SEED, {}, (), 3, keccak) == ()


def test_draw__barred_in_other_letters__does_not_win() -> None:
    node = "0x" + "AbCdEf" * 6 + "abcd"
    assert draw(SEED, {node: 1}, [node.upper().replace("X", "x")], 1, keccak) == ()


def test_draw__two_arrive_together__the_smaller_address_is_first() -> None:
    def equal(_: bytes) -> bytes:
        return bytes(32)

    assert draw(SEED, dict.fromkeys(NODES[::-1], 1), (), 3, equal) == NODES[:3]


def test_draw__another_seed__draws_others() -> None:
    drawn = {draw(keccak(bytes([n])), WEIGHTS, (), 3, keccak) for n in range(20)}
    assert len(drawn) > 10


def test_draw__many_seeds__first_places_follow_weights() -> None:
    """Chi-squared with 3 degrees of freedom: chance alone exceeds 16.3 once in a thousand."""
    weights = {node: 10**20 * n for n, node in enumerate(NODES[:4], 1)}
    wins = Counter(draw(keccak(n.to_bytes(4, "big")), weights, (), 1, keccak)[0] for n in range(4_000))
    due = {node: 400 * n for n, node in enumerate(NODES[:4], 1)}
    assert sum((wins[node] - d) ** 2 / d for node, d in due.items()) < 16.3
