"""One chain's JSON-RPC: checked before use, timed, its errors translated into ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import (
    BadResponseFormat,
    BlockNotFound,
    ContractCustomError,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import BlockIdentifier

from backend.adapters.chain.deployments import Network
from backend.adapters.chain.refusals import Refusals
from backend.errors import Recoverable, Unrecoverable

TIMEOUT_S = 15.0
REORG_BLOCKS = 128
"""No chain this runs on takes back more."""


class Connection:
    """A chain that is the one the deployments describe: chain id, and code at every address, are checked on first use.

    Recoverable `chain.unreachable` while it does not answer; Unrecoverable `chain.wrong`, `chain.reset`.
    """

    def __init__(self, network: Network, rpc_url: str, timeout_s: float = TIMEOUT_S) -> None:
        provider = HTTPProvider(
            rpc_url, request_kwargs={"timeout": timeout_s}, exception_retry_configuration=None
        )
        self._web3 = Web3(provider)
        # Proof-of-authority chains and Polygon carry more extra data than web3 expects of a block.
        self._web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        self.network = network
        self.rpc_url = rpc_url
        self.refusals = Refusals([c.abi for c in network.contracts.values()])
        self._checked = False
        self._lock = threading.Lock()

    def contract(self, name: str) -> Contract:
        """A deployed contract, by name."""
        at = self.network[name]
        return self._web3.eth.contract(
            address=Web3.to_checksum_address(at.address), abi=at.abi, decode_tuples=True
        )

    @contextmanager
    def use(self) -> Iterator[Web3]:
        """The chain, for a few calls; every error of web3 and of the network comes out as one of ours."""
        try:
            with self._lock:
                if not self._checked:
                    self._check()
                    self._checked = True
            yield self._web3
        except (requests.RequestException, OSError) as error:
            # The chain that answers next may be another one.
            self._checked = False
            raise Recoverable(
                "chain.unreachable", f"The {self.network.name} chain does not answer."
            ) from error
        except (ContractLogicError, ContractCustomError) as error:
            raise self.refusals.decode(revert_data(error)).error() from error
        except Web3RPCError as error:
            raise Recoverable(
                "chain.error", f"The {self.network.name} chain answered: {rpc_message(error)}."
            ) from error
        except (BlockNotFound, TransactionNotFound, BadResponseFormat) as error:
            raise Recoverable(
                "chain.behind", f"The {self.network.name} chain does not know this yet: {error}."
            ) from error
        except Web3Exception as error:
            raise Unrecoverable(
                "chain.unreadable", f"The {self.network.name} chain cannot be read: {error}."
            ) from error

    def _check(self) -> None:
        eth, network = self._web3.eth, self.network
        found = eth.chain_id
        if found != network.chain_id:
            raise Unrecoverable(
                "chain.wrong",
                f"The {network.name} chain at {self.rpc_url} is chain {found}, not {network.chain_id} as deployed to.",
            )
        for contract in network.contracts.values():
            if not eth.get_code(Web3.to_checksum_address(contract.address)):
                raise Unrecoverable(
                    "chain.reset",
                    f"The {network.name} chain has no {contract.name} at {contract.address}: the chain was reset since "
                    "the contracts were deployed. Deploy them again and start with a fresh database.",
                )


def block_time(web3: Web3, block: BlockIdentifier = "latest") -> int:
    """A block's time, in Unix seconds."""
    return int(web3.eth.get_block(block)["timestamp"])


def revert_data(error: ContractLogicError) -> str | None:
    """The revert data that web3 kept, as 0x hex."""
    data: Any = error.data
    if isinstance(data, dict):
        data = data.get("data")
    return data if isinstance(data, str) and data.startswith("0x") else None


def rpc_message(error: Web3RPCError) -> str:
    """What the node said."""
    response = error.rpc_response or {}
    details: Any = response.get("error", {})
    message = details.get("message") if isinstance(details, dict) else details
    return str(message or error).rstrip(".")
