import pytest
from escrow_world import TRAINER, refuses

pytestmark = pytest.mark.contracts


@pytest.fixture
def escrow(world, accounts):
    """The escrow contract as a sender."""
    return accounts.at(world.escrow.address, force=True)


def outsiders(world):
    return world.admin, world.operator, world.arbiter, world.trainers[0], world.stranger


def frozen(world, nodes):
    return [world.staking.node(n)["frozen"] for n in nodes]


def test_freeze__the_caller_is_not_the_escrow__is_refused(world):
    for account in outsiders(world):
        with refuses("NodeStaking_NotTheEscrow", account):
            world.staking.freeze([world.trainers[0]], {"from": account})


def test_freeze__the_escrow_calls__keeps_every_one_of_the_nodes_from_new_work(world, escrow):
    tx = world.staking.freeze(world.trainers[:2], {"from": escrow})
    assert frozen(world, world.trainers) == [1, 1, 0]
    assert [world.staking.isAvailable(t, TRAINER) for t in world.trainers] == [False, False, True]
    assert [event["provider"] for event in tx.events["NodeFrozen"]] == list(world.trainers[:2])


def test_freeze__the_node_is_frozen_already__takes_as_many_unfreezes(world, escrow):
    node = world.trainers[0]
    for _ in range(2):
        world.staking.freeze([node], {"from": escrow})
    world.staking.unfreeze(node, {"from": escrow})
    assert frozen(world, [node]) == [1]
    assert not world.staking.isAvailable(node, TRAINER)


def test_freeze__it_unfreezes__lets_the_node_work_again(world, escrow):
    node = world.trainers[0]
    world.staking.freeze([node], {"from": escrow})
    tx = world.staking.unfreeze(node, {"from": escrow})
    assert tx.events["NodeUnfrozen"]["provider"] == node
    assert world.staking.isAvailable(node, TRAINER)


def test_freeze__the_node_is_not_frozen__is_refused(world, escrow):
    with refuses("NodeStaking_NotFrozen", world.trainers[0]):
        world.staking.unfreeze(world.trainers[0], {"from": escrow})


def test_freeze__anybody_else_does__is_refused(world, escrow):
    world.staking.freeze([world.trainers[0]], {"from": escrow})
    for account in outsiders(world):
        with refuses("NodeStaking_NotTheEscrow", account):
            world.staking.unfreeze(world.trainers[0], {"from": account})
