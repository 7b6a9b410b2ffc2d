"""Nodes with real keys that train in name only, tickets whose readings wait for sealing, and the nodes' answers to the keeper."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from backend.domain.intensity import Intensity
from backend.domain.node import Node
from backend.domain.task import TaskState
from backend.domain.ticket import Ticket
from backend.domain.ticket_record import Status
from backend.energy.carbon import ledger_readings
from backend.energy.statement import RoundTimes, StatementInputs, statement
from backend.ports import Nodes, Objects, Tasks
from backend.verification.job_rounds import JobRounds
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.connection import Introduction, Market
from fl_nodes.protocol.hashing import canonical_json, digest
from fl_nodes.protocol.signing import commitment_text
from fl_nodes.protocol.tasks import Commitment, EnergyReading, ObjectRef, Role, TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text
from fl_nodes.work.own_claims import OwnClaims
from fl_nodes.work.seal import SealWork
from tests.support.jobs import fail_verdict, quoted_ticket

HOUR = 480_000
GRID = Intensity("DE", HOUR, 300_000, "hourly", "a test", "2024", False, 100_000)
CUSTOMER = "0x00000000000000000000000000000000000000C1"


class FetchedObjects:
    """What a node fetches, straight from a store."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def fetch(self, ref: ObjectRef, limit: int = 0, keep: bool = False) -> bytes:
        key = ref.url.partition("objects/")[2].partition("?")[0]
        with self._objects.open(key) as file:
            return file.read()


@dataclass
class Member:
    """A node: its provider's wallet, its machine's key, and its part in the ledger."""

    provider: str
    key: LocalAccount
    work: SealWork
    claims: OwnClaims

    def answer(self, kind: TaskKind, payload: dict[str, Any]) -> Any:
        """Of its own free will."""
        handler = {TaskKind.SEAL_EPOCH: self.work.seal, TaskKind.SIGN_CHECKPOINT: self.work.checkpoint}[kind]
        return to_wire(handler(Call("t", kind, payload)))


@dataclass
class Crew:
    """All nodes of a market, on some stores."""

    market: Market
    tasks: Tasks
    nodes: Nodes
    objects: Objects
    folder: Path
    members: dict[str, Member] = field(default_factory=dict)

    def join(self, provider: str, key: LocalAccount) -> Member:
        """One more."""
        who = Introduction(account=key, role=Role.TRAINER, name=provider, provider=provider)
        claims = OwnClaims(self.folder / provider)
        work = SealWork(who, lambda: self.market, FetchedObjects(self.objects), claims)  # type: ignore[arg-type]
        self.members[provider] = Member(provider, key, work, claims)
        node = Node(provider, str(key.address), provider, ("trainer",), str(10**17), 5_000, "Active")
        self.nodes.mirror(node)
        return self.members[provider]

    def answer(
        self,
        silent: Collection[str] = (),
        change: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _, payload: payload,
    ) -> None:
        """All but the silent ones do what they are asked."""
        for provider, member in self.members.items():
            if provider in silent:
                continue
            for task in self.tasks.open_for(provider):
                if task.state is TaskState.OPEN:
                    self.tasks.answer(
                        task.id, provider, member.answer(task.kind, change(provider, task.payload))
                    )

    def commitment(self, job: str, number: int, provider: str, millijoules: int = 3_600) -> Commitment:
        """What a trainer says of a round, signed; it keeps a copy."""
        energy = EnergyReading(millijoules, "modelled", 300_000, "in name only", 1.0)
        setup = EnergyReading(600, "modelled", 300_000, "in name only", 0.1) if number == 1 else None
        said = Commitment(
            *(job, number, provider, digest([job, number, provider]), 10, "ab" * 32, 1, 1, 10, 0.5, 900_000),
            *(energy, 0, "in name only"),
            setup_energy=setup,
        )
        text = commitment_text(self.market.chain_id, self.market.escrow, said)
        member = self.members[provider]
        signed = replace(said, signature=sign_text(member.key, text))
        member.claims.add(signed)
        return signed

    def finished(self, name: str, trainers: Sequence[str], rounds: int = 2) -> Ticket:
        """A ticket with a verdict, its statement and its rounds published."""
        ticket = quoted_ticket(name, CUSTOMER, 2_000_000_000, rounds=rounds)
        said = [
            RoundEvidence(n, "00", tuple(self.commitment(ticket.job_id, n, t) for t in trainers), ())
            for n in range(1, rounds + 1)
        ]
        readings = ledger_readings(
            ticket.job_id.removeprefix("0x"),
            [c for of in said for c in of.commitments],
            {of.round: dict.fromkeys(trainers, GRID) for of in said},
        )
        busy = dict.fromkeys(trainers, 1000)
        inputs = StatementInputs(
            job=ticket.job_id,
            readings=readings,
            intensities=(GRID,),
            rounds=tuple(RoundTimes(of.round, 1_000, busy) for of in said),
            hardware={t: {} for t in trainers},
            expected_millijoules={},
        )
        files = {
            "energy.json": self._put(name, "energy.json", statement(inputs)),
            "rounds.json": self._put(name, "rounds.json", JobRounds("00", {}, {}, tuple(said))),
        }
        verdict = fail_verdict(())
        return replace(ticket, status=Status.REFUNDED, trainers=tuple(trainers), verdict=verdict, files=files)

    def _put(self, name: str, file: str, value: Any) -> dict[str, Any]:
        stored = self.objects.put(f"jobs/{name}/{file}", canonical_json(to_wire(value)))
        return {"key": stored.key, "sha256": stored.sha256, "size": stored.size}
