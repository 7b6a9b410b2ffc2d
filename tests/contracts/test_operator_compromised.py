"""Whoever holds the operator's key tries to get at what is not the operator's."""

import pytest
from accusations import accuse, contest
from brownie import JobEscrow, chain, web3
from endings import tree_of
from escrow_world import (
    ASSIGNED,
    CANCELLED,
    COMMISSION_BPS,
    CONTEST_S,
    DATASET,
    DEPOSIT_WEI,
    DRAWING,
    FAILED,
    FEE_WEI,
    NAMED,
    SETTLED,
    SPEC,
    TRAINER,
    UNACCUSED,
    VALIDATOR,
    ZERO_WORD,
    ascending,
    assign_job,
    books_balance,
    choose_trainers,
    deadline_in,
    draw,
    lacks_role,
    mine_seed,
    next_block_at,
    node_key,
    open_job,
    ref,
    refuses,
    register,
    status_of,
)
from sortition import seed_of
from verdicts import (
    fail_job,
    fail_verdict,
    judge,
    payout_verdict,
    pool_wei,
    settle_job,
    settle_verdict,
    sign,
)

pytestmark = pytest.mark.contracts

HEAVY_WEI = 1000 * DEPOSIT_WEI


@pytest.fixture
def operator(world):
    return world.operator


def refuses_signer():
    return refuses("Verdicts_UnknownSigner")


def got_nothing(world):
    """The thief has neither tokens nor anything to withdraw, and the books balance."""
    thief = world.operator
    owed = world.escrow.credit(thief) + world.staking.credit(thief)
    return world.token.balanceOf(thief) == owed == 0 and books_balance(world)


# --- fees ---------------------------------------------------------------------------------------


def test_operator_compromised__it_settles_on_its_word_alone__is_refused(world, operator, assigned):
    verdict = settle_verdict(assigned)
    with refuses("JobEscrow_QuorumNotReached", 0, 2):
        judge(world, assigned, verdict, [], sender=operator)
    with refuses_signer():
        judge(world, assigned, verdict, sign(world, verdict, [operator]), sender=operator)
    assert status_of(world, assigned.id) == ASSIGNED


def test_operator_compromised__it_settles_by_root_on_its_word_alone__is_refused(world, operator, assigned):
    verdict = payout_verdict(assigned, tree_of(assigned))
    with refuses("JobEscrow_QuorumNotReached", 0, 2):
        judge(world, assigned, verdict, [], sender=operator)
    with refuses_signer():
        judge(world, assigned, verdict, sign(world, verdict, [operator]), sender=operator)
    assert status_of(world, assigned.id) == ASSIGNED


def test_operator_compromised__it_fails_a_job_on_its_word_alone__is_refused(world, operator, assigned):
    verdict = fail_verdict(assigned, world.trainers)
    with refuses("JobEscrow_QuorumNotReached", 0, 2):
        judge(world, assigned, verdict, [], sender=operator)
    with refuses_signer():
        judge(world, assigned, verdict, sign(world, verdict, [operator]), sender=operator)
    assert [world.escrow.accusation(assigned.id, t) for t in world.trainers] == [UNACCUSED] * 3


def test_operator_compromised__it_signs_with_a_node_of_its_own_that_was_not_drawn__is_refused(
    world, operator, assigned
):
    register(world, operator, TRAINER | VALIDATOR, HEAVY_WEI)
    verdict = settle_verdict(assigned)
    with refuses("Verdicts_UnknownSigner", node_key(operator).address):
        judge(world, assigned, verdict, sign(world, verdict, [assigned.validators[0], operator]))


def test_operator_compromised__it_signs_with_a_node_of_its_own_that_was_drawn__is_one_voice_of_the_quorum(
    world, operator
):
    register(world, operator, VALIDATOR, HEAVY_WEI)
    job = assign_job(world)
    assert str(operator) in job.validators
    verdict = settle_verdict(job)
    with refuses("JobEscrow_QuorumNotReached", 1, 2):
        judge(world, job, verdict, sign(world, verdict, [operator]) * 2, sender=operator)


