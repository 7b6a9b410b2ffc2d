"""Reads the energy ledger's past from the carbon chain, for an audit."""

from __future__ import annotations

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Network
from backend.adapters.chain.ledger import CONTRACT, Web3Ledger
from backend.ports import ChainEvent
from backend.verification.ledger_history import LedgerHistory, ledger_history


def read_ledger(network: Network, rpc_url: str) -> LedgerHistory:
    """All of it up to the newest block. Recoverable `chain.unreachable`, Unrecoverable `chain.wrong`, `chain.reset`."""
    connection = Connection(network, rpc_url)
    ledger, events = Web3Ledger(connection), list[ChainEvent]()
    block = 0
    while True:
        found, following = ledger.events(block)
        if following <= block:
            break
        events += found
        block = following
    with connection.use():
        seconds = int(connection.contract(CONTRACT).functions.proposerSeconds().call())
    return ledger_history(network.chain_id, network[CONTRACT].address, seconds, events)
