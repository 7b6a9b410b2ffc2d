import pytest
from brownie import chain
from escrow_world import (
    DATASET,
    FEE_WEI,
    OPEN,
    SEED_DELAY_BLOCKS,
    SPEC,
    books_balance,
    deadline_in,
    job_id,
    open_job,
    ref,
    refuses,
)
from eth_account import Account

pytestmark = pytest.mark.contracts


def test_open_job__with_an_allowance__holds_the_fee(world):
    before = world.token.balanceOf(world.customer)
    job = open_job(world)

    record = world.escrow.job(job)
    assert record["status"] == OPEN
    assert record["customer"] == world.customer
    assert record["fee"] == FEE_WEI
    assert record["commissionBps"] == 200
    assert record["seedBlock"] == chain.height + SEED_DELAY_BLOCKS
    assert world.token.balanceOf(world.customer) == before - FEE_WEI
    assert world.escrow.openFees() == FEE_WEI
    assert books_balance(world)


def test_open_job__any__tells_everything_in_its_event(world):
    world.token.approve(world.escrow, FEE_WEI, {"from": world.customer})
    deadline = deadline_in(600)
    tx = world.escrow.openJob(ref("a"), SPEC, DATASET, FEE_WEI, deadline, {"from": world.customer})

    event = tx.events["JobOpened"]
    assert event["jobId"] == "0x" + job_id(world.customer, ref("a")).hex()
    assert event["customer"] == world.customer
    assert (event["fee"], event["deadline"]) == (FEE_WEI, deadline)
    assert event["specHash"] == "0x" + SPEC.hex()
    assert event["datasetHash"] == "0x" + DATASET.hex()


def test_open_job__the_same_reference_twice__takes_the_money_once(world, opened):
    world.token.approve(world.escrow, FEE_WEI, {"from": world.customer})
    with refuses("JobEscrow_AlreadyOpened"):
        world.escrow.openJob(ref("job"), SPEC, DATASET, FEE_WEI, deadline_in(600), {"from": world.customer})
    assert world.escrow.openFees() == FEE_WEI


def test_open_job__no_fee__is_refused(world):
    with refuses("JobEscrow_ZeroFee"):
        world.escrow.openJob(ref("a"), SPEC, DATASET, 0, deadline_in(600), {"from": world.customer})


@pytest.mark.parametrize("seconds", [5, 31 * 24 * 3600])
def test_open_job__deadline_out_of_bounds__is_refused(world, seconds):
    world.token.approve(world.escrow, FEE_WEI, {"from": world.customer})
    with refuses("JobEscrow_BadDeadline"):
        world.escrow.openJob(ref("a"), SPEC, DATASET, FEE_WEI, deadline_in(seconds), {"from": world.customer})


def test_open_job__no_allowance__is_refused(world):
    with refuses("ERC20InsufficientAllowance"):
        world.escrow.openJob(ref("a"), SPEC, DATASET, FEE_WEI, deadline_in(600), {"from": world.customer})


def test_open_job__paused__is_refused_and_resumes(world):
    world.token.approve(world.escrow, FEE_WEI, {"from": world.customer})
    world.escrow.pause({"from": world.admin})
    with refuses("EnforcedPause"):
        world.escrow.openJob(ref("a"), SPEC, DATASET, FEE_WEI, deadline_in(600), {"from": world.customer})
    world.escrow.unpause({"from": world.admin})
    world.escrow.openJob(ref("a"), SPEC, DATASET, FEE_WEI, deadline_in(600), {"from": world.customer})


def _permit(world, wallet, value, until):
    fields = [("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256")]
    types = {"Permit": [{"name": n, "type": t} for n, t in [*fields, ("deadline", "uint256")]]}
    domain = {
        "name": world.token.name(),
        "version": "1",
        "chainId": chain.id,
        "verifyingContract": str(world.token),
    }
    message = {
        "owner": wallet.address,
        "spender": str(world.escrow),
        "value": value,
        "nonce": world.token.nonces(wallet.address),
        "deadline": until,
    }
    signed = Account.sign_typed_data(wallet.key, domain, types, message)
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


@pytest.fixture
def wallet(world, accounts):
    """A customer whose private key the test holds."""
    wallet = Account.create()
    sender = accounts.add(wallet.key)
    world.stranger.transfer(sender, 10**18)
    world.token.mint(sender, FEE_WEI, {"from": world.admin})
    return wallet, sender


def test_open_job_with_permit__one_transaction__holds_the_fee(world, wallet):
    signer, sender = wallet
    until = deadline_in(600)
    v, r, s = _permit(world, signer, FEE_WEI, until)
    world.escrow.openJobWithPermit(
        ref("p"), SPEC, DATASET, FEE_WEI, deadline_in(600), until, v, r, s, {"from": sender}
    )
    assert world.escrow.openFees() == FEE_WEI


def test_open_job_with_permit__somebody_used_the_permit_first__still_opens(world, wallet):
    signer, sender = wallet
    until = deadline_in(600)
    v, r, s = _permit(world, signer, FEE_WEI, until)
    world.token.permit(sender, world.escrow, FEE_WEI, until, v, r, s, {"from": world.stranger})
    world.escrow.openJobWithPermit(
        ref("p"), SPEC, DATASET, FEE_WEI, deadline_in(600), until, v, r, s, {"from": sender}
    )
    assert world.escrow.openFees() == FEE_WEI


def test_open_job_with_permit__signed_for_less__is_refused(world, wallet):
    signer, sender = wallet
    until = deadline_in(600)
    v, r, s = _permit(world, signer, FEE_WEI - 1, until)
    with refuses("ERC20InsufficientAllowance"):
        world.escrow.openJobWithPermit(
            ref("p"), SPEC, DATASET, FEE_WEI, deadline_in(600), until, v, r, s, {"from": sender}
        )
