"""Green certificates on a real chain: a sealed job, a real proof, and what the chain says of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from playwright.sync_api import expect

from backend.adapters.background_prover import BackgroundProver
from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.prover import SnarkjsProver
from backend.cli.certificate import verify
from backend.domain.certificate import commitment, salt
from backend.domain.green_proof import GreenClaim, GreenStatement, SealedJobs
from backend.energy.epochs import JobPapers, next_epoch
from backend.errors import Conflict, NotFound
from backend.settlement.certifier import Certifier
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.green import factors_commitment, slots
from fl_nodes.protocol.ledger_epoch import GENESIS, Member, epoch_document, in_order
from fl_nodes.protocol.reading import LedgerReading
from fl_nodes.protocol.signing import bytes32
from scripts.circuits.keys import cached, ensure
from tests.integration.chain.green_chain import SECRET, green_office, with_certificates
from tests.integration.chain.site import visited
from tests.support.chains import CHALLENGE_S, ChainWorld
from tests.support.readings import readings

pytestmark = pytest.mark.integration

JOBS = ("0x" + "ab" * 32, "0x" + "ac" * 32, "0x" + "ad" * 32)


@dataclass(frozen=True)
class Green:
    """A carbon chain with certificates, and an epoch of three jobs sealed by a member who holds all the stake."""

    world: ChainWorld
    carbon: Web3Carbon
    prover: SnarkjsProver
    held: tuple[LedgerReading, ...]
    document: dict[str, Any]

    def sealed(self) -> SealedJobs:
        assert self.carbon.certificates is not None
        return self.carbon.certificates.sealed(0)

    def statement(self, job: str = JOBS[1], spare: int = 0) -> GreenStatement:
        """A job's proof of the least bound that holds, and `spare` more."""
        taken = slots(r for r in self.held if r.job == job)
        assert taken is not None
        proof = self.prover.prove(GreenClaim(job, taken, salt(SECRET, job), taken.micrograms + spare))
        jobs = self.sealed().jobs
        index = [summary.job for summary in jobs].index(job)
        path = keccak_tree.proof([summary.leaf(keccak) for summary in jobs], index, keccak)
        return GreenStatement(jobs[index], 0, tuple("0x" + sibling.hex() for sibling in path), proof)

    def certify(self, statement: GreenStatement) -> str:
        assert self.carbon.certificates is not None
        return self.carbon.certificates.certify(statement)


@pytest.fixture(scope="session")
def keys() -> Path:
    return ensure(cached(), print)


@pytest.fixture
def green(stage: Any, keys: Path) -> Green:
    world: ChainWorld = stage.world
    document = with_certificates(world, keys)
    held = tuple(r for job in JOBS for r in readings(job))
    _seal(world, held)
    deployments = replace(world, document=document).deployments
    carbon = Web3Carbon(deployments, world.rpc_url, world.key("stranger"))
    return Green(world, carbon, SnarkjsProver(keys), held, document)


def _papers(job: str, held: tuple[LedgerReading, ...]) -> JobPapers:
    made = commitment(SECRET, job, held)
    assert made is not None
    return JobPapers(job, held, (), {}, commitment=made[0], salt=made[1])


def _seal(world: ChainWorld, held: Sequence[LedgerReading]) -> None:
    ledger, signer = world.contract("EnergyLedger"), world.providers[0].key
    members = in_order([Member(str(signer.address), 10**21)])
    said = [(member.key, member.weight) for member in members]
    block = world.web3.eth.get_block("latest")
    world.act(world.person("operator"), ledger.functions.anchor(block["number"], block["hash"], said))
    papers = [_papers(job, tuple(r for r in held if r.job == job)) for job in JOBS]
    content = next_epoch(0, 0, GENESIS, papers, []).content
    terms = content.terms(keccak)
    chain_id = world.document["carbon"]["chain_id"]
    signed = signer.sign_message(
        encode_typed_data(full_message=epoch_document(chain_id, ledger.address, terms))
    )
    roots = (terms.prev_hash, terms.readings_root, terms.claims_root, terms.rating_root)
    jobs = [
        (bytes32(j.job), j.readings, j.millijoules, j.micrograms, bytes32(j.commitment)) for j in content.jobs
    ]
    call = ledger.functions.seal((0, 0, *map(bytes32, roots)), jobs, said, [signed.signature])
    world.act(world.person("stranger"), call)