def test_operator_compromised__it_presents_a_crew_of_its_own__is_refused(world, operator, assigned):
    verdict = settle_verdict(assigned)
    own = [str(operator)], [node_key(operator).address]
    with refuses("JobEscrow_WrongCrew", assigned.id):
        judge(world, assigned, verdict, sign(world, verdict, [operator]), crew=own, sender=operator)
    mixed = list(assigned.validators), [node_key(operator).address] * 3
    with refuses("JobEscrow_WrongCrew", assigned.id):
        judge(world, assigned, verdict, sign(world, verdict, [operator]), crew=mixed, sender=operator)


def test_operator_compromised__it_replays_the_verdict_on_another_job__is_refused(world, operator):
    # Two validators are left, so both jobs have the same judges.
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    job, other = assign_job(world), assign_job(world, "other")
    assert set(job.keys) == set(other.keys)
    signatures = sign(world, settle_verdict(job), job.validators)
    with refuses_signer():
        judge(world, other, settle_verdict(other), signatures, sender=operator)
    signatures = sign(world, fail_verdict(job), job.validators)
    with refuses_signer():
        judge(world, other, fail_verdict(other), signatures, sender=operator)


def test_operator_compromised__it_replays_a_verdict_that_was_used__is_refused(world, operator, assigned):
    verdict = settle_verdict(assigned)
    signatures = sign(world, verdict, assigned.validators)
    judge(world, assigned, verdict, signatures, sender=operator)
    with refuses("JobEscrow_WrongStatus", assigned.id, SETTLED):
        judge(world, assigned, verdict, signatures, sender=operator)
    assert world.escrow.totalCredits() == FEE_WEI


def test_operator_compromised__it_replays_a_verdict_for_another_chain__is_refused(world, operator, assigned):
    for verdict in (settle_verdict(assigned), fail_verdict(assigned)):
        signatures = sign(world, verdict, assigned.validators, chain_id=80_002)
        with refuses_signer():
            judge(world, assigned, verdict, signatures, sender=operator)


def test_operator_compromised__it_replays_a_verdict_for_another_escrow__is_refused(world, operator, assigned):
    people = operator, operator, operator, operator
    by = {"from": operator}
    twin = JobEscrow.deploy(world.token, world.staking, *people, COMMISSION_BPS, CONTEST_S, by)
    for verdict in (settle_verdict(assigned), fail_verdict(assigned)):
        signatures = sign(world, verdict, assigned.validators, escrow=twin)
        with refuses_signer():
            judge(world, assigned, verdict, signatures, sender=operator)


def test_operator_compromised__it_turns_a_failure_into_a_settlement__is_refused(world, operator, assigned):
    signatures = sign(world, fail_verdict(assigned, world.trainers), assigned.validators)
    with refuses_signer():
        judge(world, assigned, settle_verdict(assigned), signatures, sender=operator)


def test_operator_compromised__it_changes_who_is_paid_what__is_refused(world, operator):
    register(world, operator, TRAINER)
    job = assign_job(world, trainers=ascending([*world.trainers, operator]))
    honest = settle_verdict(job)
    signatures = sign(world, honest, job.validators)
    all_mine = [pool_wei() if t == operator else 0 for t in job.trainers]
    with refuses_signer():
        judge(world, job, honest._replace(amounts=all_mine), signatures, sender=operator)
    with refuses("JobEscrow_WrongCrew", job.id):
        judge(world, job, honest._replace(payees=[str(operator)] * 4), signatures, sender=operator)
    assert got_nothing(world)


def test_operator_compromised__it_cancels_a_job__credits_the_customer_and_nobody_else(
    world, operator, waiting
):
    world.escrow.cancel(waiting.id, {"from": operator})
    assert status_of(world, waiting.id) == CANCELLED
    assert world.escrow.credit(world.customer) == world.escrow.totalCredits() == FEE_WEI
    assert got_nothing(world)


