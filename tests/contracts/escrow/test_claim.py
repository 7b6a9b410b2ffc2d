import pytest
from endings import ENDINGS, end, settled_by_root, tree_of
from escrow_world import FEE_WEI, assign_job, books_balance, hexed, refuses
from payout_tree import payout_tree
from verdicts import judge, payout_verdict, pool_wei

pytestmark = pytest.mark.contracts


def settle(world, job, payouts):
    """Settles the job by a root over (payee, wei)."""
    tree = payout_tree([(str(payee), wei) for payee, wei in payouts])
    judge(world, job, payout_verdict(job, tree))
    return tree


def claim(world, job, leaf_and_proof):
    return world.escrow.claim(job.id, *leaf_and_proof, {"from": world.stranger})


@pytest.fixture
def shared(world, assigned):
    """A job settled by root over its three trainers, and the tree."""
    tree = tree_of(assigned)
    judge(world, assigned, payout_verdict(assigned, tree))
    return assigned, tree


def test_claim__the_job_is_assigned__is_refused(world, assigned):
    with refuses("JobEscrow_WrongProof", assigned.id, 0):
        claim(world, assigned, tree_of(assigned).claim(0))


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending is not settled_by_root])
def test_claim__the_job_ended_otherwise__is_refused(world, assigned, ending):
    job, _ = end(world, ending)
    with refuses("JobEscrow_WrongProof", job.id, 0):
        claim(world, job, tree_of(assigned).claim(0))


def test_claim__the_leaf_was_claimed_before__is_refused(world, shared):
    job, tree = shared
    claim(world, job, tree.claim(1))
    with refuses("JobEscrow_AlreadyClaimed", job.id, 1):
        claim(world, job, tree.claim(1))
    assert world.escrow.credit(world.trainers[1]) == tree.payouts[1][1]


def test_claim__the_payee_or_the_amount_or_the_index_is_another__is_refused(world, shared):
    job, tree = shared
    index, payee, amount, *proof = tree.claim(0)
    for index_, payee_, amount_ in (
        (index, str(world.stranger), amount),
        (index, payee, amount + 1),
        (index, payee, 0),
        (index + 1, payee, amount),
        (index + 4, payee, amount),
    ):
        with refuses("JobEscrow_WrongProof", job.id, index_):
            claim(world, job, (index_, payee_, amount_, *proof))
    assert not world.escrow.isClaimed(job.id, 0)


def test_claim__the_proof_is_of_another_leaf__is_refused(world, shared):
    job, tree = shared
    with refuses("JobEscrow_WrongProof", job.id, 0):
        claim(world, job, (*tree.claim(0)[:3], *tree.claim(1)[3:]))


def test_claim__the_proof_is_too_short_or_too_long__is_refused(world, shared):
    job, tree = shared
    *leaf, siblings, sums = tree.claim(0)
    for siblings_, sums_ in (
        (siblings[:1], sums[:1]),
        (siblings, sums[:1]),
        (siblings, [*sums, 0]),
        ([*siblings, bytes(32)], [*sums, 0]),
        ([], []),
    ):
        with refuses("JobEscrow_WrongProof", job.id, 0):
            claim(world, job, (*leaf, siblings_, sums_))


