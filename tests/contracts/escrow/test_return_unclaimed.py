import pytest
from brownie import chain
from endings import tree_of
from escrow_world import FEE_WEI, books_balance, refuses
from verdicts import judge, payout_verdict, pool_wei

pytestmark = pytest.mark.contracts

CLAIM_PERIOD_S = 365 * 86_400


@pytest.fixture
def claimed_in_part(world, assigned):
    """A job settled by root of which the first trainer has claimed its pay; the job and what is left."""
    tree = tree_of(assigned)
    judge(world, assigned, payout_verdict(assigned, tree))
    world.escrow.claim(assigned.id, *tree.claim(0), {"from": world.stranger})
    return assigned, pool_wei() - tree.payouts[0][1]


def returned(world, job):
    return world.escrow.returnUnclaimed(job.id, {"from": world.stranger})


def test_return_unclaimed__the_job_was_not_settled_by_root__is_refused(world, assigned):
    chain.sleep(CLAIM_PERIOD_S + 1)
    with refuses("JobEscrow_NothingUnclaimed", assigned.id):
        returned(world, assigned)


def test_return_unclaimed__the_payees_can_still_claim__is_refused(world, claimed_in_part):
    job, _ = claimed_in_part
    chain.sleep(CLAIM_PERIOD_S - 60)
    with refuses("JobEscrow_ClaimsOpen", job.id, world.escrow.unclaimed(job.id)[1]):
        returned(world, job)


def test_return_unclaimed__the_year_of_claims_is_over__credits_the_customer_with_the_rest(
    world, claimed_in_part
):
    job, left_wei = claimed_in_part
    chain.sleep(CLAIM_PERIOD_S + 1)
    event = returned(world, job).events["UnclaimedReturned"]
    assert (event["customer"], event["amount"]) == (world.customer, left_wei)
    assert world.escrow.credit(world.customer) == left_wei
    assert world.escrow.totalCredits() == FEE_WEI
    assert books_balance(world)


def test_return_unclaimed__it_was_returned_before__is_refused(world, claimed_in_part):
    job, _ = claimed_in_part
    chain.sleep(CLAIM_PERIOD_S + 1)
    returned(world, job)
    with refuses("JobEscrow_NothingUnclaimed", job.id):
        returned(world, job)
