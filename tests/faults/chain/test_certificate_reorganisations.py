"""The carbon chain takes back a job's green certificate: the ticket loses it, and it is made again once."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.adapters.prover import SnarkjsProver
from backend.cli.certificate import verify
from backend.settlement.certifier import Certifier
from backend.settlement.credit_mirror import CreditMirror
from scripts.circuits.keys import cached, ensure
from tests.faults.chain.conftest import reorganise
from tests.integration.chain.conftest import Stage
from tests.integration.chain.green_chain import green_office
from tests.support.chains import CHALLENGE_S


@pytest.fixture(scope="session")
def keys() -> Path:
    """What proofs are made with."""
    return ensure(cached(), print)


def test_certificate__taken_back__the_ticket_loses_it_and_it_is_made_again(
    stage: Stage, keys: Path, tmp_path: Path
) -> None:
    world, green = stage.world, green_office(stage.world, keys, tmp_path)
    carbon, tickets = green.carbon, green.tickets
    assert carbon.certificates is not None
    mirror = CreditMirror(carbon.credits, tickets, green.cursors, tickets.effects, green.clock)
    certifier = Certifier(green.certifying(SnarkjsProver(keys)), mirror.follow)
    green.ledger.until_sealed("t_1")
    world.pass_time(CHALLENGE_S + 1)
    mirror.run_once()
    before = int(world.web3.eth.block_number)

    assert certifier.run_once() == 1
    first = tickets.get("t_1").certificate
    assert first is not None
    assert carbon.credits.stands(first.tx)
    reorganise(world, before)
    world.mine()
    mirror.run_once()
    assert carbon.certificates.find(green.job_id) is None
    assert tickets.get("t_1").certificate is None

    assert certifier.run_once() == 1
    again = tickets.get("t_1").certificate
    assert again is not None
    assert carbon.credits.stands(again.tx)
    _, checks = verify(green.job_id, carbon.certificates, list(again.mg_per_kwh))
    assert [check.ok for check in checks] == [True] * 4
    assert certifier.run_once() == 0
