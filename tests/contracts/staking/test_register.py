import pytest
from escrow_world import DEPOSIT_WEI, TRAINER, VALIDATOR, books_balance, node_key, refuses

pytestmark = pytest.mark.contracts

ACTIVE = 1
KEY = node_key("a fresh machine").address


def register(world, name="fresh", key=KEY, roles=TRAINER, deposit_wei=DEPOSIT_WEI, sender=None):
    return world.staking.register(name, key, roles, {"from": sender or world.stranger, "value": deposit_wei})


def test_register__deposit_paid__makes_an_active_node(world):
    before = world.staking.activeCount()
    tx = register(world, roles=TRAINER | VALIDATOR)

    node = world.staking.node(world.stranger)
    assert (node["name"], node["nodeKey"], node["roles"]) == ("fresh", KEY, 3)
    assert (node["deposit"], node["rating"], node["state"]) == (DEPOSIT_WEI, 5_000, ACTIVE)
    assert world.staking.providerOf(KEY) == world.stranger
    assert world.staking.activeCount() == before + 1
    assert world.stranger in world.staking.providers()
    assert tx.events["NodeRegistered"]["deposit"] == DEPOSIT_WEI
    assert books_balance(world)


def test_register__one_wei_short__is_refused(world):
    with refuses("NodeStaking_DepositTooSmall"):
        register(world, deposit_wei=DEPOSIT_WEI - 1)


@pytest.mark.parametrize("name", ["", "a" * 41, "with space", "<b>", "nöde", "line\nbreak"])
def test_register__a_name_that_could_deceive__is_refused(world, name):
    with refuses("NodeStaking_BadName"):
        register(world, name=name)


@pytest.mark.parametrize("name", ["a", "A" * 40, "gpu-1_eu.West"])
def test_register__plain_names__are_accepted(world, name):
    register(world, name=name)
    assert world.staking.node(world.stranger)["name"] == name


def test_register__a_name_in_use_in_any_case__is_refused(world):
    register(world)
    with refuses("NodeStaking_NameTaken"):
        register(world, name="FRESH", key=node_key("another").address, sender=world.customer)


def test_register__a_key_in_use_or_none__is_refused(world):
    with refuses("NodeStaking_NodeKeyTaken"):
        register(world, key=world.key_of(world.trainers[0]).address)
    with refuses("NodeStaking_BadNodeKey"):
        register(world, key="0x" + "00" * 20)


@pytest.mark.parametrize("roles", [0, 4, 255])
def test_register__unknown_roles__are_refused(world, roles):
    with refuses("NodeStaking_BadRoles"):
        register(world, roles=roles)


def test_register__twice_with_one_wallet__is_refused(world):
    with refuses("NodeStaking_AlreadyRegistered"):
        register(world, sender=world.trainers[0])


def test_top_up__active_node__adds_to_the_deposit(world):
    trainer = world.trainers[0]
    tx = world.staking.topUp({"from": trainer, "value": 5})
    assert world.staking.node(trainer)["deposit"] == DEPOSIT_WEI + 5
    assert tx.events["DepositIncreased"]["amount"] == 5
    assert books_balance(world)


def test_top_up__leaving_or_unknown__is_refused(world):
    world.staking.requestExit({"from": world.trainers[0]})
    for account in (world.trainers[0], world.stranger):
        with refuses("NodeStaking_NotActive"):
            world.staking.topUp({"from": account, "value": 5})
