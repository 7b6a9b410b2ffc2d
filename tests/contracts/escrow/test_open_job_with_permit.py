import pytest
from brownie import chain
from escrow_world import DATASET, FEE_WEI, SPEC, books_balance, deadline_in, job_id, ref, refuses
from permits import sign_permit, signing_wallet

pytestmark = pytest.mark.contracts


@pytest.fixture
def wallet(world):
    return signing_wallet(world, FEE_WEI)


def pay(world, wallet, until, signature):
    return world.escrow.openJobWithPermit(
        ref("p"), SPEC, DATASET, FEE_WEI, deadline_in(600), until, *signature, {"from": wallet}
    )


def refuses_allowance(world, allowance_wei=0):
    return refuses("ERC20InsufficientAllowance", world.escrow, allowance_wei, FEE_WEI)


def test_open_job_with_permit__the_permit_is_good__holds_the_fee_in_one_transaction(world, wallet):
    until = deadline_in(600)
    pay(world, wallet, until, sign_permit(world, wallet, FEE_WEI, until))
    assert wallet.nonce == 1
    assert world.escrow.job(job_id(wallet, ref("p")))["customer"] == wallet
    assert world.escrow.openFees() == FEE_WEI
    assert world.token.allowance(wallet, world.escrow) == 0
    assert books_balance(world)


def test_open_job_with_permit__somebody_used_the_permit_first__holds_the_fee(world, wallet):
    until = deadline_in(600)
    signature = sign_permit(world, wallet, FEE_WEI, until)
    world.token.permit(wallet, world.escrow, FEE_WEI, until, *signature, {"from": world.stranger})
    pay(world, wallet, until, signature)
    assert world.escrow.openFees() == FEE_WEI


def test_open_job_with_permit__an_allowance_is_there_already__holds_the_fee(world, wallet):
    world.token.approve(world.escrow, FEE_WEI, {"from": wallet})
    pay(world, wallet, 0, (27, b"\x01" * 32, b"\x02" * 32))
    assert world.escrow.openFees() == FEE_WEI


def test_open_job_with_permit__the_escrow_is_paused__is_refused(world, wallet):
    world.escrow.pause({"from": world.admin})
    until = deadline_in(600)
    with refuses("EnforcedPause"):
        pay(world, wallet, until, sign_permit(world, wallet, FEE_WEI, until))
    assert world.token.balanceOf(wallet) == FEE_WEI


def test_open_job_with_permit__the_permit_is_for_less__is_refused(world, wallet):
    until = deadline_in(600)
    with refuses("ERC20InsufficientAllowance", world.escrow, 0, FEE_WEI):
        pay(world, wallet, until, sign_permit(world, wallet, FEE_WEI - 1, until))


def test_open_job_with_permit__the_permit_has_expired__is_refused(world, wallet):
    until = deadline_in(-60)
    with refuses_allowance(world):
        pay(world, wallet, until, sign_permit(world, wallet, FEE_WEI, until))


def test_open_job_with_permit__somebody_else_signed_the_permit__is_refused(world, wallet, accounts):
    until = deadline_in(600)
    thief = accounts.add()
    with refuses_allowance(world):
        pay(world, wallet, until, sign_permit(world, thief, FEE_WEI, until))


def test_open_job_with_permit__the_permit_is_for_another_chain__is_refused(world, wallet):
    until = deadline_in(600)
    with refuses_allowance(world):
        pay(world, wallet, until, sign_permit(world, wallet, FEE_WEI, until, chain_id=chain.id + 1))
