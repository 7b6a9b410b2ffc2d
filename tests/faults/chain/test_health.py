"""What the health page says while a chain misbehaves, and that it stops saying it."""

from __future__ import annotations

import pytest

from backend.adapters.chain.fees import GWEI, Pace
from backend.adapters.chain.probe import NodeProbe
from backend.adapters.memory import MemoryCursors
from backend.errors import Recoverable
from backend.settlement.following import REORGANISED, SAID_FOR_S, require_unbroken
from tests.faults.chain.fickle_rpc import FickleRpc
from tests.integration.chain.conftest import Stage

FOLLOWER = "market/events"


@pytest.fixture
def probe(stage: Stage, rpc: FickleRpc) -> NodeProbe:
    """Of a node whose events were followed up to its present head."""
    followed = stage.world.web3.eth.block_number + 1
    pace = Pace(highest_fee_wei=50 * GWEI)
    return NodeProbe(stage.world.deployments.market, rpc.url, pace, lambda: followed)


def code(probe: NodeProbe) -> str:
    try:
        return probe()[:12]
    except Recoverable as trouble:
        return trouble.code


def test_node__well_behind_dear_and_gone__is_said_each_time(
    stage: Stage, rpc: FickleRpc, probe: NodeProbe
) -> None:
    well = code(probe)
    assert well.startswith("chain 31337,")
    rpc.behind_at = stage.world.web3.eth.block_number - 8
    assert code(probe) == "chain.behind"
    rpc.behind_at = None
    stage.world.rpc("anvil_setNextBlockBaseFeePerGas", hex(60 * GWEI))
    stage.world.mine()
    assert code(probe) == "chain.fees_high"
    stage.world.rpc("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
    stage.world.mine()
    rpc.fault = lambda method: "429"
    assert code(probe) == "chain.limited"
    rpc.fault = lambda method: None
    assert code(probe) == well


def test_events__reorganised__are_spoken_of_for_an_hour() -> None:
    cursors, at = MemoryCursors(), 5_000
    cursors.save(FOLLOWER, 21)
    assert require_unbroken(cursors, FOLLOWER, at) == "followed up to block 20"
    cursors.save(FOLLOWER + REORGANISED, at)
    with pytest.raises(Recoverable, match="ECODML_CONFIRMATIONS") as broken:
        require_unbroken(cursors, FOLLOWER, at + SAID_FOR_S - 1)
    assert broken.value.code == "chain.reorganised"
    assert require_unbroken(cursors, FOLLOWER, at + SAID_FOR_S) == "followed up to block 20"
