"""A real Ganache on a free port. It mines a block for each transaction and none without."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eth_account.signers.local import LocalAccount

from tests.support.artifacts import ROOT
from tests.support.chains import await_answer

CHAIN_ID = 1337


@contextmanager
def ganache(balances_wei: Mapping[LocalAccount, int], chain_id: int = CHAIN_ID) -> Iterator[str]:
    """A chain on which these accounts hold native coins; its URL. Gone afterwards."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    options = ["--server.port", str(port), "--chain.chainId", str(chain_id), "--chain.hardfork", "shanghai"]
    for account, wei in balances_wei.items():
        options += ["--wallet.accounts", f"0x{bytes(account.key).hex()},{hex(wei)}"]
    process = subprocess.Popen(
        ["node", str(ROOT / "node_modules/ganache/dist/node/cli.js"), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await_answer(url, process)
        yield url
    finally:
        process.kill()
        process.wait()
