"""What becomes of each transaction is counted once, for the metrics that alerts look at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from prometheus_client import REGISTRY

from backend.adapters.chain.counted import CONFIRMED, FAILED, REPLACED, SENT
from backend.adapters.chain.fees import Pace
from backend.errors import EcoError
from tests.integration.chain.conftest import Stage
from tests.integration.chain.waiting_sender import WaitingSender

OUTCOMES = (SENT, REPLACED, CONFIRMED, FAILED)
INVALID = "0xfe"


def totals() -> list[float]:
    chain = {"chain": "market"}
    found = [REGISTRY.get_sample_value("ecodml_transactions_total", chain | {"outcome": o}) for o in OUTCOMES]
    return [value or 0.0 for value in found]


def gas_paid() -> float:
    return REGISTRY.get_sample_value("ecodml_gas_paid_coins_total", {"chain": "market"}) or 0.0


def counted(act: Callable[[], object]) -> dict[str, int]:
    """What is counted while this happens, however it ends."""
    before = totals()
    with suppress(EcoError):
        act()
    return {o: int(now - was) for o, now, was in zip(OUTCOMES, totals(), before, strict=True) if now != was}


def sent_by(made: WaitingSender) -> dict[str, int]:
    return counted(lambda: made.sender.send(made.drip, made.done))


def test_counts__mined_and_confirmed__sent_and_confirmed(stage: Stage) -> None:
    made = WaitingSender(stage, Pace(confirmations=3, poll_s=0.1))
    made.naps = [made.mine] * 2
    assert sent_by(made) == {SENT: 1, CONFIRMED: 1}
    assert sent_by(made) == {}


def test_counts__stuck_and_paid_more_twice__sent_once(stage: Stage) -> None:
    made = WaitingSender(stage)
    made.pause_mining()
    made.naps = [*[lambda: None] * 6, made.mine]
    assert sent_by(made) == {SENT: 1, REPLACED: 2, CONFIRMED: 1}


def test_counts__never_mined__sent_and_failed(stage: Stage) -> None:
    made = WaitingSender(stage, Pace(give_up_s=1.0, poll_s=0.6))
    made.pause_mining()
    assert sent_by(made) == {SENT: 1, FAILED: 1}


def test_counts__mined_but_refused__sent_and_failed(stage: Stage) -> None:
    made = WaitingSender(stage)
    made.pause_mining()

    def break_contract() -> None:
        stage.world.rpc("anvil_setCode", made.drip.address, INVALID)
        made.mine()

    made.naps = [break_contract]
    assert sent_by(made) == {SENT: 1, FAILED: 1}


def test_counts__overtaken_by_another_of_the_account__each_has_its_own_end(stage: Stage) -> None:
    made, other = WaitingSender(stage), WaitingSender(stage)
    made.overtaken_by(other)
    assert sent_by(made) == {SENT: 2, CONFIRMED: 1, FAILED: 1}


def test_gas_paid__mined__what_left_the_account_in_coins(stage: Stage) -> None:
    made, before = WaitingSender(stage, Pace(confirmations=1)), gas_paid()
    held = made.balance_wei()
    made.sender.send(made.drip, made.done)
    assert held > made.balance_wei()
    assert gas_paid() - before == pytest.approx((held - made.balance_wei()) / 10**18)


@pytest.mark.parametrize("reason", ["refused", "fees are high"])
def test_counts__not_sent_at_all__nothing(stage: Stage, reason: str) -> None:
    made = WaitingSender(stage, Pace(highest_fee_wei=0) if reason == "fees are high" else Pace())
    amount = 1 if reason == "fees are high" else 10**30
    drip = stage.world.contract("LocalFaucet").functions.drip(made.to, amount)
    assert counted(lambda: made.sender.send(drip, lambda: None)) == {}
