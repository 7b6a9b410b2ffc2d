"""The settlement on memory adapters, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTickets
from backend.adapters.memory.carbon import MemoryCarbon
from backend.adapters.memory.chain import MemoryMarket
from backend.domain.ticket import (
    Accepted,
    RoundClosed,
    RoundRecord,
    Selected,
    Status,
    Ticket,
    TrainingFinished,
    Uploaded,
    VerdictRecord,
    VerdictSigned,
)
from backend.settlement.mirror import Mirror
from backend.settlement.reconcile import reconcile
from backend.settlement.settler import Settler
from tests.support.clock import ManualClock
from tests.support.jobs import FACTS, fail_verdict, quoted_ticket, settle_verdict

CUSTOMER = "0x00000000000000000000000000000000000000C1"
TRAINERS = tuple(f"0x00000000000000000000000000000000000000A{n}" for n in range(1, 5))
VALIDATORS = tuple(f"0x00000000000000000000000000000000000000B{n}" for n in range(1, 4))
RATINGS = [(5_000 + (5_000 * 7 + 10_000 * n // 7) // 8) // 2 for n in (4, 5, 6, 7)]
"""The trainers' after one job of the scores that `settle_verdict` gives."""


class CountingMarket(MemoryMarket):
    """Counts what was asked of it and can be made to raise."""

    trouble: dict[str, Exception]
    tried: list[str]

    def carry_out(self, effect, ticket):
        self.tried.append(effect.key)
        if effect.key in self.trouble:
            raise self.trouble[effect.key]
        return super().carry_out(effect, ticket)


@dataclass
class World:
    """All parts of the settler."""

    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.market = CountingMarket(self.clock)
        self.market.trouble, self.market.tried = {}, []
        self.carbon = MemoryCarbon()
        self.tickets = MemoryTickets(self.clock)
        self.effects = self.tickets.effects
        self.nodes = MemoryNodes()
        self.cursors = MemoryCursors()
        self.mirror = Mirror(self.market, self.tickets, self.nodes, self.cursors, self.effects, self.clock)
        self.settler = Settler(self.market, self.carbon, self.tickets, self.effects, clock=self.clock)
        for number, trainer in enumerate(TRAINERS):
            self.market.staking.register(trainer, f"0xKeyA{number}", f"trainer-{number}", ("trainer",))
        for number, validator in enumerate(VALIDATORS):
            self.market.staking.register(validator, f"0xKeyB{number}", f"validator-{number}", ("validator",))

    def run(self) -> None:
        """Mirror and settle until nothing is left to do now."""
        while self.mirror.run_once() + self.settler.run_once():
            pass

    def sweep(self) -> int:
        """Reconcile."""
        return reconcile(self.tickets, self.market, self.clock)

    def quoted(self, name: str = "t_1", seconds: int = 600, rounds: int = 1) -> Ticket:
        """A stored quote."""
        ticket = quoted_ticket(name, CUSTOMER, int(self.clock()) + seconds, rounds=rounds)
        self.tickets.add(ticket)
        return ticket

    def funded(self, name: str = "t_1", **asked: int) -> Ticket:
        """Paid and mirrored."""
        ticket = self.quoted(name, **asked)
        self.market.open_job_for(ticket)
        self.run()
        return self.tickets.get(name)

    def queued(self, name: str = "t_1", **asked: int) -> Ticket:
        """Uploaded and accepted."""
        self.funded(name, **asked)
        self.tickets.advance(name, Uploaded("key"))
        return self.tickets.advance(name, Accepted(FACTS))

    def running(self, name: str = "t_1", **asked: int) -> Ticket:
        """Assigned."""
        self.queued(name, **asked)
        self.tickets.advance(name, Selected(TRAINERS))
        self.run()
        return self.tickets.get(name)

    def drawing(self, name: str = "t_1", **asked: int) -> Ticket:
        """Trainers are chosen; their validators cannot be drawn for another 100 s."""
        self.market.draw_s = 100.0
        return self.running(name, **asked)

    def bound(self) -> set[str]:
        """Nodes that a job holds, as the chain has it; the mirror must say the same."""
        self.mirror.run_once()
        held = {p for p in (*TRAINERS, *VALIDATORS) if self.market.node(p).assigned_jobs}
        assert held == {n.provider for n in self.nodes.all() if n.assigned_jobs}
        return held

    def close_round(self, name: str, number: int = 1) -> Ticket:
        """A round closes."""
        record = RoundRecord(number, "ab" * 32, "key", "cd" * 32, {}, (), 1.0)
        return self.tickets.advance(name, RoundClosed(record))

    def judged(self, verdict: VerdictRecord, name: str = "t_1") -> Ticket:
        """Trained for a round and judged by all validators; nothing of that is on chain yet."""
        self.running(name)
        self.close_round(name)
        self.tickets.advance(name, TrainingFinished({}, {}, {}))
        return self.tickets.advance(name, VerdictSigned(replace(verdict, signatures=VALIDATORS)))

    def failing(self, *culprits: str) -> Ticket:
        """About to fail on chain."""
        return self.judged(fail_verdict(culprits))

    def settling(self, name: str = "t_1") -> Ticket:
        """About to settle on chain."""
        return self.judged(settle_verdict(TRAINERS), name)

    def status(self, name: str = "t_1") -> Status:
        """Where the ticket stands."""
        return self.tickets.get(name).status

    def effect(self, name: str) -> str | None:
        """State of one of t_1's effects."""
        return self.effects.state(f"t_1/{name}")