def test_claim__the_leaf_is_of_another_job__is_refused(world, shared):
    _, tree = shared
    other = assign_job(world, "other")
    settle(world, other, [(world.trainers[0], pool_wei())])
    with refuses("JobEscrow_WrongProof", other.id, 0):
        claim(world, other, tree.claim(0))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_claim__the_tree_promises_a_wei_more_than_there_is__is_refused(world, assigned, index):
    tree = settle(world, assigned, [(t, pool_wei() // 3 + 1) for t in world.trainers])
    assert sum(wei for _, wei in tree.payouts) > pool_wei()
    with refuses("JobEscrow_WrongProof", assigned.id, index):
        claim(world, assigned, tree.claim(index))
    assert world.escrow.totalCredits() == FEE_WEI
    assert books_balance(world)


@pytest.mark.parametrize("index", [0, 1])
def test_claim__the_tree_promises_a_wei_less_than_there_is__is_refused(world, assigned, index):
    tree = settle(world, assigned, [(world.trainers[0], pool_wei() - 2), (world.trainers[1], 1)])
    with refuses("JobEscrow_WrongProof", assigned.id, index):
        claim(world, assigned, tree.claim(index))


def test_claim__the_tree_holds_sums_that_overflow__is_refused(world, assigned):
    # Modulo 2^256 they are what there is to pay.
    tree = settle(world, assigned, [(world.trainers[0], 2**256 - 1), (world.trainers[1], pool_wei() + 1)])
    with refuses("Integer overflow"):
        claim(world, assigned, tree.claim(0))
    assert world.escrow.credit(world.trainers[0]) == 0


def test_claim__the_leaf_is_under_the_root__credits_the_payee(world, shared):
    job, tree = shared
    claim(world, job, tree.claim(2))
    assert world.escrow.isClaimed(job.id, 2)
    assert [world.escrow.isClaimed(job.id, index) for index in (0, 1, 3)] == [False] * 3
    assert [world.escrow.credit(t) for t in world.trainers] == [0, 0, tree.payouts[2][1]]
    assert world.escrow.totalCredits() == FEE_WEI
    assert books_balance(world)


def test_claim__the_leaf_is_under_the_root__tells_the_payment_in_its_event(world, shared):
    job, tree = shared
    event = claim(world, job, tree.claim(1)).events["PayoutClaimed"]
    assert (event["jobId"], event["index"]) == (hexed(job.id), 1)
    assert (event["payee"], event["amount"]) == tree.payouts[1]


def test_claim__every_leaf_is_claimed__has_credited_the_whole_fee(world, shared):
    job, tree = shared
    for index in range(3):
        claim(world, job, tree.claim(index))
    people = (*world.trainers, world.treasury)
    assert sum(world.escrow.credit(account) for account in people) == FEE_WEI
    for account in people:
        world.escrow.withdrawFor(account, {"from": world.stranger})
    assert world.token.balanceOf(world.escrow) == 0


def test_claim__it_is_one_of_three_hundred_leaves__credits_each_once(world, assigned):
    first, second, third = world.trainers
    payouts = [(world.trainers[index % 3], 1) for index in range(299)]
    tree = settle(world, assigned, [*payouts, (third, pool_wei() - 299)])
    # On either side of the edge of a word of the bits that remember what is claimed.
    for index in (0, 255, 256, 257, 299):
        assert not world.escrow.isClaimed(assigned.id, index)
        claim(world, assigned, tree.claim(index))
        with refuses("JobEscrow_AlreadyClaimed", assigned.id, index):
            claim(world, assigned, tree.claim(index))
    assert [world.escrow.credit(t) for t in (first, second, third)] == [2, 1, pool_wei() - 298]


def test_claim__it_is_the_only_leaf__credits_the_payee(world, assigned):
    tree = settle(world, assigned, [(world.trainers[0], pool_wei())])
    assert tree.claim(0)[3:] == ([], [])
    claim(world, assigned, tree.claim(0))
    assert world.escrow.credit(world.trainers[0]) == pool_wei()


def test_claim__the_amount_is_zero__is_spent_without_a_credit(world, assigned):
    tree = settle(world, assigned, [(world.trainers[0], 0), (world.trainers[1], pool_wei())])
    claim(world, assigned, tree.claim(0))
    assert world.escrow.isClaimed(assigned.id, 0)
    assert world.escrow.credit(world.trainers[0]) == 0


def test_claim__the_escrow_is_paused__credits_the_payee(world, shared):
    job, tree = shared
    world.escrow.pause({"from": world.admin})
    claim(world, job, tree.claim(0))
    assert world.escrow.credit(world.trainers[0]) == tree.payouts[0][1]
