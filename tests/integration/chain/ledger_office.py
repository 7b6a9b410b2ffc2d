"""Keeper and settler over a real ledger, and nodes with real keys that sign what they find right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.adapters.chain.ledger import Web3Ledger
from backend.adapters.chain.stakes import Web3Stakes
from backend.adapters.memory import MemoryObjects
from backend.adapters.signatures import EthSignatures
from backend.dispatch.epoch_papers import Extras
from backend.dispatch.ledger_keeper import KeeperParts, LedgerKeeper
from backend.ports import Cursors, Effects, Nodes, Tasks, Tickets
from backend.settlement.ledger import LedgerSettler
from fl_nodes.connection import Market
from tests.support.chains import ChainWorld
from tests.support.ledger import Crew


@dataclass
class LedgerOffice:
    """On the market of a chain world; `ledger()` connects anew, as a process that starts does."""

    world: ChainWorld
    tickets: Tickets
    effects: Effects
    tasks: Tasks
    nodes: Nodes
    cursors: Cursors
    ledger: Callable[[], Web3Ledger]
    clock: Callable[[], float]
    folder: Path
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    extras: Extras = lambda _, papers: papers

    def __post_init__(self) -> None:
        market = self.world.deployments.market
        self.market = (market.chain_id, market["JobEscrow"].address)
        self.crew = Crew(Market(*self.market), self.tasks, self.nodes, self.objects, self.folder)
        for provider in self.world.providers:
            self.crew.join(provider.address, provider.key)
        self.keeper, self.settler = self.new_keeper(), self.new_settler()

    @property
    def trainers(self) -> tuple[str, ...]:
        return tuple(provider.address for provider in self.world.trainers)

    def new_keeper(self) -> LedgerKeeper:
        parts = KeeperParts(
            tickets=self.tickets,
            effects=self.effects,
            nodes=self.nodes,
            tasks=self.tasks,
            objects=self.objects,
            signatures=EthSignatures(),
            ledger=self.ledger(),
            stakes=Web3Stakes(self.world.deployments.market, self.world.rpc_url),
            market=self.market,
            clock=self.clock,
            epoch_seconds=0.0,
            extras=self.extras,
        )
        return LedgerKeeper(parts, "me")

    def new_settler(self, ledger: Any = None) -> LedgerSettler:
        return LedgerSettler(ledger or self.ledger(), self.tickets, self.effects, self.cursors)

    def until_queued(self, kind: str) -> None:
        """Keeper, nodes and settler by turns, until the keeper wants this done; it is not yet."""
        for _ in range(20):
            self.keeper.run_once()
            if self.effects.pending([kind]):
                return
            self.crew.answer()
            self.settler.run_once()
        raise AssertionError(f"the keeper never wanted {kind}")

    def until_sealed(self, *names: str) -> None:
        """Keeper, nodes and settler by turns, until these tickets stand in an epoch."""
        for _ in range(20):
            self.keeper.run_once()
            self.crew.answer()
            self.settler.run_once()
            if all(self.tickets.get(name).epoch for name in names):
                return
        raise AssertionError("not sealed")
