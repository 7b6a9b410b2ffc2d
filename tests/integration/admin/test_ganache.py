"""The same bytecode on Ganache as on Anvil, and a whole job played on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.adapters.chain.certificates import VERIFY_ABI
from backend.adapters.prover import SnarkjsProver
from scripts.circuits.example import claim
from scripts.circuits.keys import cached, ensure
from tests.integration.admin.brownie_scripts import LOCAL_SETTINGS, Office, key
from tests.integration.admin.played_job import COMMISSION_WEI, EVERYBODY, FEE_WEI, PlayedMarket
from tests.support.chains import DML, account, anvil
from tests.support.ganache import CHAIN_ID, ganache


@pytest.fixture(scope="module")
def on_ganache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A Ganache with both parts deployed by the scripts."""
    with ganache(dict.fromkeys(EVERYBODY, 100 * DML)) as url:
        yield _deployed(url, tmp_path_factory.mktemp("ganache"))


def _deployed(url: str, folder: Path) -> Office:
    office = Office(url, folder, network="ganache", settings=LOCAL_SETTINGS)
    office.done("deploy")
    office.done("deploy", "carbon", CIRCUITS_DIR=str(ensure(cached(), print)))
    return office


def test_deploy__on_ganache_and_on_anvil__is_the_same_code_byte_for_byte(on_ganache, tmp_path):
    # The chain id and the addresses stand in the code: the same ones on both chains leave no difference to excuse.
    with anvil(chain_id=CHAIN_ID) as url:
        on_anvil = Office(url, tmp_path, network="ganache")
        balance = [account("deployer").address, hex(100 * DML)]
        on_anvil.web3.provider.make_request("anvil_setBalance", balance)
        _deployed(url, tmp_path)

        for part, contracts in on_ganache.record.items():
            for name, at in contracts["contracts"].items():
                assert at["address"] == on_anvil.record[part]["contracts"][name]["address"], name
                codes = {bytes(o.web3.eth.get_code(at["address"])) for o in (on_ganache, on_anvil)}
                assert len(codes) == 1, name
                assert codes != {b""}, name


def test_verify__on_ganache__a_real_proof_passes_and_about_a_lower_bound_it_does_not(on_ganache):
    certificates = on_ganache.contract("GreenCertificate", "carbon")
    at = certificates.functions.verifierOf(24).call()
    verifier = on_ganache.web3.eth.contract(address=at, abi=VERIFY_ABI)
    proof = SnarkjsProver(cached()).prove(claim(24))

    told = [
        verifier.functions.verify(bound, proof.commitment, proof.factors, list(proof.points)).call()
        for bound in (proof.bound, proof.bound - 1)
    ]
    assert told == [True, False]


def test_job__played_on_ganache__is_paid_and_the_books_agree(on_ganache):
    market = PlayedMarket(on_ganache, lambda: on_ganache.web3.provider.make_request("evm_mine", []))
    market.furnish()
    token, escrow = (market.contract(name) for name in ("DMLToken", "JobEscrow"))
    supply = token.functions.totalSupply().call()

    job_id = market.open_job("on ganache")
    crew = market.assign(job_id)
    bound = on_ganache.done("admin", "show")
    market.settle(job_id, crew)
    for trainer in market.trainers:
        market.act(account("customer"), escrow.functions.withdrawFor(trainer))
    after = on_ganache.done("admin", "show", "0x" + job_id.hex())
    books = on_ganache.done("admin", "show")

    pool = FEE_WEI - COMMISSION_WEI
    paid = [token.functions.balanceOf(trainer).call() for trainer in market.trainers]
    assert len(set(crew[0])) == 3
    assert paid == [pool // 3, pool - pool // 3]
    assert token.functions.balanceOf(escrow.address).call() == COMMISSION_WEI
    assert escrow.functions.credit(account("treasury").address).call() == COMMISSION_WEI
    assert token.functions.totalSupply().call() == supply
    assert bound.count("jobs 1,") == 5
    assert "  Settled, paid by " in after
    assert books.count("books agree") == 2
    assert books.count("jobs 0,") == 5


def test_admin__on_ganache__a_refusal_is_the_contracts_own_word(on_ganache):
    refused = on_ganache.refused("admin", "pause", DEPLOYER_PRIVATE_KEY=key("customer"))

    assert refused.code == "chain.rejected"
    assert (
        f"pause would fail: The account {account('customer').address} may not do this." in refused.complained
    )
