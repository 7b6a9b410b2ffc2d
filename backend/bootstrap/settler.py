"""The settler process: effects to transactions, events to tickets."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.adapters.background_prover import BackgroundProver
from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.money import MoneySums
from backend.adapters.prover import SnarkjsProver
from backend.bootstrap import chains
from backend.bootstrap.heartbeat import beat, this_process
from backend.bootstrap.lead import Lead
from backend.bootstrap.stores import Stores, open_stores
from backend.bootstrap.watched import ChainWatch, show
from backend.config import Settings
from backend.dispatch.epoch_papers import epoch_papers
from backend.settlement.certifier import CertifierParts
from backend.settlement.process import SettlerParts
from fl_nodes.protocol.ledger_epoch import EpochContent


def settler(settings: Settings, stop: Callable[[], bool]) -> SettlerParts:
    """Parts of the settler process; its heartbeat runs until `stop()`."""
    stores = open_stores(settings)
    deployments = chains.deployed(settings, stores.cursors)
    beat(stores.processes, ("settler",), stop)
    lead = Lead(stores.tickets, "settler", this_process())
    lead.run(stop)

    def contents(index: int) -> EpochContent:
        return epoch_papers(carbon.ledger.epoch(index).terms, stores.objects).content

    carbon = chains.carbon(settings, deployments, contents)
    market_sums = MoneySums(Connection(deployments.market, settings.market_rpc_url))
    show(
        settings,
        {
            "database": lambda: stores.tickets.find(limit=1),
            "market chain": market_sums.head,
            "carbon chain": carbon.head,
        },
        ChainWatch(stores.cursors, {"market": market_sums.head, "carbon": carbon.head}, market_sums),
    )
    return SettlerParts(
        market=chains.market(settings, deployments),
        carbon=carbon,
        ledger=carbon.ledger,
        credits=carbon.credits,
        tickets=stores.tickets,
        effects=stores.effects,
        nodes=stores.nodes,
        cursors=stores.cursors,
        clock=time.time,
        rater=chains.rater(settings, deployments),
        certifier=_certifier(settings, stores, carbon),
        rating_steps=stores.rating_steps,
        leads=lead,
        step_down=lead.step_down,
    )


def _certifier(settings: Settings, stores: Stores, carbon: Web3Carbon) -> CertifierParts | None:
    """Where the chain keeps certificates and there are circuits to prove with."""
    if carbon.certificates is None or settings.circuits_dir is None:
        return None
    return CertifierParts(
        certificates=carbon.certificates,
        prover=BackgroundProver(SnarkjsProver(settings.circuits_dir)),
        tickets=stores.tickets,
        effects=stores.effects,
        objects=stores.objects,
        secret=stores.secret,
    )
