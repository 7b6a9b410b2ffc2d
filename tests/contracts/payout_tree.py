"""The Merkle sum tree of a job's payouts, from its description in contracts/libraries/MerkleSum.sol."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi import encode
from eth_utils import keccak

Branch = tuple[bytes, int]
"""A hash and the wei of all leaves below it."""

EMPTY: Branch = (bytes(32), 0)


@dataclass(frozen=True)
class PayoutTree:
    payouts: tuple[tuple[str, int], ...]
    levels: tuple[tuple[Branch, ...], ...]

    @property
    def root(self) -> bytes:
        return self.levels[-1][0][0]

    def claim(self, index: int) -> tuple[int, str, int, list[bytes], list[int]]:
        """What the escrow's `claim` takes after the job: the leaf, then its siblings and their sums."""
        payee, amount_wei = self.payouts[index]
        siblings = [level[(index >> height) ^ 1] for height, level in enumerate(self.levels[:-1])]
        return index, payee, amount_wei, [s[0] for s in siblings], [s[1] for s in siblings]


def payout_tree(payouts: Sequence[tuple[str, int]]) -> PayoutTree:
    """The tree over (payee, wei) in this order."""
    level = [_leaf(index, payee, wei) for index, (payee, wei) in enumerate(payouts)]
    while len(level) & (len(level) - 1):
        level.append(EMPTY)
    levels = [tuple(level)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(tuple(_node(*below[i : i + 2]) for i in range(0, len(below), 2)))
    return PayoutTree(tuple(payouts), tuple(levels))


def _leaf(index: int, payee: str, amount_wei: int) -> Branch:
    types = ["uint8", "uint256", "address", "uint256"]
    return bytes(keccak(encode(types, [0, index, payee, amount_wei]))), amount_wei


def _node(left: Branch, right: Branch) -> Branch:
    types = ["uint8", "bytes32", "uint256", "bytes32", "uint256"]
    return bytes(keccak(encode(types, [1, *left, *right]))), left[1] + right[1]
