"""The carbon chain through web3, for what a ticket has done there."""

from __future__ import annotations

from backend.adapters.chain.certificates import CONTRACT, Web3Certificates
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.credits import Contents, CreditReader, Web3Credits
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.fees import Pace
from backend.adapters.chain.ledger import Web3Ledger
from backend.adapters.chain.publications import Web3Publications
from backend.adapters.chain.sender import Sender
from backend.domain.credit_effects import FixBaseline, IssueCredits
from backend.domain.effects import Effect, Publish
from backend.domain.ticket import Ticket
from backend.errors import NotFound, Unrecoverable
from fl_nodes.protocol.ledger_epoch import EpochContent


def no_contents(index: int) -> EpochContent:
    """For whoever issues no credits."""
    raise NotFound("ledger.unknown", f"What epoch {index} of the energy ledger holds is not known here.")


class Web3Carbon:
    """`ports.CarbonChain`. `contents` says what sealed epochs hold: credits are issued from them."""

    def __init__(
        self,
        deployments: Deployments,
        rpc_url: str,
        operator_key: str,
        confirmations: int = 1,
        pace: Pace | None = None,
        contents: Contents = no_contents,
    ) -> None:
        if deployments.carbon is None:
            raise Unrecoverable("deployments.incomplete", "The deployments hold no carbon chain.")
        self._connection = Connection(deployments.carbon, rpc_url)
        self.publications = Web3Publications(self._connection)
        self.credits = CreditReader(self._connection, confirmations)
        self._credits = Web3Credits(self._connection, contents)
        self._sender = Sender(self._connection, operator_key, pace or Pace(confirmations))
        self.ledger = Web3Ledger(self._connection, self._sender, confirmations)
        self.certificates = (
            Web3Certificates(self._connection, self._sender)
            if CONTRACT in deployments.carbon.contracts
            else None
        )

    def head(self) -> int:
        """The chain's newest block."""
        with self._connection.use() as web3:
            return int(web3.eth.block_number)

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:  # noqa: ARG002 -- the port's form
        """Do it once; the transaction's hash, also where it was done before."""
        if isinstance(effect, Publish):
            return self.publications.publish(effect, self._sender)
        if isinstance(effect, FixBaseline):
            return self._credits.fix(effect, self._sender)
        if isinstance(effect, IssueCredits):
            return self._credits.issue(effect, self._sender)
        raise Unrecoverable("chain.not_ours", f"{type(effect).__name__} is no effect of the carbon chain.")
