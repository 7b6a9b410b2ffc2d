import pytest
from brownie import chain
from escrow_world import FEE_WEI, deadline_in, refuses
from permits import sign_permit, signing_wallet

pytestmark = pytest.mark.contracts


@pytest.fixture
def owner(world):
    return signing_wallet(world, FEE_WEI)


def permit(world, owner, until, signature, value=FEE_WEI):
    return world.token.permit(owner, world.escrow, value, until, *signature, {"from": world.stranger})


def test_permit__the_owner_signed__allows_the_spender(world, owner):
    until = deadline_in(600)
    permit(world, owner, until, sign_permit(world, owner, FEE_WEI, until))
    assert world.token.allowance(owner, world.escrow) == FEE_WEI
    assert world.token.allowance(owner, world.stranger) == 0


def test_permit__the_owner_signed__is_used_up(world, owner):
    until = deadline_in(600)
    signature = sign_permit(world, owner, FEE_WEI, until)
    permit(world, owner, until, signature)
    assert world.token.nonces(owner) == 1
    with refuses("ERC2612InvalidSigner"):
        permit(world, owner, until, signature)


def test_permit__somebody_else_signed__is_refused(world, owner, accounts):
    until = deadline_in(600)
    with refuses("ERC2612InvalidSigner"):
        permit(world, owner, until, sign_permit(world, accounts.add(), FEE_WEI, until))


def test_permit__it_is_for_another_amount__is_refused(world, owner):
    until = deadline_in(600)
    with refuses("ERC2612InvalidSigner"):
        permit(world, owner, until, sign_permit(world, owner, FEE_WEI, until), FEE_WEI + 1)


def test_permit__it_is_for_another_chain__is_refused(world, owner):
    until = deadline_in(600)
    with refuses("ERC2612InvalidSigner"):
        permit(world, owner, until, sign_permit(world, owner, FEE_WEI, until, chain_id=chain.id + 1))


def test_permit__its_nonce_was_used__is_refused(world, owner):
    until = deadline_in(600)
    permit(world, owner, until, sign_permit(world, owner, 1, until), 1)
    with refuses("ERC2612InvalidSigner"):
        permit(world, owner, until, sign_permit(world, owner, FEE_WEI, until, nonce=0))


def test_permit__it_has_expired__is_refused(world, owner):
    until = deadline_in(-60)
    with refuses("ERC2612ExpiredSignature", until):
        permit(world, owner, until, sign_permit(world, owner, FEE_WEI, until))
