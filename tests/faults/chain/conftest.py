"""A chain of this folder's own: Anvil forgets old states, and after many blocks a reorganisation finds none to go back to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.chain.fickle_rpc import FickleRpc, fickle_rpc
from tests.integration.chain.conftest import Stage, staged
from tests.integration.chain.market_office import Office
from tests.support.chains import ChainWorld, chain_world


def reorganise(world: ChainWorld, since: int) -> None:
    """Empty blocks in place of all after `since`, and one more: somebody else's chain was the longer one."""
    world.rpc("anvil_reorg", world.web3.eth.block_number - since, [])
    world.mine()


@pytest.fixture(scope="module")
def chain() -> Iterator[ChainWorld]:
    """The chain, once for each file."""
    with chain_world() as world:
        yield world


@pytest.fixture
def stage(chain: ChainWorld) -> Iterator[Stage]:
    """The chain as it was deployed, with the operator's adapters."""
    with staged(chain) as stage:
        yield stage


@pytest.fixture
def rpc(stage: Stage) -> Iterator[FickleRpc]:
    """Before the stage's node."""
    with fickle_rpc(stage.world.rpc_url) as proxy:
        yield proxy


@pytest.fixture
def office(stage: Stage) -> Office:
    """Tickets, mirror and settler."""
    return Office(stage)
