"""The staking contract in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from backend.domain.node import Node
from backend.errors import Conflict
from fl_nodes.protocol.payout import divide

Emit = Callable[[str, str, dict[str, Any]], str]
INITIAL_RATING_BPS = 5_000
NO_NODE = Node("", "0x" + "0" * 40, "", (), "0", 0, "None")


class MemoryStaking:
    """Deposits of nodes; `credits` holds native wei of slashed deposits, `paid` those that were paid out."""

    def __init__(self, emit: Emit) -> None:
        self.credits: dict[str, int] = {}
        self.paid: dict[str, int] = {}
        self._emit = emit
        self._nodes: dict[str, Node] = {}
        self._frozen: dict[str, int] = {}
        self._quality: dict[str, int] = {}
        self._paid_in: dict[str, str] = {}

    def register(
        self, provider: str, key: str, name: str, roles: tuple[str, ...], deposit_wei: int = 10**17
    ) -> Node:
        """A provider stakes; the node. Conflict `chain.rejected` for one that is there already or was banned."""
        if provider in self._nodes:
            raise Conflict("chain.rejected", f"{provider} is registered already.")
        self._nodes[provider] = Node(
            provider, key, name, roles, str(deposit_wei), INITIAL_RATING_BPS, "Active"
        )
        bits = sum({"trainer": 1, "validator": 2}[role] for role in roles)
        said = {"provider": provider, "nodeKey": key, "name": name, "roles": bits, "deposit": deposit_wei}
        self._emit("NodeStaking", "NodeRegistered", said)
        return self._nodes[provider]

    def node(self, provider: str) -> Node:
        """A provider's standing; state "None" for a stranger."""
        return self._nodes.get(provider, replace(NO_NODE, provider=provider))

    def is_available(self, provider: str, role: str) -> bool:
        """Whether it can be assigned to a new job in `role`."""
        node = self.node(provider)
        return node.state == "Active" and not node.frozen and role in node.roles

    def available(self, role: str) -> list[str]:
        """Providers that can be assigned in `role`, in order of registration."""
        return [provider for provider in self._nodes if self.is_available(provider, role)]

    def lock(self, providers: Iterable[str]) -> None:
        """One more job."""
        for provider in providers:
            self._change(provider, assigned_jobs=self._nodes[provider].assigned_jobs + 1)

    def release(self, providers: Iterable[str]) -> None:
        """One job less."""
        for provider in providers:
            self._change(provider, assigned_jobs=self._nodes[provider].assigned_jobs - 1)

    def judge(self, accuracy: Mapping[str, int]) -> None:
        """A job's trainers did this well: each one's quality, half of its rating, moves an eighth of the way to its part
        of the best."""
        best = max([1, *accuracy.values()])
        for provider, own in accuracy.items():
            before = self._quality.get(provider, INITIAL_RATING_BPS)
            self._quality[provider] = (before * 7 + 10_000 * own // best) // 8
            self._change(provider, rating_bps=(INITIAL_RATING_BPS + self._quality[provider]) // 2)

    def freeze(self, provider: str) -> None:
        """Accused."""
        self._frozen[provider] = self._frozen.get(provider, 0) + 1
        self._change(provider, frozen=True)
        self._emit("NodeStaking", "NodeFrozen", {"provider": provider})

    def unfreeze(self, provider: str) -> None:
        """Acquitted."""
        self._thaw(provider)
        self._emit("NodeStaking", "NodeUnfrozen", {"provider": provider})

    def slash(self, culprit: str, beneficiaries: Sequence[str]) -> tuple[int, tuple[int, ...]]:
        """Take and split the deposit, ban for life; (wei taken, shares)."""
        self._thaw(culprit)
        amount = int(self._nodes[culprit].deposit_wei)
        first = [1] * len(beneficiaries)
        shares = divide(amount, first)
        for beneficiary, share in zip(beneficiaries, shares, strict=True):
            self.credits[beneficiary] = self.credits.get(beneficiary, 0) + share
        self._change(culprit, deposit_wei="0", state="Banned")
        split = {"amount": amount, "beneficiaries": list(beneficiaries), "shares": list(shares)}
        self._emit("NodeStaking", "NodeSlashed", {"provider": culprit, **split})
        self._emit("NodeStaking", "NodeBanned", {"provider": culprit})
        return amount, shares

    def withdraw_credit(self, account: str) -> str:
        """Pay an account its shares of slashed deposits; the transaction's hash, "" if there never were any."""
        amount = self.credits.pop(account, 0)
        if not amount:
            return self._paid_in.get(account, "")
        self.paid[account] = self.paid.get(account, 0) + amount
        said = {"account": account, "amount": amount}
        self._paid_in[account] = self._emit("NodeStaking", "CreditWithdrawn", said)
        return self._paid_in[account]

    def _thaw(self, provider: str) -> None:
        self._frozen[provider] -= 1
        self._change(provider, frozen=self._frozen[provider] > 0)

    def _change(self, provider: str, **change: Any) -> None:
        self._nodes[provider] = replace(self._nodes[provider], **change)
