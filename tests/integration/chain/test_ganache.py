"""Ganache stands in for Anvil: the carbon chain is written there as well."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.deployments import CARBON_CONTRACTS, Deployments, parse_network
from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTasks, MemoryTickets
from backend.domain.credit_effects import FixBaseline
from backend.domain.effects import Publish
from backend.errors import Conflict
from fl_nodes.protocol.credit_baseline import CreditBaseline
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.artifacts import ROOT, artifacts
from tests.support.chains import CHALLENGE_S, DML, PROPOSER_S, RECOVERY_S, ChainWorld, account, await_answer
from tests.support.clock import ManualClock
from tests.support.jobs import quoted_ticket

CARBON_ID = 31338
"""Of the carbon chain."""


@contextmanager
def ganache() -> Iterator[str]:
    """A Ganache whose only rich account is the operator; its URL."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    key = "0x" + bytes(account("operator").key).hex()
    options = ["--server.port", str(port), "--chain.chainId", str(CARBON_ID), "--chain.hardfork", "shanghai"]
    command = ["node", str(ROOT / "node_modules/ganache/dist/node/cli.js"), *options]
    process = subprocess.Popen(
        [*command, "--wallet.accounts", f"{key},{hex(100 * DML)}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await_answer(url, process)
        yield url
    finally:
        process.kill()
        process.wait()


def carbon_deployments(world: ChainWorld, url: str) -> Deployments:
    """The market where it is, the carbon chain's contracts deployed here."""
    web3, operator = Web3(HTTPProvider(url)), account("operator")
    contracts = {}
    for name in CARBON_CONTRACTS:
        built = artifacts()[name]
        factory = web3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
        roles = [operator.address, operator.address]
        more = [operator.address, CHALLENGE_S, PROPOSER_S, RECOVERY_S] if name == "EnergyLedger" else []
        before = [contracts["EnergyLedger"]["address"]] if name == "CarbonCredit" else []
        sent = factory.constructor(*before, *roles, *more).transact({"from": operator.address})
        receipt = web3.eth.wait_for_transaction_receipt(sent, timeout=30)
        at = {"address": receipt["contractAddress"], "block": receipt["blockNumber"], "abi": built["abi"]}
        contracts[name] = at
    entry = {"chain_id": CARBON_ID, "rpc_url": url, "contracts": contracts}
    return Deployments(world.deployments.market, parse_network("carbon", entry, CARBON_CONTRACTS))


def test_publish__on_ganache__is_listed_once(chain):
    with ganache() as url:
        deployments = carbon_deployments(chain, url)
        carbon = Web3Carbon(deployments, url, chain.key("operator"))
        ticket = quoted_ticket("t_1", str(account("customer").address), 2_000_000_000)
        effect = Publish(ticket.id, ticket.job_id, *(digit * 64 for digit in "abcd"), 77, 7, "5")
        first = carbon.carry_out(effect, ticket)
        assert Web3(HTTPProvider(url)).eth.get_transaction_receipt(first)["status"] == 1
        assert carbon.carry_out(effect, ticket) == first
        stranger = Web3Carbon(deployments, url, chain.key("stranger"))
        unknown = replace(effect, job_id="0x" + "1" * 64)
        with pytest.raises(Conflict, match=f"The account {account('stranger').address} may not do this."):
            stranger.carry_out(unknown, ticket)


def test_baseline__on_ganache__is_fixed_once(chain):
    with ganache() as url:
        carbon = Web3Carbon(carbon_deployments(chain, url), url, chain.key("operator"))
        ticket = quoted_ticket("t_1", str(account("customer").address), 2_000_000_000)
        baseline = CreditBaseline(ticket.job_id, 36_000, 3_000, 40_000_000, 8, "0x" + "d0" * 32)
        effect = FixBaseline(ticket.id, ticket.job_id, baseline)
        first = carbon.carry_out(effect, ticket)
        assert carbon.carry_out(effect, ticket) == first
        (told,) = [e for e in carbon.credits.events(0)[0] if e.name == "BaselineFixed"]
        assert (told.tx, told.args["micrograms"]) == (first, 3_000)
        assert carbon.credits.certificates() == ()


def test_ledger__on_ganache__seals_128_readings_by_the_same_bytecode(stage, tmp_path):
    clock = ManualClock()
    with ganache() as url:
        deployments = carbon_deployments(stage.world, url)
        carbon = Web3Carbon(deployments, url, stage.world.key("operator"))
        tickets = MemoryTickets(clock)
        office = LedgerOffice(
            stage.world,
            tickets,
            tickets.effects,
            MemoryTasks(clock),
            MemoryNodes(),
            MemoryCursors(),
            lambda: carbon.ledger,
            clock,
            tmp_path,
        )
        tickets.add(office.crew.finished("t_1", office.trainers, rounds=31))
        office.until_sealed("t_1")
        sealed = carbon.ledger.epoch(0)
        assert (sealed.terms.readings, carbon.ledger.head().index) == (128, 1)
        assert tickets.get("t_1").epoch.hash == sealed.hash(keccak) == carbon.ledger.head().prev_hash