def test_operator_compromised__it_reclaims_a_job__pays_the_customer_and_nobody_else(world, operator):
    before = world.token.balanceOf(world.customer)
    job = open_job(world, seconds=60)
    next_block_at(world.escrow.job(job)["deadline"])
    world.escrow.reclaim(job, {"from": operator})
    assert world.token.balanceOf(world.customer) == before
    assert got_nothing(world)


def test_operator_compromised__it_withdraws_what_others_are_owed__pays_them_and_nobody_else(
    world, operator, assigned
):
    settle_job(world, assigned, amounts=[pool_wei(), 0, 0])
    with refuses("JobEscrow_NothingToWithdraw", operator):
        world.escrow.withdraw({"from": operator})
    world.escrow.withdrawFor(world.trainers[0], {"from": operator})
    assert world.token.balanceOf(world.trainers[0]) == pool_wei()
    assert got_nothing(world)


def test_operator_compromised__it_moves_the_tokens_of_the_escrow__is_refused(world, operator, opened):
    with refuses("ERC20InsufficientAllowance", operator, 0, 1):
        world.token.transferFrom(world.escrow, operator, 1, {"from": operator})


def test_operator_compromised__it_spends_the_allowance_of_a_customer__is_refused(world, operator):
    world.token.approve(world.escrow, FEE_WEI, {"from": world.customer})
    with refuses("ERC20InsufficientAllowance", world.escrow, 0, FEE_WEI):
        world.escrow.openJob(ref("x"), SPEC, DATASET, FEE_WEI, deadline_in(600), {"from": operator})
    assert world.token.allowance(world.customer, world.escrow) == FEE_WEI


# --- deposits -----------------------------------------------------------------------------------


def test_operator_compromised__it_freezes_or_slashes_or_unfreezes__is_refused(world, operator):
    victim, by = world.trainers[0], {"from": operator}
    for attempt in (
        lambda: world.staking.freeze([victim], by),
        lambda: world.staking.slash(victim, [operator], by),
        lambda: world.staking.unfreeze(victim, by),
    ):
        with refuses("NodeStaking_NotTheEscrow", operator):
            attempt()


def test_operator_compromised__it_withdraws_deposits_or_slashed_shares__is_refused(world, operator):
    with refuses("NodeStaking_NotExiting", operator):
        world.staking.withdraw({"from": operator})
    with refuses("NodeStaking_NothingToWithdraw", operator):
        world.staking.withdrawCredit({"from": operator})
    assert world.staking.balance() == 7 * DEPOSIT_WEI


def test_operator_compromised__it_names_itself_the_escrow_of_the_staking__is_refused(world, operator):
    with lacks_role(operator, ZERO_WORD):
        world.staking.setEscrow(operator, {"from": operator})


def test_operator_compromised__it_names_culprits_after_a_job_has_ended__is_refused(world, operator, assigned):
    verdict = fail_verdict(assigned, world.trainers)
    signatures = sign(world, verdict, assigned.validators)
    fail_job(world, assigned)
    with refuses("JobEscrow_WrongStatus", assigned.id, FAILED):
        judge(world, assigned, verdict, signatures, sender=operator)
    assert [world.escrow.accusation(assigned.id, t) for t in world.trainers] == [UNACCUSED] * 3


def test_operator_compromised__it_contests_or_decides_an_accusation__is_refused(world, operator, assigned):
    culprit = accuse(world, assigned)
    with refuses("JobEscrow_NotAccused", assigned.id, operator, UNACCUSED):
        contest(world, assigned, operator)
    contest(world, assigned, culprit)
    with lacks_role(operator, world.escrow.ARBITER_ROLE()):
        world.escrow.arbitrate(assigned.id, culprit, True, {"from": operator})


def test_operator_compromised__it_hurries_a_slash__is_refused(world, operator, assigned):
    culprit = accuse(world, assigned)
    with refuses("JobEscrow_WindowOpen", assigned.id, world.escrow.slashReadyAt(assigned.id)):
        world.escrow.finalizeSlash(assigned.id, {"from": operator})
    assert world.escrow.accusation(assigned.id, culprit) == NAMED


