import pytest
from brownie import accounts
from escrow_world import lacks_role, pass_time, ref, refuses
from ledger_world import CHALLENGE_S, CHALLENGED, UPHELD, VOID, seal

pytestmark = pytest.mark.contracts

REASON = ref("my readings are not mine")


@pytest.fixture
def sealed(ledger):
    """A ledger with one epoch, and its contract's arguments for a member's challenge."""
    seal(ledger)
    return ledger


def challenge(ledger, account):
    return ledger.contract.challenge(0, REASON, ledger.said, {"from": account})


@pytest.fixture
def member(sealed):
    """A member with coins of its own for gas."""
    account = accounts.add(sealed.members[0][0].key.hex())
    accounts[0].transfer(account, "1 ether")
    return account


def test_challenge__the_caller_is_neither_a_member_nor_the_arbiter__is_refused(world, sealed):
    with refuses("EnergyLedger_NotAMember", world.stranger):
        challenge(sealed, world.stranger)


def test_challenge__the_window_has_closed__is_refused(sealed, member):
    pass_time(CHALLENGE_S)
    with refuses("EnergyLedger_WindowClosed", 0):
        challenge(sealed, member)


def test_challenge__it_was_challenged_before__is_refused(sealed, member):
    challenge(sealed, member)
    with refuses("EnergyLedger_WrongStanding", 0, CHALLENGED):
        sealed.contract.challenge(0, REASON, [], {"from": sealed.arbiter})


def test_challenge__nobody_challenges__is_final_when_the_window_is_over(sealed):
    assert not sealed.contract.isFinal(0)
    pass_time(CHALLENGE_S)
    assert sealed.contract.isFinal(0)


def test_challenge__a_member_challenges__holds_the_epoch_until_the_arbiter_upholds_it(sealed, member):
    event = challenge(sealed, member).events["EpochChallenged"]
    assert (event["index"], event["challenger"], event["reason"]) == (0, member, "0x" + REASON.hex())
    pass_time(CHALLENGE_S)
    assert not sealed.contract.isFinal(0)
    sealed.contract.arbitrate(0, True, {"from": sealed.arbiter})
    assert (sealed.contract.standing(0), sealed.contract.isFinal(0)) == (UPHELD, True)


def test_challenge__a_member_challenges__holds_the_epoch_for_ever_when_the_arbiter_voids_it(sealed, member):
    challenge(sealed, member)
    sealed.contract.arbitrate(0, False, {"from": sealed.arbiter})
    pass_time(CHALLENGE_S)
    assert (sealed.contract.standing(0), sealed.contract.isFinal(0)) == (VOID, False)


def test_challenge__a_member_challenges__is_decided_by_nobody_but_the_arbiter(world, sealed, member):
    challenge(sealed, member)
    for account in (world.admin, world.operator, world.stranger):
        with lacks_role(account, sealed.contract.ARBITER_ROLE()):
            sealed.contract.arbitrate(0, True, {"from": account})
