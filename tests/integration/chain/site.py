"""The site's pages over one real chain, and somebody who looks at them in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from werkzeug.serving import make_server

from scripts.browser.chromium import chromium
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.support.api_world import World


@contextmanager
def visited(folder: Path, account: LocalAccount, rpc_url: str, changes: dict[str, Any]) -> Iterator[Visitor]:
    """A visitor with this account's wallet; AssertionError at the end for what went wrong in the pages unexpectedly.

    `changes` are parts of the API beside `deployments`, the document of the chain, which is among them.
    """
    world = World(folder, changes=changes)
    server = make_server("127.0.0.1", 0, world.api.app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    wallet = TestWallet(account, {changes["deployments"]["carbon"]["chain_id"]: rpc_url})
    try:
        with chromium() as browser:
            visitor = Visitor(browser, f"http://127.0.0.1:{server.server_port}", [wallet])
            yield visitor
            visitor.close()
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    assert visitor.wrong == []
