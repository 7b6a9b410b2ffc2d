"""Many customers: each signs in, has a small file quoted, pays into escrow and uploads, by the code of the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from web3 import Web3

from backend.api.auth import cookie_name
from backend.cli.client import Api
from backend.cli.dataset import facts_of
from backend.cli.follow import Pace
from backend.cli.market import Market
from backend.cli.purchase import quote
from backend.cli.signin import sign_in_text
from backend.cli.terminal import Terminal
from backend.cli.train import Offer, Order, World, hand_over, pay_for
from backend.config import Settings
from scripts.demo.small_jobs import write_garden
from scripts.load.registration import await_included, batch
from scripts.stack.rpc import COIN, rpc

AT_ONCE = 8
SPEC = {
    "target": "kind",
    "model": "logistic",
    "local_epochs": 1,
    "batch_size": 16,
    "learning_rate": 0.3,
    "trainers": 2,
}
DEADLINE_SECONDS = 3_600
DML_WEI = 1_000 * COIN


class Quiet:
    """Nobody reads along."""

    def write(self, text: str) -> int:
        """Nothing."""
        return len(text)

    def flush(self) -> None:
        """Nothing."""

    def isatty(self) -> bool:
        """No."""
        return False


@dataclass
class Buyer:
    """A customer with a session, and its quoted ticket."""

    account: LocalAccount
    world: World
    order: Order
    offer: Offer = field(default_factory=dict)

    @property
    def ticket(self) -> str:
        """The ticket's id."""
        return str(self.offer["ticket"]["id"])

    @property
    def cookie(self) -> dict[str, str]:
        """What its browser has of the session."""
        api = self.world.api
        return {cookie_name(Settings(api_url=api.url)): str(api.token)}

    def sign_in(self) -> None:
        """By the wallet's signature, as the command line does; the token is kept here alone."""
        api = self.world.api
        nonce = str(api.post("/api/auth/nonce")["nonce"])
        chain = self.world.config["market"]["chain_id"]
        text = sign_in_text(api.url, self.account.address, chain, nonce, datetime.now(UTC))
        signature = self.account.sign_message(encode_defunct(text=text)).signature.to_0x_hex()
        api.token = str(api.post("/api/auth/login", {"message": text, "signature": signature})["token"])

    def ask(self) -> None:
        """For a price."""
        order = self.order
        self.offer = quote(self.world.api, order.facts, order.spec, order.deadline_s, order.email)

    def buy(self) -> None:
        """Pay and upload."""
        receipt = pay_for(self.offer, self.order, self.world)
        hand_over(receipt, self.order.file, self.world)


def buyers(api_url: str, rpc_url: str, folder: Path, number: int, rounds: int) -> list[Buyer]:
    """Signed in, with coins, and with a price each."""
    os.environ["ECODML_HOME"] = str(folder)  # where the command line's code keeps receipts
    folder.mkdir(parents=True, exist_ok=True)
    config = Api(api_url).get("/api/config")
    market = Market.from_config(config)
    terminal = Terminal(as_json=True, out=Quiet(), err=Quiet())  # type: ignore[arg-type]
    file = write_garden(folder / "garden.csv")
    facts = facts_of(file, "kind")
    made = []
    for n in range(number):
        spec: dict[str, Any] = {**SPEC, "rounds": rounds, "seed": n}
        order = Order(file, facts, spec, DEADLINE_SECONDS, f"load-{n}@customers.example", wait=False)
        world = World(Api(api_url), config, market, Account.create(), terminal, Pace())
        made.append(Buyer(world.account, world, order))
    _give_coins(rpc_url, config["market"]["contracts"], [b.account.address for b in made])
    _each(made, Buyer.sign_in)
    _each(made, Buyer.ask)
    return made


def buy_all(everybody: Sequence[Buyer]) -> None:
    """All pay and upload; raises what the first was refused with."""
    _each(everybody, Buyer.buy)


def _each(everybody: Sequence[Buyer], act: Any) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(act, everybody):
            pass


def _give_coins(url: str, contracts: dict[str, Any], addresses: Sequence[str]) -> None:
    faucet = Web3().eth.contract(
        address=Web3.to_checksum_address(contracts["LocalFaucet"]["address"]),
        abi=contracts["LocalFaucet"]["abi"],
    )
    bank = rpc(url, "eth_accounts")[0]
    batch(url, "anvil_setBalance", [(address, hex(COIN)) for address in addresses])
    first = int(rpc(url, "eth_getTransactionCount", bank, "latest"), 16)
    drips = [
        (
            {
                "from": bank,
                "to": faucet.address,
                "data": faucet.encode_abi("drip", [address, DML_WEI]),
                "nonce": hex(nonce),
            },
        )
        for nonce, address in enumerate(addresses, first)
    ]
    await_included(url, batch(url, "eth_sendTransaction", drips))
