"""Wallets for people at a running stack: new ones with coins in them, and those that its own parts act from."""

from __future__ import annotations

from typing import Any

from eth_account import Account

from scripts.browser.wallet import TestWallet
from scripts.demo.stage import Stage
from scripts.stack.config import CARBON_CHAIN_ID, MARKET_CHAIN_ID
from scripts.stack.keys import read_key
from scripts.stack.parts import node_home
from scripts.stack.rpc import COIN, await_receipt, rpc


def new_wallet(
    stage: Stage, dml: float = 1_000, native: float = 1, *, key: str | None = None, **about: Any
) -> TestWallet:
    """A wallet with a new key, that many DML, and that many native coins on either chain (whole coins, fractions allowed).

    It knows both chains and is on the market's. A `key` that exists gets nothing. `about` is passed to TestWallet.
    """
    chains = {MARKET_CHAIN_ID: stage.config.market_rpc_url, CARBON_CHAIN_ID: stage.config.carbon_rpc_url}
    wallet = TestWallet(Account.from_key(key) if key else Account.create(), chains, **about)
    if key is None:
        for url in chains.values():
            rpc(url, "anvil_setBalance", wallet.address, hex(int(native * COIN)))
        _drip(stage, wallet.address, int(dml * COIN))
    return wallet


def wallet_of(stage: Stage, name: str) -> TestWallet:
    """The wallet that a node was staked from, by the node's name, or a role's of the stack, such as "arbiter"."""
    nodes = {node for node, _ in stage.config.nodes}
    path = (
        node_home(stage.config, name) / "wallet.json" if name in nodes else stage.config.keys / f"{name}.json"
    )
    return new_wallet(stage, key=read_key(path)["private_key"], name=f"Wallet of {name}")


def _drip(stage: Stage, address: str, wei: int) -> None:
    if not wei:
        return
    faucet = stage.market.contract("LocalFaucet")
    data = faucet.encode_abi("drip", args=[address, wei])
    url = stage.config.market_rpc_url
    bank = rpc(url, "eth_accounts")[0]
    await_receipt(url, rpc(url, "eth_sendTransaction", {"from": bank, "to": faucet.address, "data": data}))
