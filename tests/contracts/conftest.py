import gc

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
    choose_trainers,
    mine_seed,
    open_job,
    register,
)

from scripts.brownie.receipts import wait_for_receipts

wait_for_receipts()
# Brownie collects garbage at every revert: what is loaded by now stays, and need not be looked at each time.
gc.freeze()


@pytest.fixture(scope="module")
def world(module_isolation):
    admin, operator, arbiter, treasury, customer, stranger = accounts[:6]
    trainers = tuple(sorted(accounts[6:9], key=lambda account: int(account.address, 16)))
    validators, spare = tuple(accounts[9:13]), tuple(accounts[13:16])
    token = DMLToken.deploy(admin, {"from": admin})
    staking = NodeStaking.deploy(admin, DEPOSIT_WEI, UNBONDING_S, {"from": admin})
    escrow = JobEscrow.deploy(
        token, staking, admin, operator, arbiter, treasury, COMMISSION_BPS, CONTEST_S, {"from": admin}
    )
    staking.setEscrow(escrow, {"from": admin})
    token.grantRole(token.MINTER_ROLE(), admin, {"from": admin})
    token.mint(customer, 10**21, {"from": admin})
    market = World(
        token,
        staking,
        escrow,
        admin,
        operator,
        arbiter,
        treasury,
        customer,
        stranger,
        trainers,
        validators,
        spare,
    )
    for role, providers in ((TRAINER, trainers), (VALIDATOR, validators)):
        for provider in providers:
            register(market, provider, role)
    return market


@pytest.fixture(autouse=True)
def isolation(world, fn_isolation):
    """Every test starts from the freshly deployed world."""


@pytest.fixture
def opened(world):
    """A paid job."""
    return open_job(world)


@pytest.fixture
def waiting(world, opened):
    """A job with trainers whose seed's block is still to come."""
    return choose_trainers(world, opened)


@pytest.fixture
def drawing(world, opened):
    """A job with trainers whose seed is there to be used."""
    job = choose_trainers(world, opened)
    mine_seed()
    return job


@pytest.fixture
def assigned(world):
    """A job with trainers and validators."""
    return assign_job(world)
