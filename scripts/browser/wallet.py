"""A wallet that pages find by EIP-6963 and talk to by EIP-1193, signing with a local key; a test is its user."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from playwright.sync_api import BrowserContext, Error

from scripts.browser.chain_access import ProviderError, ask, send

REJECTED = ProviderError(4001, "User rejected the request.")
# What the user is asked about, and with which request.
KINDS = {
    "eth_requestAccounts": "connect",
    "wallet_requestPermissions": "connect",
    "personal_sign": "sign",
    "eth_signTypedData_v4": "sign",
    "eth_sendTransaction": "send",
    "wallet_switchEthereumChain": "switch",
    "wallet_addEthereumChain": "add",
    "wallet_watchAsset": "watch",
}
MAINNET = 1
_SCRIPT = Path(__file__).with_name("wallet.js")
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Ccircle cx='4' cy='4' r='4' fill='%230a7'/%3E%3C/svg%3E"
)


@dataclass(frozen=True)
class Request:
    """One EIP-1193 request, as a page made it."""

    method: str
    params: Any


@dataclass(frozen=True)
class _Held:
    id: str
    context: BrowserContext
    request: Request


class TestWallet:
    """A wallet with one account. It keeps its state, as an extension does, over reloads and in all pages of a context.

    `chains` maps each chain id to the RPC URL of its node: where transactions really go. The wallet knows them all and
    is on the first one; `forget_chains()` makes it one that was never here. `approve` says by kind (connect, sign, send,
    switch, add, watch) what its user answers; True for kinds not named. `requests` and `watched` are logs.
    """

    __test__ = False

    def __init__(
        self,
        account: LocalAccount,
        chains: Mapping[int, str],
        *,
        name: str = "Test Wallet",
        rdns: str = "example.wallet.test",
    ) -> None:
        self.account = account
        self.info = {"uuid": str(uuid.uuid4()), "name": name, "icon": _ICON, "rdns": rdns}
        self.nodes = dict(chains)
        self.known = dict(chains)
        self.chain_id = next(iter(chains))
        self.connected = False
        self.approve: dict[str, bool] = {}
        self.requests: list[Request] = []
        self.watched: list[dict[str, Any]] = []
        self._rejected_next: list[str | None] = []
        self._holding: set[str] = set()
        self._held: list[_Held] = []
        self._contexts: list[BrowserContext] = []

    @property
    def address(self) -> str:
        """The account's checksum address."""
        return str(self.account.address)

    # --- what the user does ----------------------------------------------------------------------

    def reject_next(self, kind: str | None = None) -> None:
        """Refuse the next request of this kind, or the next that asks the user anything, with 4001."""
        self._rejected_next.append(kind)

    def hold(self, *kinds: str) -> None:
        """Keep requests of these kinds waiting for the user, until `release()`."""
        self._holding |= set(kinds)

    def release(self) -> None:
        """Hold nothing any more, and answer all requests kept waiting, as `approve` and `reject_next` say."""
        self._holding.clear()
        waiting, self._held = self._held, []
        for each in waiting:
            answer = self._decide(each.request)
            self._tell(each.context, "release", each.id, answer)

    @property
    def waiting(self) -> list[Request]:
        """Requests that are kept waiting for the user."""
        return [each.request for each in self._held]

    def switch_account(self, key: str | LocalAccount | None = None) -> None:
        """Another account, a new one unless a key is given; pages hear of it if they are connected."""
        self.account = Account.from_key(key) if isinstance(key, str) else key or Account.create()
        self._everywhere("accountsChanged", self._accounts())

    def switch_chain(self, chain_id: int) -> None:
        """Be on another chain, known or not; pages hear of it."""
        self.chain_id = chain_id
        self._everywhere("chainChanged", hex(chain_id))

    def disconnect(self) -> None:
        """Take the site's permission away, or lock: it sees no account any more."""
        self.connected = False
        self._everywhere("accountsChanged", [])

    def forget_chains(self) -> None:
        """Be on Ethereum's main chain and know no other: as a wallet is when it first meets this site."""
        self.known.clear()
        self.switch_chain(MAINNET)

    def asked(self, method: str) -> list[Any]:
        """Parameters of all requests of one method, in order."""
        return [request.params for request in self.requests if request.method == method]

    # --- the browser's side ----------------------------------------------------------------------

    def answer(self, context: BrowserContext, request: Request) -> dict[str, Any]:
        """`{result | error, events}` for a page of the context, or `{held}` while the user is waited for."""
        self.requests.append(request)
        if KINDS.get(request.method) in self._holding:
            self._held.append(_Held(str(uuid.uuid4()), context, request))
            return {"held": self._held[-1].id}
        return self._decide(request)

    def live_in(self, context: BrowserContext) -> None:
        """Tell the pages of this context what changes, too."""
        self._contexts.append(context)

    def _decide(self, request: Request) -> dict[str, Any]:
        events: list[tuple[str, Any]] = []
        try:
            self._ask_user(request.method)
            return {"result": self._answer(request.method, request.params or [], events), "events": events}
        except ProviderError as refused:
            return {"error": refused.document, "events": events}

    def _ask_user(self, method: str) -> None:
        kind = KINDS.get(method)
        if kind is None or (kind == "connect" and self.connected) or self._needs_no_user(method):
            return
        for awaited in (kind, None):
            if awaited in self._rejected_next:
                self._rejected_next.remove(awaited)
                raise REJECTED
        if not self.approve.get(kind, True):
            raise REJECTED

    def _needs_no_user(self, method: str) -> bool:
        # An unknown chain is refused before anybody is asked.
        return method == "wallet_switchEthereumChain" and not self.known

    # --- requests --------------------------------------------------------------------------------

    def _answer(self, method: str, params: Any, events: list[tuple[str, Any]]) -> Any:
        match method:
            case "eth_requestAccounts" | "wallet_requestPermissions":
                if not self.connected:
                    self.connected = True
                    events += [
                        ("connect", {"chainId": hex(self.chain_id)}),
                        ("accountsChanged", self._accounts()),
                    ]
                return self._accounts() if method == "eth_requestAccounts" else self._permissions()
            case "eth_accounts":
                return self._accounts()
            case "wallet_getPermissions":
                return self._permissions()
            case "wallet_revokePermissions":
                self.connected = False
                events.append(("accountsChanged", []))
                return None
            case "eth_chainId":
                return hex(self.chain_id)
            case "net_version":
                return str(self.chain_id)
            case "wallet_switchEthereumChain":
                return self._switch(int(params[0]["chainId"], 16), events)
            case "wallet_addEthereumChain":
                return self._add(params[0], events)
            case "wallet_watchAsset":
                self.watched.append(params)
                return True
            case "personal_sign":
                self._require_own(params[1])
                text = (
                    encode_defunct(hexstr=params[0])
                    if params[0].startswith("0x")
                    else encode_defunct(text=params[0])
                )
                return "0x" + bytes(self.account.sign_message(text).signature).hex()
            case "eth_signTypedData_v4":
                return self._sign_typed(*params)
            case "eth_sendTransaction":
                self._require_own(params[0].get("from", self.address))
                return send(self._node(), self.account, params[0])
            case _ if method.startswith(("eth_", "net_", "web3_")):
                return ask(self._node(), method, params)
        raise ProviderError(4200, f"The wallet does not support {method}.")

    def _switch(self, chain_id: int, events: list[tuple[str, Any]]) -> None:
        if chain_id not in self.known:
            raise ProviderError(4902, f"Unrecognized chain ID {hex(chain_id)}. Try adding the chain first.")
        if chain_id != self.chain_id:
            self.chain_id = chain_id
            events.append(("chainChanged", hex(chain_id)))

    def _add(self, wanted: dict[str, Any], events: list[tuple[str, Any]]) -> None:
        chain_id = int(wanted["chainId"], 16)
        currency = wanted.get("nativeCurrency") or {}
        if not wanted.get("chainName") or currency.get("decimals") != 18 or not wanted.get("rpcUrls"):
            raise ProviderError(-32602, "A chain needs a name, RPC URLs, and a currency of 18 decimals.")
        if int(ask(wanted["rpcUrls"][0], "eth_chainId", []), 16) != chain_id:
            raise ProviderError(-32602, "The RPC URL answers with another chain id.")
        self.known[chain_id] = wanted["rpcUrls"][0]
        self._switch(chain_id, events)

    def _sign_typed(self, address: str, message: Any) -> str:
        self._require_own(address)
        document = json.loads(message) if isinstance(message, str) else message
        chain_id = document.get("domain", {}).get("chainId")
        if chain_id is not None and int(str(chain_id), 0) != self.chain_id:
            raise ProviderError(
                -32603, f"The chain {chain_id} to sign for is not the active chain {self.chain_id}."
            )
        signed = self.account.sign_message(encode_typed_data(full_message=document))
        return "0x" + bytes(signed.signature).hex()

    def _require_own(self, address: str) -> None:
        if not self.connected or address.lower() != self.address.lower():
            raise ProviderError(4100, "The requested account has not been authorized by the user.")

    def _node(self) -> str:
        url = self.known.get(self.chain_id)
        if url is None:
            raise ProviderError(-32603, f"The node of chain {self.chain_id} cannot be reached.")
        return url

    def _accounts(self) -> list[str]:
        return [self.address.lower()] if self.connected else []

    def _permissions(self) -> list[dict[str, str]]:
        return [{"parentCapability": "eth_accounts"}] if self.connected else []

    def _everywhere(self, event: str, data: Any) -> None:
        for context in self._contexts:
            self._tell(context, "emit", event, data)

    def _tell(self, context: BrowserContext, call: str, *arguments: Any) -> None:
        for page in context.pages:
            try:
                page.evaluate(
                    "([call, ...rest]) => window.testWallets?.[call](...rest)",
                    [call, self.info["uuid"], *arguments],
                )
            except Error:  # the page is being left
                continue


def install(context: BrowserContext, wallets: Iterable[TestWallet]) -> None:
    """Announce these wallets in every page of the context from now on."""
    by_uuid = {wallet.info["uuid"]: wallet for wallet in wallets}
    infos = json.dumps([wallet.info for wallet in by_uuid.values()])
    for wallet in by_uuid.values():
        wallet.live_in(context)

    def request(_source: Any, wallet: str, method: str, params: Any) -> dict[str, Any]:
        return by_uuid[wallet].answer(context, Request(method, params))

    context.expose_binding("testWalletRequest", request)
    context.add_init_script(
        script=f"(() => {{ const WALLETS = {infos};\n{_SCRIPT.read_text(encoding='utf-8')} }})();"
    )
