import pytest
from brownie import chain
from escrow_world import ZERO_WORD, hexed, pass_time, refuses
from ledger_world import PROPOSER_S, Proposal, epoch_hash, jobs, jobs_root, next_epoch, race, seal, sign_epoch

pytestmark = pytest.mark.contracts


def test_seal__there_is_no_checkpoint__is_refused(empty):
    with refuses("EnergyLedger_NoCheckpoint"):
        seal(empty, proposal=Proposal(0, 0, ZERO_WORD, b"\1" * 32, ZERO_WORD, ZERO_WORD))


def test_seal__a_job_was_sealed_before__is_refused_without_a_change(ledger):
    seal(ledger, jobs(2))
    head = ledger.contract.headHash()
    with refuses("EnergyLedger_AlreadySealed", jobs(2)[1].job, 0):
        seal(ledger, [*jobs(1, name="other"), jobs(2)[1]])
    assert (ledger.contract.headHash(), ledger.contract.count()) == (head, 1)


def test_seal__the_epoch_is_not_the_next_one__is_refused(ledger):
    seal(ledger)
    due, late = next_epoch(ledger), jobs(name="late")
    with refuses("EnergyLedger_WrongIndex", 0, 1):
        seal(ledger, late, due._replace(index=0))
    with refuses("EnergyLedger_WrongPrevHash"):
        seal(ledger, late, due._replace(prev_hash=ZERO_WORD))
    with refuses("EnergyLedger_WrongCheckpoint", 1, 0):
        seal(ledger, late, due._replace(checkpoint=1))


def test_seal__it_holds_no_readings__is_refused(ledger):
    with refuses("EnergyLedger_NoReadings"):
        seal(ledger, jobs(readings=0))
    with refuses("EnergyLedger_NoReadings"):
        seal(ledger, proposal=next_epoch(ledger)._replace(readings_root=ZERO_WORD))


def test_seal__less_than_two_thirds_of_the_weight_signed__is_refused(ledger):
    heavy = [account.address for account, weight in ledger.members if weight == 2 * 10**21]
    light = [key for key in ledger.keys if key not in heavy]
    with refuses("EnergyLedger_QuorumNotReached", 3 * 10**21, 6 * 10**21):
        seal(ledger, silent=[heavy[0], light[0]])


def test_seal__the_drawn_proposer_did_not_sign__is_refused(ledger):
    drawn = race(ledger, 1)[0]
    with refuses("EnergyLedger_ProposerSilent", drawn):
        seal(ledger, silent=[drawn])


def test_seal__the_drawn_proposer_did_not_sign__passes_when_the_next_one_signed_after_a_call_and_a_turn(
    ledger,
):
    drawn, following = race(ledger, 2)
    ledger.contract.callProposer(ledger.by)
    pass_time(PROPOSER_S)
    seal(ledger, silent=[drawn])
    assert ledger.contract.epoch(0)["proposer"] == following


def test_seal__the_signatures_are_of_something_else__is_refused(ledger):
    due, summaries = next_epoch(ledger), jobs()
    signatures = sign_epoch(ledger, due, summaries)
    changed = [summaries[0]._replace(millijoules=1)]
    with refuses("EnergyLedger_UnknownSigner"):
        ledger.contract.seal(due, changed, ledger.said, signatures, ledger.by)


def test_seal__the_signatures_are_for_another_chain_or_ledger__is_refused(ledger):
    due, summaries = next_epoch(ledger), jobs()
    for elsewhere in ({"chain_id": chain.id + 1}, {"contract": ledger.members[0][0].address}):
        signatures = sign_epoch(ledger, due, summaries, **elsewhere)
        with refuses("EnergyLedger_UnknownSigner"):
            ledger.contract.seal(due, summaries, ledger.said, signatures, ledger.by)


def test_seal__a_quorum_and_the_proposer_signed__forms_a_chain_that_anybody_recomputes(ledger):
    seal(ledger, jobs(1))
    seal(ledger, jobs(1, name="other"))
    first, second = ledger.contract.epoch(0), ledger.contract.epoch(1)
    assert (first["prevHash"], second["prevHash"]) == (hexed(ZERO_WORD), epoch_hash(first))
    assert (ledger.contract.headHash(), ledger.contract.count()) == (epoch_hash(second), 2)


def test_seal__a_quorum_and_the_proposer_signed__adds_up_its_jobs(ledger):
    drawn = race(ledger, 1)[0]
    seal(ledger, jobs(5, readings=3))
    epoch = ledger.contract.epoch(0)
    assert (epoch["readings"], epoch["millijoules"], epoch["micrograms"]) == (15, 54_000, 6_000)
    assert (epoch["jobsRoot"], epoch["proposer"]) == (hexed(jobs_root(jobs(5, readings=3))), drawn)


def test_seal__a_quorum_and_the_proposer_signed__shows_each_job_s_epoch(ledger):
    seal(ledger, jobs(1))
    seal(ledger, jobs(2, name="other"))
    assert ledger.contract.epochOf(jobs(1)[0].job) == 0
    assert ledger.contract.epochOf(jobs(2, name="other")[1].job) == 1
    assert not ledger.contract.isSealed(jobs(1, name="never")[0].job)
    with refuses("EnergyLedger_NotSealed"):
        ledger.contract.epochOf(jobs(1, name="never")[0].job)


def test_seal__a_quorum_and_the_proposer_signed__tells_everything_in_its_event(ledger):
    due, summaries = next_epoch(ledger), jobs(2)
    tx = seal(ledger, summaries)
    event = tx.events["EpochSealed"]
    assert (event["index"], event["epochHash"]) == (0, ledger.contract.headHash())
    assert tuple(event["epoch"]) == tuple(ledger.contract.epoch(0))
    assert [job[0] for job in event["jobs"]] == [hexed(s.job) for s in summaries]
    signed = sign_epoch(ledger, due, summaries)
    assert [str(s) for s in event["signatures"]] == ["0x" + s.hex() for s in signed]
    assert [e["job"] for e in tx.events["JobSealed"]] == [hexed(s.job) for s in summaries]


def test_seal__a_quorum_and_the_proposer_signed__costs_the_same_for_any_number_of_readings(ledger):
    seal(ledger, jobs(1))
    one = seal(ledger, jobs(1, readings=1, name="one"))
    many = seal(ledger, jobs(1, readings=128, name="many"))
    assert abs(many.gas_used - one.gas_used) < 5_000
    assert ledger.contract.epoch(2)["readings"] == 128