def test_certify__sealed_job_and_a_real_proof__kept_and_proven_again_from_its_transaction(
    green: Green,
) -> None:
    certificates = green.carbon.certificates
    assert certificates is not None
    assert not green.sealed().final
    statement = green.statement()
    with pytest.raises(Conflict, match="NotFinal"):
        green.certify(statement)

    green.world.pass_time(CHALLENGE_S + 1)
    assert green.sealed().final
    tx = green.certify(statement)
    assert green.certify(statement) == tx

    kept = certificates.find(JOBS[1])
    assert kept is not None
    assert (kept.bound, kept.epoch, kept.size, kept.tx) == (statement.proof.bound, 0, 24, tx)
    assert kept.factors == factors_commitment([r.intensity for r in green.held if r.job == JOBS[1]])
    assert certificates.proves(kept)
    assert certificates.find(JOBS[0]) is None


def test_certify__changed_bound_or_another_jobs_proof__refused(green: Green) -> None:
    green.world.pass_time(CHALLENGE_S + 1)
    statement = green.statement()
    lower = replace(statement, proof=replace(statement.proof, bound=statement.proof.bound - 1))
    with pytest.raises(Conflict, match="InvalidProof"):
        green.certify(lower)
    others = green.statement(JOBS[2])
    with pytest.raises(Conflict, match="InvalidProof"):
        green.certify(replace(others, proof=statement.proof))


def test_certify__a_tighter_bound_than_before__takes_its_place(green: Green) -> None:
    certificates = green.carbon.certificates
    assert certificates is not None
    green.world.pass_time(CHALLENGE_S + 1)
    loose, tight = green.statement(spare=5), green.statement()
    first, second = green.certify(loose), green.certify(tight)
    kept = certificates.find(JOBS[1])

    assert kept is not None
    assert kept.bound == tight.proof.bound
    assert len({first, second, green.certify(loose)}) == 2


def test_sealed__no_such_epoch__not_found(green: Green) -> None:
    assert green.carbon.certificates is not None
    with pytest.raises(NotFound, match="no epoch 7"):
        green.carbon.certificates.sealed(7)


def test_verify__from_the_terminal__checks_all_with_the_published_factors(green: Green) -> None:
    certificates = green.carbon.certificates
    assert certificates is not None
    green.world.pass_time(CHALLENGE_S + 1)
    green.certify(green.statement())
    used = [r.intensity for r in green.held if r.job == JOBS[1]]

    _, checks = verify(JOBS[1], certificates, used)
    assert [check.ok for check in checks] == [True] * 4
    _, doubted = verify(JOBS[1], certificates, [used[0] + 1, *used[1:]])
    assert [check.ok for check in doubted] == [True, True, True, False]


def test_certifier__a_job_that_nodes_sealed__its_ticket_has_a_certificate_that_anybody_can_check(
    stage: Any, keys: Path, tmp_path: Path
) -> None:
    world, green = stage.world, green_office(stage.world, keys, tmp_path)
    carbon, tickets, clock = green.carbon, green.tickets, green.clock
    assert carbon.certificates is not None
    certifier = Certifier(green.certifying(BackgroundProver(SnarkjsProver(keys))))

    green.ledger.until_sealed("t_1")
    certifier.run_once()
    assert tickets.get("t_1").certificate is None
    world.pass_time(CHALLENGE_S + 1)
    for _ in range(200):
        clock.advance(60)
        if certifier.run_once():
            break
        time.sleep(0.1)

    ticket = tickets.get("t_1")
    record = ticket.certificate
    assert record is not None
    assert (record.refusal, record.of, record.epoch) == (None, "budget", 0)
    _, checks = verify(ticket.job_id, carbon.certificates, list(record.mg_per_kwh))
    assert [check.ok for check in checks] == [True] * 4


def test_page__a_certified_job__its_checks_hold_for_the_server_and_for_the_readers_wallet(
    green: Green, tmp_path: Path
) -> None:
    green.world.pass_time(CHALLENGE_S + 1)
    green.certify(green.statement())
    document = green.document | {"carbon": {**green.document["carbon"], "rpc_url": green.world.rpc_url}}
    changes = {"certificates": green.carbon.certificates, "deployments": document}
    with visited(tmp_path, green.world.person("customer"), green.world.rpc_url, changes) as visitor:
        page = visitor.open(f"/certificates?job={JOBS[1]}")
        expect(page.get_by_text("The certificate holds")).to_be_visible()
        page.locator("main .connect").get_by_role("button").first.click()
        page.get_by_role("button", name="Check through my wallet").click()
        expect(page.get_by_text("The verifier accepts the proof for this bound.")).to_be_visible()
        expect(page.locator('.check[data-outcome="ok"]')).to_have_count(8)
        expect(page.locator('.check[data-outcome="failed"]')).to_have_count(0)
        visitor.accessible()
        visitor.fits()
        visitor.shoot("certificate")
