import pytest
from brownie import LocalFaucet
from escrow_world import lacks_role, refuses

pytestmark = pytest.mark.contracts

# Other chains than local ones: tests/contracts/forge/Faucet.t.sol.
CAP_WEI = 10_000 * 10**18


@pytest.fixture
def faucet(world):
    faucet = LocalFaucet.deploy(world.token, CAP_WEI, {"from": world.admin})
    world.token.grantRole(world.token.MINTER_ROLE(), faucet, {"from": world.admin})
    return faucet


def drip(world, faucet, amount):
    return faucet.drip(world.stranger, amount, {"from": world.customer})


def test_drip__the_faucet_may_not_mint__is_refused(world, faucet):
    role = world.token.MINTER_ROLE()
    world.token.revokeRole(role, faucet, {"from": world.admin})
    with lacks_role(faucet, role):
        drip(world, faucet, 1)


def test_drip__it_is_asked_for_the_cap__gives_it_to_whom_it_was_asked_for(world, faucet):
    event = drip(world, faucet, CAP_WEI).events["Dripped"]
    assert (event["to"], event["amount"]) == (world.stranger, CAP_WEI)
    assert world.token.balanceOf(world.stranger) == faucet.cap() == CAP_WEI


def test_drip__it_is_asked_again__gives_again(world, faucet):
    for _ in range(2):
        drip(world, faucet, CAP_WEI)
    assert world.token.balanceOf(world.stranger) == 2 * CAP_WEI


def test_drip__it_is_asked_for_a_wei_more_than_the_cap__is_refused(world, faucet):
    with refuses("LocalFaucet_AboveCap", CAP_WEI + 1, CAP_WEI):
        drip(world, faucet, CAP_WEI + 1)
