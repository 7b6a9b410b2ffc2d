import pytest
from brownie import web3
from escrow_world import (
    ACTIVE,
    CONTEST_S,
    DEPOSIT_WEI,
    NOBODY,
    TRAINER,
    VALIDATOR,
    books_balance,
    leave,
    node_key,
    pass_time,
    refuses,
    set_baseline,
)
from verdicts import fail_job, settle_job

pytestmark = pytest.mark.contracts

KEY = node_key("a fresh machine").address


def register(world, name="fresh", key=KEY, roles=TRAINER, deposit_wei=DEPOSIT_WEI, sender=None):
    return world.staking.register(name, key, roles, {"from": sender or world.stranger, "value": deposit_wei})


@pytest.fixture
def banned(world, assigned):
    """A trainer that lost its deposit."""
    fail_job(world, assigned, world.trainers[:1])
    pass_time(CONTEST_S + 1)
    world.escrow.finalizeSlash(assigned.id, {"from": world.stranger})
    return world.trainers[0]


def test_register__the_wallet_has_a_node__is_refused(world):
    with refuses("NodeStaking_AlreadyRegistered", world.trainers[0]):
        register(world, sender=world.trainers[0])


def test_register__the_wallet_is_leaving__is_refused(world):
    world.staking.requestExit({"from": world.trainers[0]})
    with refuses("NodeStaking_AlreadyRegistered", world.trainers[0]):
        register(world, sender=world.trainers[0])


def test_register__the_wallet_was_banned__is_refused(world, banned):
    with refuses("NodeStaking_Banned", banned):
        register(world, sender=banned)


def test_register__the_key_was_banned__is_refused(world, banned):
    key = node_key(banned).address
    with refuses("NodeStaking_Banned", key):
        register(world, key=key)


def test_register__the_wallet_has_left__is_active_again(world):
    leave(world, world.trainers[0])
    register(world, sender=world.trainers[0], roles=VALIDATOR)
    node = world.staking.node(world.trainers[0])
    assert (node["name"], node["nodeKey"], node["roles"]) == ("fresh", KEY, VALIDATOR)
    assert (node["deposit"], node["state"], node["exitAt"]) == (DEPOSIT_WEI, ACTIVE, 0)
    assert books_balance(world)


def test_register__the_wallet_has_left__keeps_its_rating(world, assigned):
    node = world.trainers[0]
    set_baseline(world, node, 1_200)
    settle_job(world, assigned, accuracies_ppm=[0, 1, 1])
    leave(world, node)
    register(world, sender=node)
    # Half of it is the baseline, half what the job showed: an eighth of the way from 5000 to nothing.
    assert world.staking.node(node)["rating"] == (1_200 + 4_375) // 2


def test_register__the_name_and_the_key_are_those_of_a_node_that_left__is_active(world):
    gone = world.trainers[0]
    name, key = world.staking.node(gone)["name"], node_key(gone).address
    leave(world, gone)
    register(world, name, key)
    assert world.staking.providerOf(key) == world.stranger
    assert world.staking.node(world.stranger)["state"] == ACTIVE


def test_register__the_deposit_is_a_wei_short__is_refused(world):
    with refuses("NodeStaking_DepositTooSmall", DEPOSIT_WEI - 1, DEPOSIT_WEI):
        register(world, deposit_wei=DEPOSIT_WEI - 1)


@pytest.mark.parametrize(
    "name",
    ["", "a" * 41, "with space", "<b>", "nöde", "line\nbreak", "a/b", "a:b", "a@b", "a[b", "a`b", "a{b"],
)
def test_register__the_name_could_deceive__is_refused(world, name):
    with refuses("NodeStaking_BadName", name):
        register(world, name=name)


def test_register__the_name_is_in_use_in_other_letters__is_refused(world):
    register(world)
    with refuses("NodeStaking_NameTaken", "FRESH"):
        register(world, name="FRESH", key=node_key("another").address, sender=world.customer)


def test_register__the_key_is_in_use__is_refused(world):
    key = node_key(world.trainers[0]).address
    with refuses("NodeStaking_NodeKeyTaken", key):
        register(world, key=key)


def test_register__the_key_is_nobody__is_refused(world):
    with refuses("NodeStaking_BadNodeKey", NOBODY):
        register(world, key=NOBODY)


@pytest.mark.parametrize("roles", [0, 4, 255])
def test_register__the_roles_are_unknown__is_refused(world, roles):
    with refuses("NodeStaking_BadRoles", roles):
        register(world, roles=roles)


def test_register__the_deposit_exceeds_96_bits__is_refused(world):
    web3.provider.make_request("anvil_setBalance", [world.stranger.address, hex(2**100)])
    with refuses("SafeCastOverflowedUintDowncast", 96, 2**96):
        register(world, deposit_wei=2**96)


def test_register__everything_is_well__is_active(world):
    before = world.staking.activeCount()
    register(world, roles=TRAINER | VALIDATOR)
    node = world.staking.node(world.stranger)
    assert (node["name"], node["nodeKey"], node["roles"]) == ("fresh", KEY, TRAINER | VALIDATOR)
    assert (node["rating"], node["state"], node["exitAt"]) == (5_000, ACTIVE, 0)
    assert (node["assignedJobs"], node["frozen"]) == (0, 0)
    assert world.staking.providerOf(KEY) == world.stranger
    assert world.staking.activeCount() == before + 1
    assert world.stranger in world.staking.providers()


def test_register__everything_is_well__holds_the_deposit(world):
    before = world.staking.totalActive()
    register(world, deposit_wei=3 * DEPOSIT_WEI + 1)
    assert world.staking.node(world.stranger)["deposit"] == 3 * DEPOSIT_WEI + 1
    assert world.staking.totalActive() == before + 3 * DEPOSIT_WEI + 1
    assert books_balance(world)


def test_register__everything_is_well__tells_the_node_in_its_event(world):
    event = register(world, roles=VALIDATOR).events["NodeRegistered"]
    assert (event["provider"], event["nodeKey"], event["name"]) == (world.stranger, KEY, "fresh")
    assert (event["roles"], event["deposit"]) == (VALIDATOR, DEPOSIT_WEI)


@pytest.mark.parametrize("name", ["a", "A" * 40, "gpu-1_eu.West", "0", "9", "zZ"])
def test_register__the_name_is_plain__is_active_under_it(world, name):
    register(world, name=name)
    assert world.staking.node(world.stranger)["name"] == name
