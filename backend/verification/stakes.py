"""The nodes' standing at any point of the chain, rebuilt from events alone: of NodeStaking, and of the escrow's verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.ports import ChainEvent
from fl_nodes.protocol.scores import decode
from fl_nodes.protocol.signing import bytes32

NEWCOMER_BPS = 5_000
BEST_BPS = 10_000
INERTIA = 8
"""Quality moves one part in so many of the way to what a job showed."""
TRAINER, VALIDATOR = 1, 2
ACTIVE, EXITING, BANNED, GONE = "active", "exiting", "banned", "gone"


@dataclass(frozen=True)
class Stake:
    """One provider's node. `staked_block` is when its deposit last grew; `baseline_bps` is what a benchmark showed and
    `quality_bps` what verdicts showed. These three outlive an exit.
    """

    state: str = GONE
    key: str = ""
    roles: int = 0
    deposit_wei: int = 0
    frozen: int = 0
    staked_block: int = 0
    baseline_bps: int = NEWCOMER_BPS
    quality_bps: int = NEWCOMER_BPS

    @property
    def rating_bps(self) -> int:
        """What weighs in a draw, beside the deposit."""
        return (self.baseline_bps + self.quality_bps) // 2

    def available(self, role: int) -> bool:
        """Whether it can be given a new job in this role."""
        return self.state == ACTIVE and self.frozen == 0 and self.roles & role != 0


def rebuild(events: Iterable[ChainEvent]) -> dict[str, Stake]:
    """Every provider's node after these events."""
    stakes: dict[str, Stake] = {}
    for event in events:
        said = event.args
        if event.contract == "NodeStaking" and "provider" in said:
            stakes[said["provider"]] = _after(stakes.get(said["provider"], Stake()), event)
        elif event.name == "JobSettled":
            for payee, bps in zip(said["payees"], showed(said), strict=False):
                stake = stakes.get(payee, Stake())
                stakes[payee] = replace(stake, quality_bps=moved_quality(stake.quality_bps, bps))
    return stakes


def weights(stakes: Mapping[str, Stake], role: int, staked_before: int) -> dict[str, int]:
    """Who takes part in a draw, with deposit x rating; stakes touched in block `staked_before` or later do not."""
    return {
        provider: stake.deposit_wei * stake.rating_bps
        for provider, stake in stakes.items()
        if stake.available(role) and stake.staked_block < staked_before
    }


def moved_quality(quality_bps: int, showed_bps: int) -> int:
    """Where a job moves a quality to."""
    return (quality_bps * (INERTIA - 1) + showed_bps) // INERTIA


def showed(settled: Mapping[str, Any]) -> list[int]:
    """Each payee's accuracy over the best one's, in basis points."""
    accuracies = [decode(bytes32(word), "").accuracy_ppm for word in settled["scores"]]
    best = max(accuracies, default=0)
    return [BEST_BPS * accuracy // best if best else 0 for accuracy in accuracies]


def _after(stake: Stake, event: ChainEvent) -> Stake:
    said = event.args
    match event.name:
        case "NodeRegistered":
            node = {"key": said["nodeKey"], "roles": said["roles"], "deposit_wei": said["deposit"]}
            return replace(stake, state=ACTIVE, frozen=0, staked_block=event.block, **node)
        case "DepositIncreased":
            return replace(stake, deposit_wei=said["deposit"], staked_block=event.block)
        case "ExitRequested":
            return replace(stake, state=EXITING)
        case "DepositWithdrawn":
            return replace(stake, state=GONE, key="", roles=0, deposit_wei=0)
        case "NodeFrozen":
            return replace(stake, frozen=stake.frozen + 1)
        case "NodeUnfrozen":
            return replace(stake, frozen=stake.frozen - 1)
        case "NodeSlashed":
            return replace(stake, deposit_wei=0, frozen=stake.frozen - 1)
        case "NodeBanned":
            return replace(stake, state=BANNED)
        case "BaselineChanged":
            return replace(stake, baseline_bps=said["baseline"])
        case _:
            return stake
