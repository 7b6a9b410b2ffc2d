import pytest
from brownie import LocalFaucet
from escrow_world import refuses

pytestmark = pytest.mark.contracts

CAP_WEI = 10_000 * 10**18


def test_mint__by_the_minter__creates_tokens(world):
    world.token.mint(world.stranger, 7, {"from": world.admin})
    assert world.token.balanceOf(world.stranger) == 7


def test_mint__without_the_role__is_refused(world):
    with refuses("AccessControlUnauthorizedAccount"):
        world.token.mint(world.stranger, 7, {"from": world.stranger})


def test_mint__above_the_cap__is_refused(world):
    left = world.token.cap() - world.token.totalSupply()
    with refuses("ERC20ExceededCap"):
        world.token.mint(world.stranger, left + 1, {"from": world.admin})
    world.token.mint(world.stranger, left, {"from": world.admin})


def test_drip__on_a_local_chain__gives_up_to_the_cap(world):
    faucet = LocalFaucet.deploy(world.token, CAP_WEI, {"from": world.admin})
    world.token.grantRole(world.token.MINTER_ROLE(), faucet, {"from": world.admin})
    tx = faucet.drip(world.stranger, CAP_WEI, {"from": world.customer})
    assert world.token.balanceOf(world.stranger) == CAP_WEI
    assert tx.events["Dripped"]["amount"] == CAP_WEI
    with refuses("LocalFaucet_AboveCap"):
        faucet.drip(world.stranger, CAP_WEI + 1, {"from": world.customer})
