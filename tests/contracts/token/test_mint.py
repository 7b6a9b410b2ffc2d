import pytest
from escrow_world import ZERO_WORD, lacks_role, refuses

pytestmark = pytest.mark.contracts

CAP_WEI = 10**9 * 10**18


def left(world):
    return CAP_WEI - world.token.totalSupply()


def test_mint__the_caller_is_not_a_minter__is_refused(world):
    for account in (world.operator, world.customer, world.stranger):
        with lacks_role(account, world.token.MINTER_ROLE()):
            world.token.mint(account, 7, {"from": account})
        with lacks_role(account, ZERO_WORD):
            world.token.grantRole(world.token.MINTER_ROLE(), account, {"from": account})


def test_mint__a_wei_more_than_the_cap_would_exist__is_refused(world):
    with refuses("ERC20ExceededCap", CAP_WEI + 1, CAP_WEI):
        world.token.mint(world.stranger, left(world) + 1, {"from": world.admin})


def test_mint__the_minter_calls__creates_the_tokens(world):
    before = world.token.totalSupply()
    world.token.mint(world.stranger, 7, {"from": world.admin})
    assert world.token.balanceOf(world.stranger) == 7
    assert world.token.totalSupply() == before + 7


def test_mint__the_minter_calls__reaches_the_cap(world):
    world.token.mint(world.stranger, left(world), {"from": world.admin})
    assert world.token.totalSupply() == world.token.cap() == CAP_WEI


def test_mint__the_role_was_revoked__is_refused(world):
    role = world.token.MINTER_ROLE()
    world.token.revokeRole(role, world.admin, {"from": world.admin})
    with lacks_role(world.admin, role):
        world.token.mint(world.stranger, 7, {"from": world.admin})
