import pytest
from escrow_world import BANNED, DEPOSIT_WEI, books_balance, node_key, refuses
from verdicts import pool_wei, settle_job

pytestmark = pytest.mark.contracts


@pytest.fixture
def escrow(world, accounts):
    """The escrow contract as a sender."""
    return accounts.at(world.escrow.address, force=True)


def slash(world, escrow, node, beneficiaries):
    world.staking.freeze([node], {"from": escrow})
    return world.staking.slash(node, beneficiaries, {"from": escrow})


def test_slash__the_caller_is_not_the_escrow__is_refused(world, escrow):
    node = world.trainers[0]
    world.staking.freeze([node], {"from": escrow})
    for account in (world.admin, world.operator, world.arbiter, world.trainers[1], world.stranger):
        with refuses("NodeStaking_NotTheEscrow", account):
            world.staking.slash(node, [account], {"from": account})


def test_slash__nobody_benefits__is_refused(world, escrow):
    with refuses("NodeStaking_NoBeneficiaries", world.trainers[0]):
        slash(world, escrow, world.trainers[0], [])


def test_slash__the_node_is_not_frozen__is_refused(world, escrow):
    with refuses("NodeStaking_NotFrozen", world.trainers[0]):
        world.staking.slash(world.trainers[0], [world.treasury], {"from": escrow})


def test_slash__the_node_is_frozen__splits_the_deposit_to_the_last_wei(world, escrow):
    node, *others = world.trainers
    world.staking.topUp({"from": node, "value": 1})
    people = [*others, world.treasury]
    event = slash(world, escrow, node, people).events["NodeSlashed"]
    # 10^17 + 1 divided by three leaves two.
    share = DEPOSIT_WEI // 3
    shares = [share + 1, share + 1, share]
    assert list(event["shares"]) == [world.staking.credit(account) for account in people] == shares
    assert (event["amount"], sum(shares)) == (DEPOSIT_WEI + 1, DEPOSIT_WEI + 1)
    assert world.staking.totalSlashedUnclaimed() == DEPOSIT_WEI + 1
    assert books_balance(world)


def test_slash__the_node_is_frozen__bans_the_node(world, escrow):
    node = world.trainers[0]
    tx = slash(world, escrow, node, [world.treasury])
    assert tx.events["NodeBanned"]["provider"] == node
    assert world.staking.isBanned(node)
    assert world.staking.isBanned(node_key(node).address)
    record = world.staking.node(node)
    assert (record["state"], record["deposit"], record["exitAt"]) == (BANNED, 0, 0)
    with refuses("NodeStaking_NotActive", node):
        world.staking.topUp({"from": node, "value": 1})
    with refuses("NodeStaking_NotActive", node):
        world.staking.requestExit({"from": node})


def test_slash__the_node_works_on_a_job__leaves_the_pay_of_that_job_alone(world, assigned, escrow):
    slash(world, escrow, world.trainers[0], [world.treasury])
    settle_job(world, assigned, amounts=[pool_wei(), 0, 0])
    world.escrow.withdraw({"from": world.trainers[0]})
    assert world.token.balanceOf(world.trainers[0]) == pool_wei()


def test_slash__the_node_was_slashed_before__takes_nothing_more(world, escrow):
    node = world.trainers[0]
    slash(world, escrow, node, [world.treasury])
    event = slash(world, escrow, node, [world.treasury]).events["NodeSlashed"]
    assert (event["amount"], list(event["shares"])) == (0, [0])
    assert world.staking.credit(world.treasury) == DEPOSIT_WEI
    assert world.staking.activeCount() == 6
    assert books_balance(world)
