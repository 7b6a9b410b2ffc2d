"""Every payout of a tree can be claimed, for no more than there is to pay."""

from __future__ import annotations

from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol.payout_tree import Branch, Proof, leaf, parent, payout_tree

PAYOUTS = st.lists(
    st.tuples(st.integers(1, 2**160 - 1).map(lambda n: f"0x{n:040x}"), st.integers(0, 10**30)),
    min_size=1,
    max_size=40,
)


def climbed(index: int, payee: str, wei: int, proof: Proof) -> Branch:
    """Where a claim leads: what the contract computes of it."""
    branch = leaf(index, payee, wei, keccak)
    for level, sibling in enumerate(map(Branch, proof.siblings, proof.sums_wei)):
        sides = (sibling, branch) if index >> level & 1 else (branch, sibling)
        branch = parent(*sides, keccak)
    return branch


@given(PAYOUTS)
def test_proof__every_payout__leads_to_the_root_and_the_sum_of_all(payouts: list[tuple[str, int]]) -> None:
    tree = payout_tree(payouts, keccak)
    assert tree.root.sum_wei == sum(wei for _, wei in payouts)
    for index, (payee, wei) in enumerate(payouts):
        assert climbed(index, payee, wei, tree.proof(index)) == tree.root


@given(PAYOUTS, st.data())
def test_proof__another_amount_payee_or_place__leads_elsewhere(
    payouts: list[tuple[str, int]], data: st.DataObject
) -> None:
    tree = payout_tree(payouts, keccak)
    index = data.draw(st.integers(0, len(payouts) - 1))
    payee, wei = payouts[index]
    proof = tree.proof(index)
    other = f"0x{int(payee, 16) ^ 1:040x}"
    assert climbed(index, payee, wei + 1, proof) != tree.root
    assert climbed(index, other, wei, proof) != tree.root
    assert climbed(index + (1 << len(proof.siblings)), payee, wei, proof) != tree.root
