"""The chain that a script was pointed at with `--network`."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import brownie  # type: ignore[import-not-found]
import requests
from brownie._config import CONFIG  # type: ignore[import-not-found]
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.middleware import ExtraDataToPOAMiddleware

from scripts.brownie.arguments import whole_number
from scripts.brownie.refused import Refused
from scripts.deployments import LOCAL_CHAIN_IDS, DeploymentsUnreadable

GWEI = 10**9


@dataclass(frozen=True)
class Site:
    """A chain and how to send to it."""

    network: str
    web3: Web3
    chain_id: int
    confirmations: int
    least_tip_wei: int
    highest_fee_wei: int | None
    may_send: bool

    @property
    def local(self) -> bool:
        """Whether it is a development chain, whose coins are worth nothing."""
        return self.chain_id in LOCAL_CHAIN_IDS

    @property
    def rpc_url(self) -> str:
        """Where it answers. Of a public chain this may hold somebody's API key."""
        provider: Any = self.web3.provider
        return str(provider.endpoint_uri)

    def contract(self, address: str, abi: list[dict[str, Any]]) -> Contract:
        """A contract to call."""
        return self.web3.eth.contract(address=Web3.to_checksum_address(address), abi=abi, decode_tuples=True)


def site() -> Site:
    """The active network; Refused when it does not answer or is another chain than its name says."""
    active = CONFIG.active_network
    if "chainid" not in active:
        raise Refused("chain.network", "Choose a network: --network market, carbon, ganache or amoy.")
    # Brownie's own connection answers some calls from a cache that outlives the chain.
    provider = HTTPProvider(
        brownie.web3.provider.endpoint_uri,
        request_kwargs={"timeout": active.get("timeout", 30)},
        exception_retry_configuration=None,
    )
    web3 = Web3(provider)
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    chain_id, wanted = web3.eth.chain_id, int(active["chainid"])
    if chain_id != wanted:
        raise Refused(
            "chain.wrong",
            f"The network {active['id']} is chain {wanted}, but chain {chain_id} answers at its URL.",
        )
    return Site(
        network=active["id"],
        web3=web3,
        chain_id=chain_id,
        confirmations=_setting("CONFIRMATIONS", active.get("confirmations", 1)),
        least_tip_wei=active.get("least_tip_gwei", 0) * GWEI,
        highest_fee_wei=_setting("MAX_FEE_GWEI", 0) * GWEI or None,
        may_send=chain_id in LOCAL_CHAIN_IDS or os.environ.get("SEND") == "yes",
    )


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Makes a function one that `brownie run` can call: whatever is wrong comes out as a sentence."""
    signature = inspect.signature(function)
    usage = " ".join([function.__name__, *(name.upper() for name in signature.parameters)])

    @functools.wraps(function)
    def checked(*given: str) -> None:
        try:
            signature.bind(*given)
        except TypeError:
            raise Refused("admin.arguments", f"It is called as: {usage}.") from None
        try:
            function(*given)
        except requests.RequestException:
            network = CONFIG.active_network["id"]
            raise Refused(
                "chain.unreachable", f"The chain of the network {network} does not answer."
            ) from None
        except DeploymentsUnreadable as error:
            raise Refused("deployments.unreadable", f"{error}") from None

    return checked


def _setting(name: str, default: int) -> int:
    text = os.environ.get(name)
    return whole_number(name, text) if text else default
