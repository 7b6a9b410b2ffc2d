"""The deploy script against a real Anvil: once, again, stopped at every step, and where it must refuse."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fl_nodes.protocol.green import SIZES
from scripts.circuits.keys import cached, ensure
from tests.integration.admin.brownie_scripts import RATER, Office, key, kill
from tests.integration.admin.deadly_chain import deadly_door
from tests.support.chains import DML, account, anvil

CONTRACTS = ["DMLToken", "NodeStaking", "JobEscrow", "LocalFaucet"]
STEPS = 8
"""Four contracts, setEscrow, and the roles of minter, rater and faucet."""


@pytest.fixture(scope="module")
def chain() -> Iterator[str]:
    """A chain for the folder of one test at a time."""
    with anvil() as url:
        yield url


@pytest.fixture
def office(chain: str, tmp_path: Path) -> Iterator[Office]:
    """An empty record, a funded deployer, and a chain that forgets."""
    office = Office(chain, tmp_path)
    rpc = office.web3.provider.make_request
    snapshot = rpc("evm_snapshot", [])["result"]
    rpc("anvil_setBalance", [account("deployer").address, hex(100 * DML)])
    yield office
    rpc("anvil_dropAllTransactions", [])
    rpc("evm_revert", [snapshot])
    rpc("evm_setAutomine", [True])


def _other_keys(keys: Path, folder: Path) -> Path:
    """Keys of another ceremony: these, with one coordinate changed."""
    for size in SIZES:
        (folder / str(size)).mkdir()
        said = json.loads((keys / str(size) / "verifying.json").read_text())
        said["vk_alpha_1"][0] = "1"
        (folder / str(size) / "verifying.json").write_text(json.dumps(said))
    return folder


def _striking(office: Office) -> Callable[[], bool]:
    """Deploys with a rater until it ends or the door's strike has killed it; whether it ended well."""

    def deploy() -> bool:
        with deadly_door(office.rpc_url) as door:
            process = replace(office, rpc_url=door.url).start("deploy", RATER_ADDRESS=RATER)
            door.strike = lambda: kill(process)
            try:
                process.communicate(timeout=120)
            finally:
                kill(process)
            return process.returncode == 0

    return deploy


def _assert_wired(office: Office) -> None:
    token, staking, escrow, faucet = (office.contract(name) for name in CONTRACTS)
    assert staking.functions.escrow().call() == escrow.address
    assert escrow.functions.token().call() == token.address == faucet.functions.token().call()
    assert escrow.functions.staking().call() == staking.address
    minter = token.functions.MINTER_ROLE().call()
    for holder in (account("deployer").address, faucet.address):
        assert token.functions.hasRole(minter, holder).call()
    operator, arbiter = (escrow.functions[f"{who}_ROLE"]().call() for who in ("OPERATOR", "ARBITER"))
    assert escrow.functions.hasRole(operator, account("operator").address).call()
    assert escrow.functions.hasRole(arbiter, account("arbiter").address).call()
    assert escrow.functions.treasury().call() == account("treasury").address


def test_deploy__run_again__keeps_addresses_and_sends_nothing(office):
    office.done("deploy")
    recorded, sent = office.file.read_bytes(), office.sent_by("deployer")

    said = office.done("deploy")

    assert "market: 0 transaction(s) sent" in said
    assert (office.file.read_bytes(), office.sent_by("deployer")) == (recorded, sent)
    assert list(office.record["market"]["contracts"]) == CONTRACTS
    assert [p.name for p in office.folder.iterdir()] == ["deployments.json"]
    _assert_wired(office)


def test_deploy__killed_after_every_transaction__is_continued_without_repeating_one(office):
    deploy = _striking(office)

    ended = [deploy() for _ in range(STEPS)]
    unrecorded = not office.file.exists()
    said = office.done("deploy", RATER_ADDRESS=RATER)

    assert not any(ended)
    assert unrecorded, "a part is recorded when it is whole"
    assert "market: 0 transaction(s) sent" in said
    assert office.sent_by("deployer") == STEPS
    staking = office.contract("NodeStaking")
    assert staking.functions.hasRole(staking.functions.RATER_ROLE().call(), RATER).call()
    blocks = [at["block"] for at in office.record["market"]["contracts"].values()]
    code = office.web3.eth.get_code
    for name, block in zip(CONTRACTS, blocks, strict=True):
        assert code(office.contract(name).address, max(block - 1, 0)) == b"", (
            "no event is older than the block"
        )
    _assert_wired(office)


def test_deploy__killed_before_its_transaction_left__uses_the_same_address(office):
    with deadly_door(office.rpc_url) as door:
        process = replace(office, rpc_url=door.url).start("deploy")
        door.strike, door.before_it_is_sent = (lambda: kill(process)), True
        process.communicate(timeout=120)
    progress = json.loads((office.folder / "deployments.market.unfinished.json").read_text())

    office.done("deploy")

    assert progress["market"]["contracts"]["DMLToken"]["address"] == office.contract("DMLToken").address
    assert office.sent_by("deployer") == STEPS - 1


