"""A provider's money as a real chain has it."""

import pytest

from backend.adapters.chain.purses import Web3Purses
from tests.support.chains import DEPOSIT_WEI, UNBONDING_S


@pytest.fixture
def purses(stage) -> Web3Purses:
    return Web3Purses(stage.world.deployments, stage.world.rpc_url)


def test_of__active_then_exiting_node__has_its_deposit_and_when_it_is_free(stage, purses):
    world, provider = stage.world, stage.world.trainers[0]
    active = purses.of(provider.address)
    assert (active.state, active.deposit_wei, active.exit_at) == ("Active", DEPOSIT_WEI, 0)
    assert (active.min_deposit_wei, active.unbonding_seconds) == (DEPOSIT_WEI, UNBONDING_S)
    assert active.coins_wei == world.web3.eth.get_balance(provider.address)

    world.act(provider.wallet, world.contract("NodeStaking").functions.requestExit())
    exiting = purses.of(provider.address)
    assert (exiting.state, exiting.exit_at) == ("Exiting", world.now() + UNBONDING_S)


def test_of__stranger__has_no_node_and_learns_what_one_takes(stage, purses):
    stranger = purses.of(stage.world.person("stranger").address)
    assert (stranger.state, stranger.deposit_wei, stranger.min_deposit_wei) == ("None", 0, DEPOSIT_WEI)
    assert purses.contest_until("0x" + "ab" * 32) == 0
