"""The two sums of the market that must always come out, read at one block: what it holds is what it owes."""

from __future__ import annotations

from backend.adapters.chain.connection import Connection


class MoneySums:
    """Differences in wei between what contracts hold and what their books say; 0 while all is well.

    A donation makes the first positive: nobody can be kept from sending tokens to a contract.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def differences_wei(self) -> dict[str, int]:
        """`escrow` (tokens against open fees and credits) and `deposits` (coin against active, unbonding, slashed)."""
        escrow_at, staking_at = (self._connection.contract(name) for name in ("JobEscrow", "NodeStaking"))
        token = self._connection.contract("DMLToken").functions
        escrow, staking = escrow_at.functions, staking_at.functions
        with self._connection.use() as web3:
            block = int(web3.eth.block_number)

            def at(call: object) -> int:
                return int(call.call(block_identifier=block))  # type: ignore[attr-defined]

            return {
                "escrow": at(token.balanceOf(escrow_at.address))
                - at(escrow.openFees())
                - at(escrow.totalCredits()),
                "deposits": int(web3.eth.get_balance(staking_at.address, block))
                - at(staking.totalActive())
                - at(staking.totalUnbonding())
                - at(staking.totalSlashedUnclaimed()),
            }

    def head(self) -> int:
        """The chain's newest block."""
        with self._connection.use() as web3:
            return int(web3.eth.block_number)
