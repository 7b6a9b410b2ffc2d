"""A dispatcher that dies in mid-round: what was answered is not asked again, and the server's state goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from backend.domain.task import Task
from backend.domain.ticket import RoundClosed, Status, Ticket
from fl_nodes.protocol.operator_tasks import Aggregated, AggregateTask, Metrics
from fl_nodes.protocol.signing import report_text
from fl_nodes.protocol.tasks import ObjectRef, TaskKind, ValidationReport
from fl_nodes.protocol.wire import from_wire
from tests.unit.dispatch.scripted_workers import METRICS, ScriptedWorkers, sign
from tests.unit.dispatch.test_job_loop import ESCROW, KEYS, World, make_world


class Died(Exception):
    """The dispatcher was killed here."""


class DyingTickets:
    """Tickets whose dispatcher is killed when a round is about to close."""

    def __init__(self, tickets: Any, number: int) -> None:
        self._tickets = tickets
        self._number = number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tickets, name)

    def advance(self, ticket_id: str, change: Any) -> Ticket:
        if isinstance(change, RoundClosed) and change.record.number == self._number:
            raise Died
        advanced: Ticket = self._tickets.advance(ticket_id, change)
        return advanced


class Remembering(ScriptedWorkers):
    """An aggregator that keeps state from round to round, and updates of 0xT4 that look suspicious."""

    def __init__(self, *given: Any, **behaviour: Any) -> None:
        super().__init__(*given, **behaviour)
        self.states: list[ObjectRef | None] = []

    def _aggregate(self, task: Task) -> Aggregated:
        asked = from_wire(AggregateTask, task.payload)
        self.states.append(asked.state)
        state = self._put(asked.next_state, f"state {asked.round} of {len(asked.updates)}".encode())
        made = super()._aggregate(task)
        return replace(made, state=state)

    def _evaluate(self, task: Task) -> Metrics:
        return replace(METRICS, loss=0.05) if "without" in task.id else METRICS

    def _validate(self, task: Task) -> ValidationReport:
        report = super()._validate(task)
        worse = {"loss_ppm": 9_000_000, "norm_ppm": 90_000_000, "cosine_ppm": -900_000}
        scores = tuple(replace(s, **worse) if s.trainer == "0xT4" else s for s in report.scores)
        unsigned = replace(report, scores=scores, signature="")
        return replace(unsigned, signature=sign(KEYS[report.validator], report_text(31337, ESCROW, unsigned)))


def remembering(world: World) -> Remembering:
    return Remembering(world.parts.tasks, world.parts.objects, KEYS, 31337, ESCROW)


@pytest.mark.parametrize("number", [1, 2])
def test_run_job__killed_before_a_round_closes__asks_nothing_twice_and_keeps_the_servers_state(
    number: int,
) -> None:
    world = make_world(rounds=3, server_optimizer="momentum")
    tickets = world.parts.tickets
    with remembering(world) as first:
        world.parts = replace(world.parts, tickets=DyingTickets(tickets, number))  # type: ignore[arg-type]
        with pytest.raises(Died):
            world.run()
        world.parts = replace(world.parts, tickets=tickets)
        after = world.run()
    assert after.status is Status.SETTLING
    undisturbed = make_world(rounds=3, server_optimizer="momentum")
    with remembering(undisturbed) as other:
        expected = undisturbed.run()
    assert Counter(first.kinds) == Counter(other.kinds)
    assert first.kinds.count(TaskKind.AGGREGATE) > 3
    assert [s.sha256 if s else None for s in first.states] == [s.sha256 if s else None for s in other.states]
    assert [r.state_sha256 for r in after.rounds] == [r.state_sha256 for r in expected.rounds]
    assert all(r.aggregation and r.aggregation["left_out"] == ["0xT4"] for r in after.rounds)
    assert [r.root for r in after.rounds] == [r.root for r in expected.rounds]
