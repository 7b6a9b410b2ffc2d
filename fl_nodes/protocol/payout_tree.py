"""The Merkle sum tree by which a job pays any number of trainers: `contracts/libraries/MerkleSum.sol` in Python.

A job of the marketplace has at most 64 trainers and is settled by naming them, so its validators sign no such tree. An
audit builds it again for a job that was settled by one.

The standard library has no Keccak-256: whoever calls brings it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Keccak = Callable[[bytes], bytes]

LEAF, NODE = 0, 1


@dataclass(frozen=True)
class Branch:
    """The hash at the top of a part of the tree, and the wei of all leaves below it."""

    hash: bytes
    sum_wei: int


EMPTY = Branch(bytes(32), 0)
"""Fills the leaves up to a power of two."""


@dataclass(frozen=True)
class Proof:
    """What `claim` takes beside the leaf: the sibling at each level and its sum, from the leaf up."""

    siblings: tuple[bytes, ...]
    sums_wei: tuple[int, ...]


@dataclass(frozen=True)
class PayoutTree:
    """All levels of a tree, the leaves first."""

    levels: tuple[tuple[Branch, ...], ...]
    payees: int

    @property
    def root(self) -> Branch:
        """Signed by the validators; its sum is the fee less the commission."""
        return self.levels[-1][0]

    def proof(self, index: int) -> Proof:
        """That leaf `index` stands under the root; IndexError where there is none."""
        if not 0 <= index < self.payees:
            raise IndexError(f"payout {index} of {self.payees}")
        siblings = []
        for level in self.levels[:-1]:
            siblings.append(level[index ^ 1])
            index >>= 1
        return Proof(tuple(s.hash for s in siblings), tuple(s.sum_wei for s in siblings))


def payout_tree(payouts: Sequence[tuple[str, int]], keccak: Keccak) -> PayoutTree:
    """The tree over (payee's address, wei), in order; ValueError for no payouts at all."""
    if not payouts:
        raise ValueError("a payout tree needs at least one payee")
    level = [leaf(index, payee, wei, keccak) for index, (payee, wei) in enumerate(payouts)]
    level += [EMPTY] * ((1 << (len(level) - 1).bit_length()) - len(level))
    levels = [tuple(level)]
    while len(level) > 1:
        level = [parent(left, right, keccak) for left, right in zip(level[::2], level[1::2], strict=True)]
        levels.append(tuple(level))
    return PayoutTree(tuple(levels), len(payouts))


def leaf(index: int, payee: str, amount_wei: int, keccak: Keccak) -> Branch:
    """`keccak256(abi.encode(uint8 0, uint256 index, address payee, uint256 amount))`."""
    words = LEAF, index, int(payee, 16), amount_wei
    return Branch(keccak(_packed(*words)), amount_wei)


def parent(left: Branch, right: Branch, keccak: Keccak) -> Branch:
    """`keccak256(abi.encode(uint8 1, bytes32 left, uint256 leftSum, bytes32 right, uint256 rightSum))`."""
    sides = int.from_bytes(left.hash, "big"), left.sum_wei, int.from_bytes(right.hash, "big"), right.sum_wei
    return Branch(keccak(_packed(NODE, *sides)), left.sum_wei + right.sum_wei)


def _packed(*words: int) -> bytes:
    return b"".join(word.to_bytes(32, "big") for word in words)
