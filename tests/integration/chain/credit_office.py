"""Credits of a job on a real chain: a baseline fixed before it, its epoch signed by real nodes, its credits issued."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTasks, MemoryTickets
from backend.dispatch.credit_papers import CreditPapers
from backend.dispatch.epoch_papers import epoch_papers
from backend.dispatch.ledger_keeper import LedgerKeeper
from backend.domain.credit_effects import FixBaseline, FixedBaseline, IssueCredits
from backend.domain.ticket import Moment, Status, Ticket
from backend.energy.chain_energy import figures
from fl_nodes.protocol.credit_baseline import CreditBaseline
from tests.integration.chain.conftest import Stage
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.chains import CHALLENGE_S
from tests.support.jobs import settle_verdict
from tests.support.ledger import GRID

MARGIN_S = 300


def opened(stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """Whose readings are of this hour, or of the next where that is near."""
    hour = (stage.world.now() + MARGIN_S) // 3600
    monkeypatch.setattr("tests.support.ledger.GRID", replace(GRID, hour=hour))
    tickets = MemoryTickets(time.time)
    tasks, nodes, cursors = MemoryTasks(time.time), MemoryNodes(), MemoryCursors()
    return LedgerOffice(
        *(stage.world, tickets, tickets.effects, tasks, nodes, cursors),
        lambda: stage.carbon.ledger,
        time.time,
        folder,
    )


def keeper_of_credits(office: LedgerOffice) -> Web3Carbon:
    """The operator's side of the carbon chain, which knows what epochs hold."""
    return Web3Carbon(
        office.world.deployments,
        office.world.rpc_url,
        office.world.key("operator"),
        contents=lambda index: epoch_papers(office.ledger().epoch(index).terms, office.objects).content,
    )


def finished(office: LedgerOffice, baseline_ug: int = 3_000) -> tuple[Ticket, FixBaseline]:
    """A job of all trainers that has ended, and the effect that fixes its baseline."""
    made = office.crew.finished("t_1", office.trainers)
    baseline = CreditBaseline(made.job_id, 36_000, baseline_ug, 40_000_000, 8, "0x" + "d0" * 32)
    return made, FixBaseline("t_1", made.job_id, baseline)


def sealed(office: LedgerOffice, ticket: Ticket, fixed_at: int) -> Ticket:
    """A settled ticket in an epoch, whose work began at this moment."""
    started = float(office.world.now())
    _, effect = finished(office)
    told = replace(
        ticket,
        verdict=settle_verdict(office.trainers),
        baseline=FixedBaseline(effect.baseline, fixed_at, "0xab"),
        timeline=(Moment(Status.RUNNING, started),),
    )
    for file in office.folder.rglob("*.json"):
        # The chain's clock may be ahead of this machine's.
        os.utime(file, (started + MARGIN_S, started + MARGIN_S))
    office.tickets.add(told)
    parts = replace(office.keeper._parts, extras=CreditPapers(office.objects, figures("20", "20")))
    office.keeper = LedgerKeeper(parts, "me")
    office.until_sealed("t_1")
    return office.tickets.get("t_1")


def issued(office: LedgerOffice, carbon: Web3Carbon) -> Ticket:
    """A job whose credits were issued to its trainers; the chain's clock is past the epoch's window."""
    ticket, fix = finished(office)
    carbon.carry_out(fix, ticket)
    contract = office.world.contract("CarbonCredit")
    kept = contract.functions.baselineOf(bytes.fromhex(ticket.job_id[2:])).call()
    ticket = sealed(office, ticket, kept.fixedAt)
    office.world.pass_time(CHALLENGE_S)
    carbon.carry_out(IssueCredits("t_1", ticket.job_id, 0), ticket)
    return ticket
