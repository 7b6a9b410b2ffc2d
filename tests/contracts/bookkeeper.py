"""What an outsider writes down about the market, move by move, and holds against the chain.

It is told what was asked and who signed, never what the contracts answered.
"""

from collections import Counter
from dataclasses import dataclass, field

from escrow_world import (
    ABSENT,
    ACTIVE,
    ASSIGNED,
    BANNED,
    CANCELLED,
    CONTESTED,
    DRAWING,
    EXITING,
    FAILED,
    NAMED,
    NEWCOMER_BPS,
    OPEN,
    RECLAIMED,
    SETTLED,
    SLASHED,
    Job,
)
from payout_tree import PayoutTree

LIVE = OPEN, DRAWING, ASSIGNED


@dataclass
class Entry:
    """One job."""

    job: Job
    fee_wei: int
    commission_wei: int
    deadline: int
    status: int = OPEN
    released: bool = False
    tree: PayoutTree | None = None
    claimed: set[int] = field(default_factory=set)
    accusations: dict[str, int] = field(default_factory=dict)
    ready_at: int = 0

    @property
    def pool_wei(self) -> int:
        return self.fee_wei - self.commission_wei

    @property
    def binding(self) -> tuple[str, ...]:
        """The nodes that may not take their deposits out because of this job; none before it has trainers."""
        return () if self.released else self.job.nodes

    def honest(self) -> list[str]:
        return [t for t in self.job.trainers if t not in self.accusations]


@dataclass
class Node:
    deposit_wei: int
    role: int
    state: int = ACTIVE
    exit_at: int = 0


class Books:
    def __init__(self, customer: str, treasury: str, funds_wei: int, commission_bps: int) -> None:
        self.customer = customer
        self.treasury = treasury
        self.commission_bps = commission_bps
        self.jobs: list[Entry] = []
        self.nodes: dict[str, Node] = {}
        self.tokens = Counter({customer: funds_wei})
        """DML that accounts hold."""
        self.credits: Counter[str] = Counter()
        """DML that the escrow owes to accounts."""
        self.slashed: Counter[str] = Counter()
        """Coins that the staking owes to accounts."""
        self.quality_bps: dict[str, int] = {}
        """What verdicts have shown of trainers."""

    # --- sums -----------------------------------------------------------------------------------

    @property
    def open_fees_wei(self) -> int:
        return sum(entry.fee_wei for entry in self.jobs if entry.status in LIVE)

    @property
    def owed_wei(self) -> int:
        """Credits, and the leaves of payout trees that nobody has claimed."""
        unclaimed = (
            wei
            for entry in self.jobs
            if entry.tree
            for index, (_, wei) in enumerate(entry.tree.payouts)
            if index not in entry.claimed
        )
        return sum(self.credits.values()) + sum(unclaimed)

    def deposits_wei(self, state: int) -> int:
        return sum(node.deposit_wei for node in self.nodes.values() if node.state == state)

    def bound(self, node: str) -> int:
        return sum(entry.binding.count(node) for entry in self.jobs)

    def frozen(self, node: str) -> int:
        return sum(entry.accusations.get(node) in (NAMED, CONTESTED) for entry in self.jobs)

    # --- jobs -----------------------------------------------------------------------------------

    def opened(self, job: Job, fee_wei: int, deadline: int) -> None:
        self.jobs.append(Entry(job, fee_wei, fee_wei * self.commission_bps // 10_000, deadline))
        self.tokens[self.customer] -= fee_wei

    def chosen(self, entry: Entry, job: Job) -> None:
        entry.job, entry.status = job, DRAWING

    def drawn(self, entry: Entry, job: Job) -> None:
        entry.job, entry.status = job, ASSIGNED

    def settled(self, entry: Entry, amounts: list[int], accuracies_ppm: list[int]) -> None:
        entry.status, entry.released = SETTLED, True
        self.credits.update(dict(zip(entry.job.trainers, amounts, strict=True)))
        self.credits[self.treasury] += entry.commission_wei
        best = max(accuracies_ppm) or 1
        for trainer, accuracy in zip(entry.job.trainers, accuracies_ppm, strict=True):
            before = self.quality_bps.get(trainer, NEWCOMER_BPS)
            self.quality_bps[trainer] = (before * 7 + 10_000 * accuracy // best) // 8

    def settled_by_root(self, entry: Entry, tree: PayoutTree) -> None:
        entry.status, entry.tree = SETTLED, tree
        self.credits[self.treasury] += entry.commission_wei

    def claimed(self, entry: Entry, index: int) -> None:
        assert entry.tree
        entry.claimed.add(index)
        payee, wei = entry.tree.payouts[index]
        self.credits[payee] += wei

    def failed(self, entry: Entry, culprits: list[str], ready_at: int) -> None:
        entry.status, entry.released = FAILED, True
        entry.accusations = dict.fromkeys(culprits, NAMED)
        entry.ready_at = ready_at if culprits else 0
        self.credits[self.customer] += entry.fee_wei

    def cancelled(self, entry: Entry) -> None:
        entry.released, entry.status = entry.status == OPEN, CANCELLED
        self.credits[self.customer] += entry.fee_wei

    def reclaimed(self, entry: Entry) -> None:
        entry.released, entry.status = entry.status == OPEN, RECLAIMED
        self.tokens[self.customer] += entry.fee_wei

    def withdrawn(self, account: str) -> None:
        self.tokens[account] += self.credits.pop(account)

    # --- nodes ----------------------------------------------------------------------------------

    def left(self, node: str) -> None:
        self.nodes[node].deposit_wei, self.nodes[node].state = 0, ABSENT

    def exiting(self, node: str, exit_at: int) -> None:
        self.nodes[node].state, self.nodes[node].exit_at = EXITING, exit_at

    def slash(self, entry: Entry, culprit: str) -> None:
        entry.accusations[culprit] = SLASHED
        node = self.nodes[culprit]
        people = entry.honest() or [self.treasury]
        share, odd = divmod(node.deposit_wei, len(people))
        for i, account in enumerate(people):
            self.slashed[account] += share + (i < odd)
        node.deposit_wei, node.state = 0, BANNED
