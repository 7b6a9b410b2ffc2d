"""The payout tree's shape, against the hashes that the contract computes."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from fl_nodes.protocol.payout_tree import EMPTY, payout_tree

PAYEES = tuple("0x" + f"{n:040x}" for n in (0xA1, 0xA2, 0xA3))


def test_payout_tree__three_payees__is_hashed_as_the_contract_does() -> None:
    tree = payout_tree([(payee, 10 * n) for n, payee in enumerate(PAYEES, 1)], keccak)
    leaves = [
        keccak(encode(["uint8", "uint256", "address", "uint256"], [0, n, payee, 10 * (n + 1)]))
        for n, payee in enumerate(PAYEES)
    ]
    node = ["uint8", "bytes32", "uint256", "bytes32", "uint256"]
    left = keccak(encode(node, [1, leaves[0], 10, leaves[1], 20]))
    right = keccak(encode(node, [1, leaves[2], 30, bytes(32), 0]))
    assert tree.root.hash == keccak(encode(node, [1, left, 30, right, 30]))
    assert tree.root.sum_wei == 60
    proof = tree.proof(2)
    assert (proof.siblings, proof.sums_wei) == ((EMPTY.hash, left), (0, 30))


def test_payout_tree__one_payee__is_its_leaf() -> None:
    tree = payout_tree([(PAYEES[0], 7)], keccak)
    assert tree.root.hash == keccak(encode(["uint8", "uint256", "address", "uint256"], [0, 0, PAYEES[0], 7]))
    assert (tree.root.sum_wei, tree.proof(0).siblings) == (7, ())


def test_payout_tree__the_same_payouts_in_another_order__has_another_root() -> None:
    payouts = [(payee, 1) for payee in PAYEES]
    assert payout_tree(payouts, keccak).root != payout_tree(payouts[::-1], keccak).root


def test_payout_tree__nobody_to_pay__is_refused() -> None:
    with pytest.raises(ValueError, match="at least one payee"):
        payout_tree([], keccak)


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_proof__no_such_payout__is_refused(index: int) -> None:
    tree = payout_tree([(payee, 1) for payee in PAYEES], keccak)
    with pytest.raises(IndexError):
        tree.proof(index)
