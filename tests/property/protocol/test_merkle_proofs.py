"""Every leaf can be proven at its own place, and nothing else can."""

from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol.hashing import merkle_proof, merkle_root, merkle_verify, merkle_verify_at

LEAF = st.binary(min_size=32, max_size=32).map(bytes.hex)
LEAVES = st.lists(LEAF, min_size=1, max_size=40, unique=True)


@given(LEAVES, st.data())
def test_proof__own_place__is_accepted_and_every_other_refused(
    leaves: list[str], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    elsewhere = data.draw(st.integers(0, len(leaves) - 1))
    root, path = merkle_root(leaves), merkle_proof(leaves, index)
    assert merkle_verify(root, leaves[index], path)
    assert merkle_verify_at(root, leaves[index], path, elsewhere, len(leaves)) == (elsewhere == index)


@given(LEAVES, LEAF, st.data())
def test_proof__other_leaf__is_refused(leaves: list[str], other: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle_proof(leaves, index)
    assert merkle_verify(merkle_root(leaves), other, path) == (other == leaves[index])


@given(LEAVES, st.data())
def test_root__one_leaf_changed_or_two_swapped__changes(leaves: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = "00" * 32 if leaves[index] != "00" * 32 else "11" * 32
    changed = [other if i == index else leaf for i, leaf in enumerate(leaves)]
    assert merkle_root(changed) != merkle_root(leaves)
    if len(leaves) > 1:
        assert merkle_root(leaves[::-1]) != merkle_root(leaves)
