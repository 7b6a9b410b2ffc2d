"""Baselines and claims are hashed as a contract hashes them."""

from dataclasses import fields

from eth_abi import encode
from eth_utils import keccak

from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_claim import CreditClaim

JOB, NODE, DECISION, READING = "0x" + "a1" * 32, "0x" + "b2" * 20, "0x" + "d0" * 32, "0x" + "e1" * 32
BASELINE = CreditBaseline(JOB, 50_000, 5_000, 40_000_000, 12, DECISION)
CLAIM = CreditClaim(JOB, 3, NODE, 480_000, "ES", 1, 1_728_000_007, 5_000, 900, 90, 7, 3, DECISION, READING)


def _values(record, words):
    as_bytes = {"bytes32": lambda v: bytes.fromhex(v.removeprefix("0x")) if "0x" in v else v.encode()}
    return [
        as_bytes.get(word, lambda v: v)(getattr(record, field.name))
        for field, word in zip(fields(record), words, strict=True)
    ]


def test_digest__a_baseline__is_the_hash_of_its_words():
    words = ["bytes32", *["uint256"] * 4, "bytes32"]

    assert BASELINE.digest(keccak) == keccak(encode(words, _values(BASELINE, words)))


def test_leaf__a_claim__is_the_hash_of_the_hash_of_its_words():
    words = [
        *["bytes32", "uint256", "address", "uint256", "bytes32"],
        *["uint256"] * 7,
        *["bytes32", "bytes32"],
    ]

    assert CLAIM.leaf(keccak) == keccak(keccak(encode(words, _values(CLAIM, words))))


def test_serial__a_claim__is_of_job_round_and_node():
    assert CLAIM.serial(keccak) == keccak(
        encode(["bytes32", "uint256", "address"], [bytes.fromhex(JOB[2:]), 3, NODE])
    )


def test_amount__more_counts_against_it_than_for_it__is_nothing():
    assert CLAIM.amount_ug == 4_000
    assert CreditClaim(*[*_as_is(CLAIM)[:8], 6_000, *_as_is(CLAIM)[9:]]).amount_ug == 0


def _as_is(record):
    return [getattr(record, field.name) for field in fields(record)]
