import pytest
from escrow_world import ZERO_WORD, hexed, pass_time, refuses
from green import certify, given
from ledger_world import CHALLENGE_S, Summary, jobs, jobs_root, seal

pytestmark = pytest.mark.contracts


def sealed(ledger, proven, **changed):
    """The proven job's summary and its sibling, sealed and final."""
    summary = Summary(proven.job, 24, 10**9, 10**9, proven.commitment)._replace(**changed)
    sibling = jobs()[0]
    seal(ledger, [summary, sibling])
    pass_time(CHALLENGE_S + 1)
    return summary, [jobs_root([sibling])]


def test_certify__the_job_was_certified_for_this_bound_or_a_lower_one__is_refused(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven)
    certify(green, summary, path, proven)
    with refuses("GreenCertificate_NotTighter", proven.job, proven.bound, proven.bound):
        certify(green, summary, path, proven)
    with refuses("GreenCertificate_NotTighter", proven.job, proven.bound + 1, proven.bound):
        certify(green, summary, path, proven._replace(bound=proven.bound + 1))


def test_certify__the_epoch_is_not_final__is_refused_while_it_may_be_challenged(green, ledger):
    proven = given(24)
    summary = Summary(proven.job, 24, 10**9, 10**9, proven.commitment)
    seal(ledger, [summary])
    with refuses("GreenCertificate_NotFinal", 0):
        certify(green, summary, [], proven)
    pass_time(CHALLENGE_S + 1)
    certify(green, summary, [], proven)


def test_certify__the_epoch_is_not_final__is_refused_for_ever_when_it_was_found_wrong(green, ledger):
    proven = given(24)
    summary = Summary(proven.job, 24, 10**9, 10**9, proven.commitment)
    seal(ledger, [summary])
    ledger.contract.challenge(0, b"\1" * 32, [], {"from": ledger.arbiter})
    ledger.contract.arbitrate(0, False, {"from": ledger.arbiter})
    pass_time(CHALLENGE_S + 1)
    with refuses("GreenCertificate_NotFinal", 0):
        certify(green, summary, [], proven)


def test_certify__the_summary_is_not_in_the_epoch__is_refused(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven)
    with refuses("GreenCertificate_NotInEpoch", proven.job, 0):
        certify(green, summary._replace(micrograms=1), path, proven)
    with refuses("GreenCertificate_NotInEpoch", proven.job, 0):
        certify(green, summary, [], proven)


def test_certify__the_job_commits_to_no_readings__is_refused(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven, commitment=ZERO_WORD)
    with refuses("GreenCertificate_NoCommitment", proven.job):
        certify(green, summary, path, proven)


def test_certify__the_proof_is_about_another_bound_or_other_factors__is_refused(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven)
    for changed in (
        proven._replace(bound=proven.bound - 1),
        proven._replace(factors=proven.factors + 1),
    ):
        with refuses("GreenCertificate_InvalidProof", proven.job):
            certify(green, summary, path, changed)


def test_certify__the_proof_is_about_another_job__is_refused(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven, job=b"\7" * 32, commitment=b"\1" * 32)
    with refuses("GreenCertificate_InvalidProof", summary.job):
        certify(green, summary, path, proven)


def test_certify__the_circuit_is_not_one_of_the_two__is_refused(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven)
    with refuses("GreenCertificate_WrongVerifier", 48):
        certify(green, summary, path, proven._replace(size=48))


@pytest.mark.parametrize("size", [24, 96])
def test_certify__the_proof_is_valid__keeps_the_bound_for_circuits_of_either_size(green, ledger, size):
    proven = given(size)
    summary, path = sealed(ledger, proven)
    sent = certify(green, summary, path, proven)
    kept = green.certificateOf(proven.job)
    assert tuple(kept)[:3] == (proven.bound, 0, size)
    assert kept[3] == sent.timestamp
    assert green.certificateOf(b"\7" * 32)[3] == 0


def test_certify__the_proof_is_valid__tells_everything_in_its_event(green, ledger):
    proven = given(24)
    summary, path = sealed(ledger, proven)
    told = certify(green, summary, path, proven).events["Certified"]
    assert (hexed(told["job"]), told["epochIndex"]) == (hexed(proven.job), 0)
    assert (told["bound"], told["factors"], told["size"]) == (proven.bound, proven.factors, 24)
