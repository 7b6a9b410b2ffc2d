"""Every verb of the admin script against a real Anvil: its effect on the chain, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.admin.brownie_scripts import LOCAL_SETTINGS, Office, key
from tests.integration.admin.played_job import EVERYBODY, PlayedMarket
from tests.support.chains import DML, account, anvil

STRANGER = account("stranger").address
NO_JOB = "0x" + "ab" * 32
MANY = str(10**9 + 1)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A chain with a deployed market, nodes and a customer."""
    with anvil() as url:
        settings = {**LOCAL_SETTINGS, "ARBITER_PRIVATE_KEY": key("arbiter")}
        office = Office(url, tmp_path_factory.mktemp("market"), settings=settings)
        for person in EVERYBODY:
            office.web3.provider.make_request("anvil_setBalance", [person.address, hex(100 * DML)])
        office.done("deploy")
        _market(office).furnish()
        yield office


@pytest.fixture
def office(deployed: Office) -> Iterator[Office]:
    """The market as it was deployed."""
    rpc = deployed.web3.provider.make_request
    snapshot = rpc("evm_snapshot", [])["result"]
    yield deployed
    rpc("evm_revert", [snapshot])


def _market(office: Office) -> PlayedMarket:
    return PlayedMarket(office, lambda: office.web3.provider.make_request("evm_mine", []))


def test_mint__an_address_and_a_fraction__creates_exactly_that(office):
    token = office.contract("DMLToken").functions
    supply = token.totalSupply().call()

    said = office.done("admin", "mint", STRANGER, "2.000000000000000001")

    assert token.balanceOf(STRANGER).call() == 2 * DML + 1
    assert token.totalSupply().call() == supply + 2 * DML + 1
    assert f"{STRANGER} now holds 2.000000000000000001 DML" in said


def test_set_commission__a_lower_one__holds_for_new_jobs_and_is_sent_once(office):
    escrow = office.contract("JobEscrow").functions
    older = _market(office).open_job("older")

    office.done("admin", "set_commission", "150")
    sent = office.sent_by("deployer")
    again = office.done("admin", "set_commission", "150")

    assert escrow.commissionBps().call() == 150
    assert escrow.job(older).call().commissionBps == 200
    assert "nothing sent" in again
    assert office.sent_by("deployer") == sent


def test_pause__then_unpause__closes_and_opens_the_escrow(office):
    escrow = office.contract("JobEscrow").functions

    office.done("admin", "pause")
    paused, shown = escrow.paused().call(), office.done("admin", "show")
    again = office.done("admin", "pause")
    office.done("admin", "unpause")

    assert paused
    assert "PAUSED" in shown
    assert "nothing sent" in again
    assert not escrow.paused().call()


def test_arbitrate__contested_accusations__slashes_the_guilty_and_frees_the_innocent(office):
    market, staking = _market(office), office.contract("NodeStaking").functions
    first, second = market.trainers

    cleared = market.contested("cleared", [first])
    office.done("admin", "arbitrate", cleared, first, "innocent")
    doomed = market.contested("doomed", [second])
    office.done("admin", "arbitrate", doomed, second, "guilty")
    shown = office.done("admin", "show", doomed)
    twice = office.refused("admin", "arbitrate", doomed, second, "innocent")

    assert (staking.isBanned(first).call(), staking.isBanned(second).call()) == (False, True)
    assert staking.node(first).call().frozen == 0
    assert (staking.node(second).call().deposit, staking.credit(first).call()) == (0, 10**17)
    assert "  Failed, paid by " in shown
    assert f"accused {second}: slashed" in shown
    assert f"not accused {first}" in shown
    assert twice.code == "admin.accusation"
    assert f"{second} is slashed in job {doomed}" in twice.complained


def test_show__a_market_at_work__tells_what_is_held_and_owed(office):
    market = _market(office)
    job_id = market.open_job("shown")

    books, job = office.done("admin", "show"), office.done("admin", "show", "0x" + job_id.hex())

    assert books.count("books agree") == 2
    assert "open jobs 0.130000000000000007 DML, credits 0 DML" in books
    assert "trainer-1 trainer deposit 100000000000000000 wei, rating 5000 bps, jobs 0, accusations 0" in books
    assert f"  Open, paid by {account('customer').address}" in job
    assert "fee 0.130000000000000007 DML, commission 200 bps" in job


@pytest.mark.parametrize(
    ("verb", "arguments", "code"),
    [
        ("mint", (STRANGER, MANY), "admin.cap"),
        ("mint", (STRANGER.lower(), "1"), "admin.checksum"),
        ("mint", ("JobEscrow", "1"), "admin.own_contract"),
        ("mint", (STRANGER,), "admin.arguments"),
        ("set_commission", ("501",), "admin.commission"),
        ("arbitrate", (NO_JOB, STRANGER, "guilty"), "admin.unknown_job"),
        ("seize", (STRANGER,), "admin.command"),
    ],
)
def test_admin__what_cannot_be_meant__is_refused_in_a_sentence(office, verb, arguments, code):
    known = office.record["market"]["contracts"]
    given = [known[word]["address"] if word in known else word for word in arguments]

    assert office.refused("admin", verb, *given).code == code


def test_arbitrate__nobody_contested__is_refused(office):
    market = _market(office)
    open_job = "0x" + market.open_job("open").hex()

    refused = office.refused("admin", "arbitrate", open_job, market.trainers[0], "guilty")

    assert refused.code == "admin.accusation"
    assert f"{market.trainers[0]} is not accused in job {open_job}" in refused.complained


def test_admin__a_key_without_the_role__is_refused_by_the_rehearsal(office):
    contested = _market(office).contested("by a stranger", [_market(office).trainers[0]])

    arbiter = office.refused(
        "admin",
        "arbitrate",
        contested,
        _market(office).trainers[0],
        "guilty",
        ARBITER_PRIVATE_KEY=key("customer"),
    )
    minter = office.refused("admin", "mint", STRANGER, "1", MINTER_PRIVATE_KEY=key("customer"))
    nobody = office.refused("admin", "pause", DEPLOYER_PRIVATE_KEY="")

    for refused, verb in ((arbiter, "arbitrate"), (minter, "mint")):
        assert refused.code == "chain.rejected"
        said = f"{verb} would fail: The account {account('customer').address} may not do this."
        assert said in refused.complained
    assert nobody.code == "admin.setting"


def test_admin__nothing_deployed__is_refused(office, tmp_path):
    refused = office.refused("admin", "show", DEPLOYMENTS_FILE=str(tmp_path / "deployments.json"))

    assert refused.code == "admin.no_market"