def test_deploy__killed_while_a_transaction_waits_in_the_pool__waits_for_it(office):
    office.web3.provider.make_request("evm_setAutomine", [False])
    assert not _striking(office)()
    process = office.start("deploy", RATER_ADDRESS=RATER)

    heard = iter(process.stdout.readline, "")
    waited = any("waiting for 1 transaction(s)" in line for line in heard)
    office.web3.provider.make_request("evm_setAutomine", [True])
    office.web3.provider.make_request("evm_mine", [])
    rest, _ = process.communicate(timeout=120)

    assert waited
    assert process.returncode == 0
    assert f"market: {STEPS - 1} transaction(s) sent" in rest
    assert office.sent_by("deployer") == STEPS


def test_deploy__the_chain_was_reset__deploys_anew(office):
    snapshot = office.web3.provider.make_request("evm_snapshot", [])["result"]
    office.done("deploy")
    office.web3.provider.make_request("evm_revert", [snapshot])

    said = office.done("deploy")

    assert "the chain was reset" in said
    _assert_wired(office)


def test_deploy__both_parts_in_one_file__keeps_the_other(office):
    office.done("deploy")
    market = office.record["market"]
    with anvil(chain_id=31338) as carbon_url:
        carbon = replace(office, rpc_url=carbon_url, network="carbon")
        carbon.web3.provider.make_request("anvil_setBalance", [account("deployer").address, hex(DML)])
        keys = ensure(cached(), print)
        carbon.done("deploy", CIRCUITS_DIR=str(keys))
        again = carbon.done("deploy", CIRCUITS_DIR=str(keys))
        other_keys = carbon.refused("deploy", CIRCUITS_DIR=str(_other_keys(keys, office.folder)))
        certificates = carbon.contract("GreenCertificate", "carbon")
        ledger = carbon.contract("EnergyLedger", "carbon")
        assert certificates.functions.ledger().call() == ledger.address
        keeper = ledger.functions.KEEPER_ROLE().call()
        assert ledger.functions.hasRole(keeper, account("operator").address).call()

    assert office.record["market"] == market
    assert office.record["carbon"]["chain_id"] == 31338
    assert "carbon: 0 transaction(s) sent" in again
    assert other_keys.code == "deploy.settings"


def test_deploy__what_stands_is_not_what_is_wanted__is_refused(office):
    office.done("deploy")
    recorded = office.record
    escrow = office.contract("JobEscrow").address
    set_code = office.web3.provider.make_request

    other_deposit = office.refused("deploy", MIN_DEPOSIT_WEI="5")
    other_operator = office.refused("deploy", OPERATOR_ADDRESS=account("stranger").address)
    code = office.web3.eth.get_code(escrow)
    # One instruction is another, in the middle.
    set_code("anvil_setCode", [escrow, (code[:9_000] + bytes([code[9_000] ^ 1]) + code[9_001:]).hex()])
    foreign_code = office.refused("deploy")
    set_code("anvil_setCode", [escrow, code.hex()])
    office.file.write_text(json.dumps({"market": recorded["market"] | {"chain_id": 5}}))
    other_chain = office.refused("deploy")
    office.file.write_text("{")
    unreadable = office.refused("deploy")

    assert (other_deposit.code, other_operator.code) == ("deploy.settings", "deploy.settings")
    assert (
        "was deployed with minDeposit 100000000000000000, but MIN_DEPOSIT_WEI says 5."
        in other_deposit.complained
    )
    assert (foreign_code.code, other_chain.code) == ("deploy.foreign_code", "deploy.other_chain")
    assert escrow in foreign_code.complained
    assert unreadable.code == "deployments.unreadable"


def test_deploy__cannot_begin__is_refused_in_a_sentence(office):
    folder = os.open(office.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    running = office.refused("deploy")
    os.close(folder)
    bad_key = office.refused("deploy", DEPLOYER_PRIVATE_KEY="0xsecret")
    poor = office.refused("deploy", DEPLOYER_PRIVATE_KEY=key("stranger"))
    wrong_chain = replace(office, network="carbon").refused("deploy")
    unreachable = office.run("deploy", MARKET_RPC_URL="http://127.0.0.1:1")

    assert running.code == "deploy.running"
    assert bad_key.code == "admin.key"
    assert "secret" not in bad_key.complained + bad_key.said
    assert poor.code == "chain.funds"
    assert wrong_chain.code == "chain.wrong"
    assert (unreachable.status, unreachable.code) == (1, "chain.unreachable")
    assert not office.file.exists()
