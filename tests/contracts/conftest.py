import pytest
from brownie import DMLToken, JobEscrow, NodeStaking, accounts
from escrow_world import (
    COMMISSION_BPS,
    CONTEST_S,
    DEPOSIT_WEI,
    TRAINER,
    UNBONDING_S,
    VALIDATOR,
    World,
    assign_job,
    node_key,
    open_job,
)

from scripts.brownie.receipts import wait_for_receipts

wait_for_receipts()


@pytest.fixture(scope="module")
def world(module_isolation):
    admin, operator, arbiter, treasury, customer, stranger = accounts[:6]
    trainers, validators = tuple(accounts[6:9]), tuple(accounts[9:13])
    token = DMLToken.deploy(admin, {"from": admin})
    staking = NodeStaking.deploy(admin, DEPOSIT_WEI, UNBONDING_S, {"from": admin})
    escrow = JobEscrow.deploy(
        token, staking, admin, operator, arbiter, treasury, COMMISSION_BPS, CONTEST_S, {"from": admin}
    )
    staking.grantRole(staking.ESCROW_ROLE(), escrow, {"from": admin})
    token.grantRole(token.MINTER_ROLE(), admin, {"from": admin})
    token.mint(customer, 10**21, {"from": admin})
    for role, providers in ((TRAINER, trainers), (VALIDATOR, validators)):
        for provider in providers:
            name = f"node-{provider.address[2:10]}"
            key = node_key(provider.address).address
            staking.register(name, key, role, {"from": provider, "value": DEPOSIT_WEI})
    return World(
        token, staking, escrow, admin, operator, arbiter, treasury, customer, stranger, trainers, validators
    )


@pytest.fixture(autouse=True)
def isolation(world, fn_isolation):
    """Every test starts from the freshly deployed world."""


@pytest.fixture
def opened(world):
    return open_job(world)


@pytest.fixture
def assigned(world):
    return assign_job(world)
