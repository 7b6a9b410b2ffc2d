"""The site's pages over one real chain, and somebody who looks at them in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from scripts.browser.chromium import chromium
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.support.api_world import World
from tests.support.site_server import serving


@contextmanager
def visited(folder: Path, account: LocalAccount, rpc_url: str, changes: dict[str, Any]) -> Iterator[Visitor]:
    """A visitor with this account's wallet; AssertionError at the end for what went wrong in the pages unexpectedly.

    `changes` are parts of the API beside `deployments`, the document of the chain, which is among them.
    """
    world = World(folder, changes=changes)
    wallet = TestWallet(account, {changes["deployments"]["carbon"]["chain_id"]: rpc_url})
    with serving(world.api.app) as port, chromium() as browser:
        visitor = Visitor(browser, f"http://127.0.0.1:{port}", [wallet])
        yield visitor
        visitor.close()
    assert visitor.wrong == []
