"""The pages over an API of twins, with a real wallet on two real chains: no stack, so a test may stop and rewind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from playwright.sync_api import Browser, Locator, Page

from backend.adapters.chain.faucet import Faucet
from backend.config import Settings
from scripts.browser.chromium import chromium as started_chromium
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.support.api_world import World
from tests.support.chains import CHAIN_ID, ChainWorld, anvil, chain_world
from tests.support.mongod import free_port
from tests.support.site_server import serving

OTHER_CHAIN_ID = 31_338
# A page that is about one transaction of the token.
SHOW = """async ([label, name, call, args]) => {
  const { Transaction, transactionButton } = await import("/static/wallet/transactions.js");
  const { contract } = await import("/static/wallet/contracts.js");
  const tx = new Transaction({ key: `test:${label}`, label });
  const send = async () => (await contract(name))[call](...args);
  document.getElementById("page").replaceChildren(transactionButton(tx, { text: label, call: send }));
}"""


@dataclass(frozen=True)
class Site:
    """The served pages, and the chains behind them."""

    url: str
    chain: ChainWorld
    other_url: str

    def wallet(self, dml: int = 0, native: float = 1, **about: Any) -> TestWallet:
        """A wallet with a new key, that knows both chains; whole coins."""
        wallet = TestWallet(
            Account.create(), {CHAIN_ID: self.chain.rpc_url, OTHER_CHAIN_ID: self.other_url}, **about
        )
        self.chain.fund(wallet.address, int(native * 10**18))
        if dml:
            self.chain.mint(wallet.address, dml * 10**18)
        return wallet


@pytest.fixture(scope="session")
def chains() -> Iterator[tuple[ChainWorld, str]]:
    """The market's chain, and one that has no contract of ours."""
    with chain_world() as chain, anvil(chain_id=OTHER_CHAIN_ID) as other_url:
        yield chain, other_url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all visitors."""
    with started_chromium() as browser:
        yield browser


@pytest.fixture
def site(chains: tuple[ChainWorld, str], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The served pages; a parameter, if there is one, says how many blocks make a confirmation."""
    chain, other_url = chains
    document = json.loads(json.dumps(chain.document))
    document["carbon"] |= {"chain_id": OTHER_CHAIN_ID, "rpc_url": other_url}
    faucet = Faucet(chain.deployments, chain.rpc_url, chain.key("faucet"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(api_url=url, confirmations=getattr(request, "param", 1))
    world = World(tmp_path, changes={"deployments": document, "faucet": faucet, "settings": settings})
    with serving(world.api.app, port), chain.unchanged():
        yield Site(url, chain, other_url)


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """`visit(*wallets)`: somebody on the front page; the test fails for whatever else went wrong in it."""
    visitors: list[Visitor] = []

    def make(*wallets: TestWallet) -> Visitor:
        visitors.append(Visitor(chromium, site.url, wallets))
        visitors[-1].open("/")
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.close()
    assert [fault for visitor in visitors for fault in visitor.wrong] == []


def connected(visitor: Visitor) -> Page:
    """The visitor's page with the wallet connected, without the chooser."""
    connect = """async () => {
      const { wallet } = await import("/static/wallet/wallet.js");
      await wallet.ready;
      await wallet.connect();
    }"""
    visitor.page.evaluate(connect)
    return visitor.page


def show(page: Page, label: str, contract: str, call: str, *args: Any) -> Locator:
    """A button that runs a call of a contract, alone on the page; its whole widget."""
    page.evaluate(SHOW, [label, contract, call, list(args)])
    return page.locator(".action")
