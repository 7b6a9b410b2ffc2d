"""Which statement behind a verdict is not signed by the one it speaks for."""

from __future__ import annotations

from fl_nodes.protocol.signing import benchmarked_text, commitment_text, report_text
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.signatures import signed_by


def forged(task: VerdictTask) -> str:
    """Which report, commitment or benchmark is not signed by the one it speaks for; empty when all are."""
    for report in task.reports:
        key = task.validator_keys.get(report.validator)
        if key is None or not signed_by(
            key, report_text(task.chain_id, task.escrow, report), report.signature
        ):
            return f"a report on round {report.round} is not signed by its validator {report.validator}"
    for commitment in task.commitments:
        key = task.trainer_keys.get(commitment.trainer)
        text = commitment_text(task.chain_id, task.escrow, commitment)
        if key is None or not signed_by(key, text, commitment.signature):
            return (
                f"a commitment to round {commitment.round} is not signed by its trainer {commitment.trainer}"
            )
    for provider, said in (task.energy_basis.baselines if task.energy_basis else {}).items():
        key = task.trainer_keys.get(provider)
        text = benchmarked_text(task.chain_id, task.escrow, said)
        if key is None or not signed_by(key, text, said.signature):
            return f"the benchmark given as that of {provider} is not signed by it"
    return ""
