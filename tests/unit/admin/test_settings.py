"""The settings of a deployment: complete, consistent, explicit where money is real."""

from __future__ import annotations

import pytest
from eth_account import Account

from scripts.brownie.refused import Refused
from scripts.brownie.settings import ledger_settings, market_settings, private_key

DEPLOYER, OPERATOR, TREASURY, ARBITER, MINTER, RATER = (
    str(Account.from_key(bytes([number]) * 32).address) for number in range(1, 7)
)
LOCAL = {"OPERATOR_ADDRESS": OPERATOR, "TREASURY_ADDRESS": TREASURY, "ARBITER_ADDRESS": ARBITER}
PUBLIC = LOCAL | {
    "MINTER_ADDRESS": MINTER,
    "MIN_DEPOSIT_WEI": "1000000000000000000",
    "CONTEST_SECONDS": "86400",
    "UNBONDING_SECONDS": "604800",
    "COMMISSION_BPS": "200",
}


def test_market_settings__local_chain__has_defaults_for_all_but_people():
    settings = market_settings(LOCAL, DEPLOYER, local=True)

    assert (settings.minter, settings.rater) == (DEPLOYER, None)
    assert (settings.min_deposit_wei, settings.unbonding_s, settings.contest_s) == (10**17, 60, 8)
    assert settings.commission_bps == 200


def test_market_settings__public_chain_complete__is_taken_as_said():
    settings = market_settings(PUBLIC | {"RATER_ADDRESS": RATER}, DEPLOYER, local=False)

    assert (settings.minter, settings.rater) == (MINTER, RATER)
    assert (settings.min_deposit_wei, settings.unbonding_s, settings.contest_s) == (10**18, 604_800, 86_400)


@pytest.mark.parametrize("missing", PUBLIC)
def test_market_settings__public_chain__takes_no_defaults(missing):
    with pytest.raises(Refused, match=f"{missing} is not set") as refused:
        market_settings({**PUBLIC, missing: ""}, DEPLOYER, local=False)

    assert refused.value.reason == "admin.setting"


@pytest.mark.parametrize("role", ["TREASURY_ADDRESS", "ARBITER_ADDRESS", "MINTER_ADDRESS", "RATER_ADDRESS"])
def test_market_settings__operator_with_another_role__is_refused(role):
    with pytest.raises(Refused, match=f"OPERATOR_ADDRESS must hold no other role, but is {role} too"):
        market_settings(LOCAL | {role: OPERATOR}, DEPLOYER, local=True)


def test_market_settings__operator_who_deploys__is_refused():
    with pytest.raises(Refused, match="but is the deployer too"):
        market_settings(PUBLIC, OPERATOR, local=False)


@pytest.mark.parametrize(
    ("local", "changed", "reason"),
    [
        (True, {"CONTEST_SECONDS": "0"}, "deploy.contest"),
        (True, {"CONTEST_SECONDS": "61"}, "deploy.unbonding"),
        (True, {"UNBONDING_SECONDS": "7"}, "deploy.unbonding"),
        (True, {"UNBONDING_SECONDS": "31536001"}, "deploy.unbonding"),
        (True, {"MIN_DEPOSIT_WEI": "0"}, "deploy.deposit"),
        (True, {"COMMISSION_BPS": "501"}, "admin.commission"),
        (True, {"MIN_DEPOSIT_WEI": "0.1"}, "admin.number"),
        (True, {"TREASURY_ADDRESS": TREASURY.lower()}, "admin.checksum"),
        (False, {"CONTEST_SECONDS": "3599"}, "deploy.contest"),
        (False, {"CONTEST_SECONDS": "2592001"}, "deploy.contest"),
        (False, {"UNBONDING_SECONDS": "172799"}, "deploy.unbonding"),
    ],
)
def test_market_settings__out_of_bounds__is_refused(local, changed, reason):
    with pytest.raises(Refused) as refused:
        market_settings((LOCAL if local else PUBLIC) | changed, DEPLOYER, local)

    assert refused.value.reason == reason


def test_market_settings__public_chain__unbonding_outlasts_the_contest_window_by_a_day():
    settings = market_settings(PUBLIC | {"UNBONDING_SECONDS": "172800"}, DEPLOYER, local=False)

    assert settings.unbonding_s - settings.contest_s == 86_400


def test_ledger_settings__keeper_unset__is_the_operator():
    assert ledger_settings(LOCAL, local=True).keeper == OPERATOR
    assert ledger_settings(LOCAL | {"KEEPER_ADDRESS": RATER}, local=True).keeper == RATER


@pytest.mark.parametrize(
    ("local", "changed", "code"),
    [
        (False, {}, "admin.setting"),
        (True, {"CHALLENGE_SECONDS": "0"}, "deploy.challenge"),
        (False, {"CHALLENGE_SECONDS": "3599"}, "deploy.challenge"),
        (True, {"PROPOSER_SECONDS": "0"}, "deploy.proposer"),
        (True, {"PROPOSER_SECONDS": "120"}, "deploy.proposer"),
    ],
)
def test_ledger_settings__times_that_cannot_work__are_refused(local, changed, code):
    given = LOCAL | (
        {"PROPOSER_SECONDS": "60", "RECOVERY_SECONDS": "604800"} if changed and not local else {}
    )

    with pytest.raises(Refused) as refused:
        ledger_settings(given | changed, local)

    assert refused.value.reason == code


def test_private_key__first_one_set__is_taken():
    keys = {"DEPLOYER_PRIVATE_KEY": "0x" + "11" * 32}

    assert private_key(keys, "MINTER_PRIVATE_KEY", "DEPLOYER_PRIVATE_KEY") == "0x" + "11" * 32


@pytest.mark.parametrize(
    "key", ["0x" + "00" * 32, "0x" + "ff" * 32, "0x" + "1" * 63, "hunter2", "0x" + "g" * 64]
)
def test_private_key__not_one__is_refused_without_repeating_it(key):
    with pytest.raises(Refused) as refused:
        private_key({"ARBITER_PRIVATE_KEY": key}, "ARBITER_PRIVATE_KEY")

    assert refused.value.reason == "admin.key"
    assert key not in str(refused.value)
