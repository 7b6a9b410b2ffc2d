import pytest
from brownie import CarbonCredit, EnergyLedger, GreenCertificate
from green import verifier
from ledger_world import (
    CHALLENGE_S,
    MARKET_BLOCK,
    MARKET_HASH,
    PROPOSER_S,
    RECOVERY_S,
    Ledger,
    members_of,
)


@pytest.fixture
def empty(world):
    """A ledger without a checkpoint."""
    roles = world.admin, world.operator, world.arbiter
    contract = EnergyLedger.deploy(*roles, CHALLENGE_S, PROPOSER_S, RECOVERY_S, {"from": world.admin})
    members = members_of("member", [10**21, 2 * 10**21, 10**21, 2 * 10**21])
    return Ledger(contract, world.operator, world.arbiter, world.stranger, members)


@pytest.fixture
def ledger(empty):
    """A ledger with its first checkpoint: four members, of whom two with double weight are a quorum."""
    empty.contract.anchor(MARKET_BLOCK, MARKET_HASH, empty.said, {"from": empty.keeper})
    return empty


@pytest.fixture
def credit(world, ledger):
    """Credits over that ledger, whose baselines the operator fixes."""
    return CarbonCredit.deploy(ledger.contract, world.admin, world.operator, {"from": world.admin})


@pytest.fixture
def green(world, ledger):
    """Certificates over that ledger, with verifiers of the proofs that are kept with the tests."""
    by = {"from": world.admin}
    return GreenCertificate.deploy(ledger.contract, verifier(24, by), verifier(96, by), by)
