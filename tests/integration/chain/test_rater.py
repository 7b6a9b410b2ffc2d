"""Baselines on a real chain, by the account that may set them."""

from __future__ import annotations

import pytest

from backend.adapters.chain.rater import Web3Rater
from backend.domain.effects import SetBaseline
from backend.errors import Conflict
from tests.integration.chain.conftest import Stage
from tests.support.chains import ChainWorld, account


def rater(world: ChainWorld, name: str = "stranger") -> Web3Rater:
    return Web3Rater(world.deployments, world.rpc_url, world.key(name))


def allowed(world: ChainWorld) -> Web3Rater:
    staking = world.contract("NodeStaking")
    role = staking.functions.RATER_ROLE().call()
    world.act(world.person("deployer"), staking.functions.grantRole(role, world.person("stranger").address))
    return rater(world)


def test_set_baseline__repeated__moves_half_of_the_rating_once(stage: Stage) -> None:
    world, provider = stage.world, stage.world.trainers[0].address
    raters = allowed(world)
    sent_before = world.web3.eth.get_transaction_count(world.person("stranger").address)
    first = raters.set_baseline(SetBaseline(provider, 1, 0, 8_000))
    assert raters.set_baseline(SetBaseline(provider, 1, 0, 8_000)) == first
    assert world.web3.eth.get_transaction_count(world.person("stranger").address) == sent_before + 1
    assert stage.market.node(provider).rating_bps == 6_500
    raters.set_baseline(SetBaseline(provider, 1, 1, 7_200))
    assert raters.set_baseline(SetBaseline(provider, 2, 0, 8_000)) != first
    assert stage.market.node(provider).rating_bps == 6_500


def test_set_baseline__account_without_the_role_or_node_unknown__is_refused(stage: Stage) -> None:
    provider = stage.world.trainers[0].address
    with pytest.raises(Conflict):
        rater(stage.world, "operator").set_baseline(SetBaseline(provider, 1, 0, 8_000))
    with pytest.raises(Conflict):
        allowed(stage.world).set_baseline(SetBaseline(account("nobody").address, 1, 0, 8_000))
