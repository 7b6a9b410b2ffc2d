"""Transactions that are dropped, replaced or wait behind a gap: the sender goes on by itself, and each write happens once."""

from __future__ import annotations

import pytest

from backend.adapters.chain.fees import GWEI, Pace
from backend.domain.effects import Settle
from backend.domain.ticket import Status
from backend.errors import Recoverable
from tests.integration.chain.conftest import Stage
from tests.integration.chain.market_office import Office
from tests.integration.chain.waiting_sender import AMOUNT_WEI, HASTY, WaitingSender
from tests.support.jobs import settle_verdict

X100 = 100


def nothing() -> None:
    """A nap in which nothing happens."""


def by_hand(stage: Stage, nonce: int, fee_wei: int, value_wei: int = 7) -> str:
    """The operator sends a few coins from its own wallet, with the key that the settler uses."""
    world, operator = stage.world, stage.world.person("operator")
    transaction = {
        "to": world.person("stranger").address,
        "value": value_wei,
        "gas": 21_000,
        "nonce": nonce,
        "chainId": 31337,
        "maxFeePerGas": fee_wei,
        "maxPriorityFeePerGas": min(fee_wei, 2 * GWEI),
    }
    return str(
        world.web3.eth.send_raw_transaction(
            operator.sign_transaction(transaction).raw_transaction
        ).to_0x_hex()
    )


def pooled(stage: Stage) -> dict[str, dict[str, str]]:
    """The operator's transactions that wait, by nonce."""
    waiting = stage.world.rpc("txpool_content")["pending"]
    found: dict[str, dict[str, str]] = waiting.get(stage.world.person("operator").address.lower(), {})
    return found


def base_fee(stage: Stage, wei: int) -> None:
    """From the next block on, which is mined."""
    stage.world.rpc("anvil_setNextBlockBaseFeePerGas", hex(wei))
    stage.world.mine()


def test_send__dropped_from_the_pool__is_sent_again(stage: Stage) -> None:
    made = WaitingSender(stage)
    made.pause_mining()

    def drop() -> None:
        (waiting,) = pooled(stage).values()
        stage.world.rpc("anvil_dropTransaction", waiting["hash"])
        assert not pooled(stage)

    made.naps = [drop, *[nothing] * 4, made.mine]
    before = made.nonce()
    made.sender.send(made.drip, made.done)
    assert (made.held(), made.nonce()) == (AMOUNT_WEI, before + 1)


def test_send__replaced_by_hand_with_the_same_nonce__is_sent_after_it(stage: Stage) -> None:
    made = WaitingSender(stage)
    made.pause_mining()
    before = made.nonce()

    def replace() -> None:
        by_hand(stage, before, 900 * GWEI)
        made.mine()

    made.naps = [replace]
    with pytest.raises(Recoverable) as superseded:
        made.sender.send(made.drip, made.done)
    assert superseded.value.code == "chain.superseded"
    stage.world.rpc("evm_setAutomine", True)
    made.sender.send(made.drip, made.done)
    assert (made.held(), made.nonce()) == (AMOUNT_WEI, before + 2)


def test_send__one_sent_by_hand_waits_and_pays_more_than_the_cap__waits_for_it(stage: Stage) -> None:
    made = WaitingSender(stage, Pace(stuck_s=1.0, give_up_s=5.0, poll_s=0.5, highest_fee_wei=50 * GWEI))
    made.pause_mining()
    before = made.nonce()
    by_hand(stage, before, 900 * GWEI)
    with pytest.raises(Recoverable) as waits:
        made.sender.send(made.drip, made.done)
    assert waits.value.code == "chain.in_flight"
    made.mine()
    stage.world.rpc("evm_setAutomine", True)
    made.sender.send(made.drip, made.done)
    assert (made.held(), made.nonce()) == (AMOUNT_WEI, before + 2)


def test_send__gap_left_by_a_crash__is_filled_and_what_waited_behind_it_is_mined_too(stage: Stage) -> None:
    made = WaitingSender(stage)
    before = made.nonce()
    # What should have come first never reached the pool.
    left = by_hand(stage, before + 1, 900 * GWEI)
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI
    assert stage.world.web3.eth.get_transaction_receipt(left)["status"] == 1
    assert made.nonce() == before + 2


def test_send__nonce_was_moved_on__goes_on_from_there(stage: Stage) -> None:
    made = WaitingSender(stage)
    stage.world.rpc("anvil_setNonce", made.sender.address, hex(made.nonce() + 5))
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI


@pytest.mark.parametrize("times", [10, X100])
def test_send__base_fee_rises_while_it_waits__is_replaced_at_what_is_asked_then(
    stage: Stage, times: int
) -> None:
    made = WaitingSender(stage)
    base_fee(stage, GWEI)
    made.pause_mining()
    before, fees = made.nonce(), []

    def rise() -> None:
        fees.extend(int(w["maxFeePerGas"], 16) for w in pooled(stage).values())
        base_fee(stage, times * GWEI)
        assert made.held() == 0

    made.naps = [rise, *[nothing] * 3, made.mine]
    tx = made.sender.send(made.drip, made.done)
    assert stage.world.web3.eth.get_transaction_receipt(tx)["effectiveGasPrice"] > fees[0]
    assert (made.held(), made.nonce()) == (AMOUNT_WEI, before + 1)


def test_send__base_fee_above_the_cap__waits_says_so_and_goes_out_when_it_falls(stage: Stage) -> None:
    made = WaitingSender(stage, Pace(stuck_s=1.0, give_up_s=5.0, poll_s=0.5, highest_fee_wei=20 * GWEI))
    made.pause_mining()
    base_fee(stage, X100 * GWEI)
    with pytest.raises(Recoverable) as high:
        made.sender.send(made.drip, made.done)
    assert high.value.code == "chain.fees_high"
    assert "ECODML_MAX_FEE_GWEI" in high.value.message
    assert not pooled(stage)
    base_fee(stage, GWEI)
    stage.world.rpc("evm_setAutomine", True)
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI


def test_send__base_fee_passes_the_cap_while_it_waits__goes_out_once_when_it_falls(
    stage: Stage,
) -> None:
    capped = Pace(stuck_s=1.0, give_up_s=50.0, poll_s=0.5, highest_fee_wei=20 * GWEI)
    made = WaitingSender(stage, capped)
    base_fee(stage, GWEI)
    made.pause_mining()
    before = made.nonce()
    made.naps = [lambda: base_fee(stage, X100 * GWEI)]
    with pytest.raises(Recoverable) as high:
        made.sender.send(made.drip, made.done)
    assert high.value.code == "chain.fees_high"
    base_fee(stage, GWEI)
    stage.world.rpc("evm_setAutomine", True)
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI
    assert made.nonce() == before + 1


def test_settle__fees_above_the_cap__is_postponed_with_the_reason_and_settles_when_they_fall(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    base_fee(office.stage, 2 * HASTY.highest_fee_wei)
    office.look()
    (told,) = [e for e in office.tickets.effects.troubled() if e.kind == "RecordRound"]
    assert told.state == "open"
    assert "ECODML_MAX_FEE_GWEI" in told.why
    assert office.tickets.effects.state(Settle("t_1", office.tickets.get("t_1").job_id).key) == "open"
    base_fee(office.stage, GWEI)
    office.late += 60.0
    office.run()
    assert office.tickets.get("t_1").status is Status.SETTLED
    assert office.audit() == set()
