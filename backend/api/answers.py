"""What workers may answer to each kind of task; anything else is refused before it is stored."""

from __future__ import annotations

from typing import Any

from fl_nodes.protocol.ledger_tasks import LedgerSignature
from fl_nodes.protocol.operator_tasks import Aggregated, Exported, Metrics
from fl_nodes.protocol.tasks import Benchmarked, Commitment, Reveal, Stored, TaskKind, ValidationReport
from fl_nodes.protocol.verdict_tasks import VerdictSignature
from fl_nodes.protocol.wire import from_wire

_ANSWERS: dict[TaskKind, type] = {
    TaskKind.TRAIN: Commitment,
    TaskKind.REVEAL: Reveal,
    TaskKind.VALIDATE: ValidationReport,
    TaskKind.SIGN_VERDICT: VerdictSignature,
    TaskKind.INITIALIZE: Stored,
    TaskKind.ROOT_UPDATE: Stored,
    TaskKind.AGGREGATE: Aggregated,
    TaskKind.EVALUATE: Metrics,
    TaskKind.EXPORT: Exported,
    TaskKind.BENCHMARK: Benchmarked,
    TaskKind.SEAL_EPOCH: LedgerSignature,
    TaskKind.SIGN_CHECKPOINT: LedgerSignature,
}


def check_answer(kind: TaskKind, result: dict[str, Any]) -> None:
    """WireError names the field of `result` that is not what a task of this kind is answered with."""
    from_wire(_ANSWERS[kind], result)
