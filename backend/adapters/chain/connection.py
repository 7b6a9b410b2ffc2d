"""One chain's JSON-RPC: checked before use, timed, its errors translated into ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import (
    BadFunctionCallOutput,
    BadResponseFormat,
    BlockNotFound,
    ContractCustomError,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import BlockIdentifier, RPCEndpoint, RPCResponse

from backend.adapters.chain.deployments import Network
from backend.adapters.chain.refusals import Refusals
from backend.errors import Recoverable, Unrecoverable

TIMEOUT_S = 15.0
REORG_BLOCKS = 128
"""No chain this runs on takes back more."""
CHECK_S = 5.0
"""How long a chain is taken for the same without a look."""
LAG_S = 120.0
"""How long a node may be behind what was seen before the lower head is believed: the chain was set back."""
IDENTITY_BYTES = 6
TOO_MANY_REQUESTS = 429


class _Garbled(Exception):
    """What came back is no JSON-RPC."""


class _Provider(HTTPProvider):
    """A gateway's error page is no answer, and must not pass for a mistake of the caller's."""

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One request; `_Garbled` where the answer is not a JSON-RPC object."""
        try:
            response: Any = super().make_request(method, params)
        except requests.RequestException:
            raise
        except ValueError as error:
            raise _Garbled from error
        if not isinstance(response, dict):
            raise _Garbled
        return response  # type: ignore[return-value]


class Connection:
    """A chain that is the one the deployments describe: chain id, code at every address, and whose block the contracts were
    made in, are checked on first use, again every few seconds, and before every write and every reading of events.

    Recoverable `chain.unreachable`, `chain.limited`, `chain.garbled`, `chain.behind` while it does not answer well;
    Unrecoverable `chain.wrong`, `chain.reset`.
    """

    def __init__(self, network: Network, rpc_url: str, timeout_s: float = TIMEOUT_S) -> None:
        provider = _Provider(
            rpc_url, request_kwargs={"timeout": timeout_s}, exception_retry_configuration=None
        )
        self._web3 = Web3(provider)
        # Proof-of-authority chains and Polygon carry more extra data than web3 expects of a block.
        self._web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        self.network = network
        self.rpc_url = rpc_url
        self.refusals = Refusals([c.abi for c in network.contracts.values()])
        self._checked_at = float("-inf")
        self._known: bytes | None = None
        self._genesis: bytes | None = None
        self._seen, self._seen_at = 0, 0.0
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
                if time.monotonic() - self._checked_at > CHECK_S:
                    self._check()
            yield self._web3
        except requests.HTTPError as error:
            raise self._refused_by_http(error) from error
        except (requests.RequestException, OSError) as error:
            raise self._distrust("chain.unreachable", "does not answer") from error
        except _Garbled as error:
            raise self._distrust("chain.garbled", "answered something that is not JSON-RPC") from error
        except (ContractLogicError, ContractCustomError) as error:
            raise self.refusals.decode(revert_data(error)).error() from error
        except Web3RPCError as error:
            raise Recoverable(
                "chain.error", f"The {self.network.name} chain answered: {rpc_message(error)}."
            ) from error
        except BadFunctionCallOutput as error:
            # No code there: a node that has not come so far, or another chain, as the next use will find.
            raise self._distrust("chain.behind", "does not know our contracts at present") from error
        except (BlockNotFound, TransactionNotFound, BadResponseFormat) as error:
            raise Recoverable(
                "chain.behind", f"The {self.network.name} chain does not know this yet: {error}."
            ) from error
        except Web3Exception as error:
            raise Unrecoverable(
                "chain.unreadable", f"The {self.network.name} chain cannot be read: {error}."
            ) from error

    def verify(self) -> None:
        """See that it is still the same chain; Unrecoverable `chain.reset`, `chain.wrong`. Within `use()`."""
        with self._lock:
            self._check()

    def identity(self) -> int:
        """A number that no other chain, and not this one after a reset, is likely to have: part of the hash of the block in
        which the first of our contracts was deployed."""
        with self.use(), self._lock:
            return self._check()

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable `chain.behind` where there is no such block."""
        with self.use() as web3:
            return Web3.to_hex(web3.eth.get_block(block)["hash"])

    def newest(self) -> int:
        """The newest block that this connection knows of: a node that is behind another one's says less. Within `use()`."""
        head, now = int(self._web3.eth.block_number), time.monotonic()
        if head >= self._seen or now - self._seen_at > LAG_S:
            self._seen, self._seen_at = head, now
        return self._seen

    def saw(self, block: int) -> None:
        """That there is this block."""
        if block > self._seen:
            self._seen, self._seen_at = block, time.monotonic()

    @contextmanager
    def at(self, block: int) -> Iterator[None]:
        """Read the state after this block, which a node that is behind refuses to tell."""
        before = self._web3.eth.default_block
        self._web3.eth.default_block = block
        try:
            yield
        finally:
            self._web3.eth.default_block = before

    def _refused_by_http(self, error: requests.HTTPError) -> Recoverable:
        status = error.response.status_code if error.response is not None else 0
        if status == TOO_MANY_REQUESTS:
            return self._distrust("chain.limited", "takes no more requests for now (HTTP 429)")
        return self._distrust("chain.unreachable", f"answers HTTP {status}")

    def _distrust(self, code: str, what: str) -> Recoverable:
        """The chain that answers next may be another one."""
        self._checked_at = float("-inf")
        return Recoverable(code, f"The {self.network.name} chain {what}.")

    def _check(self) -> int:
        anchor = self._anchor()
        if anchor is None or anchor != self._known:
            self._examine(anchor)
            # Without its block it was examined in vain.
            anchor = self._anchor() if anchor is None else anchor
            if anchor is None:
                raise self._distrust("chain.behind", "does not know the block our contracts were made in yet")
            if self._known is not None and anchor != self._known:
                raise self._reset("is not the one that this process has worked with")
            self.network.recognise(self.network.name, _number(anchor))
        self._known, self._checked_at = anchor, time.monotonic()
        return _number(anchor)

    def _anchor(self) -> bytes | None:
        """Hash of the block the first of our contracts was made in."""
        try:
            return bytes(self._web3.eth.get_block(self.network.anchor_block)["hash"])
        except BlockNotFound:
            return None

    def _examine(self, anchor: bytes | None) -> None:
        eth, network = self._web3.eth, self.network
        found = eth.chain_id
        if found != network.chain_id:
            raise Unrecoverable(
                "chain.wrong",
                f"The {network.name} chain at {self.rpc_url} is chain {found}, not {network.chain_id} as deployed to.",
            )
        genesis = bytes(eth.get_block(0)["hash"])
        if anchor is None and (eth.syncing or genesis == self._genesis):
            raise self._distrust("chain.behind", "is still being read by its node")
        for contract in network.contracts.values():
            if not eth.get_code(Web3.to_checksum_address(contract.address)):
                raise self._reset(f"has no {contract.name} at {contract.address}")
        self._genesis = genesis

    def _reset(self, what: str) -> Unrecoverable:
        return Unrecoverable(
            "chain.reset",
            f"The {self.network.name} chain {what}: the chain was reset since the contracts were deployed, or is another "
            "one. Connect the old chain, or deploy the contracts again and start with a fresh database.",
        )


def _number(block_hash: bytes) -> int:
    return int.from_bytes(block_hash[:IDENTITY_BYTES], "big")


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
