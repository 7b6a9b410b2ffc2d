"""The backend's side of a market chain in tests: tickets, mirror and settler on a clock that goes with the chain's."""

from __future__ import annotations

from dataclasses import dataclass

from backend.adapters.chain.audit import audit_money
from backend.adapters.chain.customer import pay
from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTickets
from backend.domain.ticket import (
    Accepted,
    RoundClosed,
    RoundRecord,
    Selected,
    Ticket,
    TrainingFinished,
    Uploaded,
    VerdictRecord,
    VerdictSigned,
)
from backend.settlement.kinds import KINDS
from backend.settlement.mirror import Mirror
from backend.settlement.reconcile import reconcile
from backend.settlement.settler import Settler
from tests.integration.chain.conftest import SEED_BLOCKS, Stage
from tests.support.jobs import FACTS


@dataclass
class Office:
    """The backend's side of a stage; its clock is the chain's."""

    stage: Stage

    def __post_init__(self) -> None:
        self.late = 0.0
        self.tickets = MemoryTickets(self.clock)
        self.nodes, self.cursors = MemoryNodes(), MemoryCursors()
        self.mirror = Mirror(
            self.stage.market, self.tickets, self.nodes, self.cursors, self.tickets.effects, self.clock
        )
        self.settler = Settler(
            self.stage.market,
            self.stage.carbon,
            self.tickets,
            self.tickets.effects,
            follow=self.mirror.follow,
        )

    def clock(self) -> float:
        return self.stage.world.now() + self.late

    def look(self) -> int:
        """One turn; how much was done."""
        news = self.mirror.run_once() + self.settler.run_once()
        return news + reconcile(self.tickets, self.stage.market, self.clock)

    def run(self) -> None:
        """Until nothing is left to do, however often it must be tried."""
        for _ in range(20):
            news = self.look()
            waiting = self.tickets.effects.pending(KINDS)
            if not news and not waiting:
                return
            self.late += 1.0
        raise AssertionError(f"still to do: {[queued.key for queued in waiting]}")

    def pass_time(self, seconds: int) -> None:
        self.stage.world.pass_time(seconds)
        self.late += seconds

    def paid(self, seconds: int = 600) -> Ticket:
        ticket = self.stage.quoted(seconds=seconds)
        self.tickets.add(ticket)
        return self.pay(ticket)

    def pay(self, ticket: Ticket) -> Ticket:
        """The customer pays for it, perhaps once more."""
        customer = self.stage.world.person("customer")
        pay(self.stage.world.rpc_url, self.stage.contracts, customer, self.stage.payment(ticket))
        self.run()
        return self.tickets.get(ticket.id)

    def drawing(self, seconds: int = 600) -> Ticket:
        self.paid(seconds)
        self.tickets.advance("t_1", Uploaded("key"))
        self.tickets.advance("t_1", Accepted(FACTS))
        self.tickets.advance("t_1", Selected(self.stage.trainers))
        self.run()
        return self.tickets.get("t_1")

    def running(self, seconds: int = 600) -> Ticket:
        self.drawing(seconds)
        return self.started()

    def started(self) -> Ticket:
        self.stage.world.mine(SEED_BLOCKS)
        self.late += 1.0
        self.run()
        return self.tickets.get("t_1")

    def bound(self) -> set[str]:
        """Nodes that a job holds, as mirrored."""
        self.mirror.run_once()
        return {node.provider for node in self.nodes.all() if node.assigned_jobs}

    def judged(self, verdict: VerdictRecord) -> Ticket:
        return self.judge(self.running(), verdict)

    def judge(self, ticket: Ticket, verdict: VerdictRecord) -> Ticket:
        self.tickets.advance("t_1", RoundClosed(RoundRecord(1, "ab" * 32, "key", "cd" * 32, {}, (), 1.0)))
        self.tickets.advance("t_1", TrainingFinished({}, {}, {}))
        signed = self.stage.with_verdict(ticket, verdict).verdict
        assert signed is not None
        return self.tickets.advance("t_1", VerdictSigned(signed))

    def audit(self) -> set[str]:
        """Rules that do not hold."""
        found = audit_money(
            self.stage.world.rpc_url, self.stage.world.deployments, [self.tickets.get("t_1").job_id]
        )
        return {name for name, holds in found.items() if not holds}
