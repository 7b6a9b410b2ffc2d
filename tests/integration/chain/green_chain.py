"""A carbon chain that keeps green certificates, with real verifiers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTasks, MemoryTickets
from backend.dispatch.epoch_commitments import committing
from backend.domain.ticket import Status
from backend.ports import Prover
from backend.settlement.certifier import CertifierParts
from fl_nodes.protocol.green import SIZES
from scripts.circuits.keys import verifying_key
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.artifacts import artifacts
from tests.support.chains import ChainWorld
from tests.support.clock import ManualClock
from tests.support.jobs import settle_verdict

SECRET = b"server secret"


def with_certificates(world: ChainWorld, keys: Path) -> dict[str, Any]:
    """The world's deployments, and the contracts of certificates that were deployed to its carbon chain."""
    ledger = world.contract("EnergyLedger").address
    small, large = (_deploy(world, "GreenVerifier", size, verifying_key(keys, size)) for size in SIZES)
    made = _deploy(world, "GreenCertificate", ledger, small["address"], large["address"])
    carbon = world.document["carbon"]
    contracts = {**carbon["contracts"], "GreenCertificate": made}
    return {**world.document, "carbon": {**carbon, "contracts": contracts}}


@dataclass(frozen=True)
class GreenOffice:
    """A settled job with an energy budget, and all that seals and certifies it; whoever certifies brings a prover."""

    carbon: Web3Carbon
    ledger: LedgerOffice
    tickets: MemoryTickets
    cursors: MemoryCursors
    clock: ManualClock
    job_id: str

    def certifying(self, prover: Prover) -> CertifierParts:
        """What a certifier works with."""
        assert self.carbon.certificates is not None
        effects, objects = self.tickets.effects, self.ledger.objects
        return CertifierParts(self.carbon.certificates, prover, self.tickets, effects, objects, SECRET)


def green_office(world: ChainWorld, keys: Path, folder: Path) -> GreenOffice:
    """On a chain that keeps certificates; the ticket is `t_1`."""
    clock = ManualClock()
    deployments = replace(world, document=with_certificates(world, keys)).deployments
    carbon = Web3Carbon(deployments, world.rpc_url, world.key("operator"))
    tickets, cursors = MemoryTickets(clock), MemoryCursors()
    parts = MemoryTasks(clock), MemoryNodes(), cursors
    office = LedgerOffice(world, tickets, tickets.effects, *parts, lambda: carbon.ledger, clock, folder)
    office.extras = committing(SECRET)
    office.keeper = office.new_keeper()
    done = office.crew.finished("t_1", office.trainers)
    spec = replace(done.spec, energy_budget_joules=1_000_000)
    tickets.add(replace(done, spec=spec, status=Status.SETTLED, verdict=settle_verdict(office.trainers)))
    return GreenOffice(carbon, office, tickets, cursors, clock, done.job_id)


def _deploy(world: ChainWorld, name: str, *arguments: Any) -> dict[str, Any]:
    built = artifacts()[name]
    factory = world.web3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
    tx = world.act(world.person("deployer"), factory.constructor(*arguments))
    receipt = world.web3.eth.get_transaction_receipt(tx)  # type: ignore[arg-type]
    return {"address": receipt["contractAddress"], "block": receipt["blockNumber"], "abi": built["abi"]}
