"""A sender whose sleep is the test's, so that the test decides what happens while it waits."""

from __future__ import annotations

from collections.abc import Callable

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.fees import Pace
from backend.adapters.chain.sender import Sender
from tests.integration.chain.conftest import Stage
from tests.support.chains import DML

HASTY = Pace(stuck_s=1.0, give_up_s=100.0, poll_s=0.5, slowest_poll_s=0.5)
AMOUNT_WEI = 5 * DML


class WaitingSender:
    """Drips coins to a stranger."""

    def __init__(
        self, stage: Stage, pace: Pace = HASTY, who: str = "operator", replaces: bool = True
    ) -> None:
        self.stage = stage
        self.now = 0.0
        self.naps: list[Callable[[], object]] = []
        connection = Connection(stage.world.deployments.market, stage.world.rpc_url)
        self.sender = Sender(connection, stage.world.key(who), pace, replaces, self.sleep, lambda: self.now)
        self.to = stage.world.person("stranger").address
        self.token = stage.world.contract("DMLToken").functions
        self.drip = connection.contract("LocalFaucet").functions.drip(self.to, AMOUNT_WEI)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.naps:
            self.naps.pop(0)()

    def held(self) -> int:
        """What the stranger holds, in wei of DML."""
        return int(self.token.balanceOf(self.to).call())

    def done(self) -> str | None:
        """Dripped already."""
        return "before" if self.held() else None

    def balance_wei(self) -> int:
        """What the account has for gas."""
        return int(self.stage.world.web3.eth.get_balance(self.sender.address))

    def nonce(self, block: str = "latest") -> int:
        """The account's next nonce."""
        return int(self.stage.world.web3.eth.get_transaction_count(self.sender.address, block))

    def pause_mining(self) -> None:
        self.stage.world.rpc("evm_setAutomine", False)

    def overtaken_by(self, other: WaitingSender) -> None:
        """While what it will send waits, another of the same account sends with the same nonce and is mined."""
        self.pause_mining()

        def overtake() -> None:
            other.naps = [other.mine]
            other.sender.transfer(self.to, 1)

        self.naps = [overtake]

    def mine(self) -> None:
        self.stage.world.mine()