# --- rules --------------------------------------------------------------------------------------


def test_operator_compromised__it_mints__is_refused(world, operator):
    with lacks_role(operator, world.token.MINTER_ROLE()):
        world.token.mint(operator, 1, {"from": operator})


def test_operator_compromised__it_rates__is_refused(world, operator, assigned):
    with lacks_role(operator, world.staking.RATER_ROLE()):
        world.staking.setBaseline(world.trainers[0], 0, {"from": operator})
    signatures = sign(world, settle_verdict(assigned), assigned.validators)
    forged = settle_verdict(assigned, accuracies_ppm=[1, 1, 1_000_000])
    with refuses_signer():
        judge(world, assigned, forged, signatures, sender=operator)


def test_operator_compromised__it_sets_the_commission_or_pauses__is_refused(world, operator):
    by = {"from": operator}
    for attempt in (
        lambda: world.escrow.setCommission(500, by),
        lambda: world.escrow.pause(by),
        lambda: world.escrow.unpause(by),
    ):
        with lacks_role(operator, ZERO_WORD):
            attempt()


def test_operator_compromised__it_grants_itself_a_role__is_refused(world, operator):
    for contract, names in (
        (world.escrow, ("ARBITER_ROLE", "OPERATOR_ROLE")),
        (world.staking, ("RATER_ROLE",)),
        (world.token, ("MINTER_ROLE",)),
    ):
        for role in (ZERO_WORD, *(getattr(contract, name)() for name in names)):
            with lacks_role(operator, ZERO_WORD):
                contract.grantRole(role, operator, {"from": operator})


# --- choice of the validators -------------------------------------------------------------------


def test_operator_compromised__it_assigns_a_second_time__is_refused(world, operator, drawing):
    with refuses("JobEscrow_WrongStatus", drawing.id, DRAWING):
        choose_trainers(world, drawing.id, world.trainers[:1])
    draw(world, drawing)
    with refuses("JobEscrow_WrongStatus", drawing.id, ASSIGNED):
        choose_trainers(world, drawing.id, world.trainers[:1])


def test_operator_compromised__it_draws_with_other_trainers__is_refused(world, operator, drawing):
    for others in (world.trainers[:2], world.trainers[::-1], ascending([*world.trainers, *world.validators])):
        with refuses("JobEscrow_WrongCrew", drawing.id):
            world.escrow.draw(drawing.id, others, {"from": operator})


@pytest.mark.parametrize("blocks", [1, 250])
def test_operator_compromised__it_waits_for_a_better_moment_to_draw__gets_the_same_validators(
    world, operator, drawing, blocks
):
    seed_block = world.escrow.job(drawing.id)["seedBlock"]
    seed = seed_of(bytes(web3.eth.get_block(seed_block).hash), drawing.id)
    early, _ = world.staking.draw(seed, seed_block, world.customer, drawing.trainers, 3)
    chain.mine(blocks)
    late = world.escrow.draw(drawing.id, drawing.trainers, {"from": operator}).events["JobAssigned"]
    assert list(late["validators"]) == list(early)


def test_operator_compromised__it_reseeds_a_good_seed__is_refused(world, operator, drawing):
    with refuses("JobEscrow_SeedStillGood", drawing.id, world.escrow.job(drawing.id)["seedBlock"]):
        world.escrow.reseed(drawing.id, {"from": operator})


def test_operator_compromised__it_stakes_once_the_seed_is_known__is_left_out(world, operator, drawing):
    register(world, operator, VALIDATOR, HEAVY_WEI)
    assert str(operator) not in draw(world, drawing).validators


def test_operator_compromised__it_draws_its_own_trainers_as_validators__is_passed_over(world, operator):
    register(world, operator, TRAINER | VALIDATOR, HEAVY_WEI)
    job = choose_trainers(world, open_job(world), ascending([world.trainers[0], operator]))
    mine_seed()
    assert str(operator) not in draw(world, job).validators
