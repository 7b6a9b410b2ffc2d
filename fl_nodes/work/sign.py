"""A validator's last word on a job: it signs the verdict only if it follows, in its own eyes, from signed evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fl_nodes.connection import Introduction, Market
from fl_nodes.errors import NodeError
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.verdict_tasks import VerdictSignature, VerdictTask
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_document
from fl_nodes.work.forgery import forged
from fl_nodes.work.own_reports import OwnReports, omission


@dataclass(frozen=True)
class VerdictWork:
    """What a validator needs to judge a verdict."""

    who: Introduction
    market: Callable[[], Market]
    objects: ObjectStore
    reports: OwnReports

    def sign(self, call: Call) -> VerdictSignature:
        """Sign, or say why not."""
        task = from_wire(VerdictTask, call.payload)
        refusal = self._refusal(task)
        if refusal:
            return VerdictSignature(self.who.worker, "", refusal)
        return VerdictSignature(self.who.worker, sign_document(self.who.account, verdict.typed_data(task)))

    def _refusal(self, task: VerdictTask) -> str:
        return (
            self._wrong_market(task)
            or verdict.objection(task)
            or forged(task)
            or omission(task.reports, self.reports.of(task.job_id))
            or self._other_work(task)
            or self._wrong_result(task)
        )

    def _wrong_market(self, task: VerdictTask) -> str:
        market = self.market()
        if (task.chain_id, task.escrow.lower()) != (market.chain_id, market.escrow.lower()):
            return f"the verdict is for chain {task.chain_id} and escrow {task.escrow}, not for the market I work in"
        return ""

    def _other_work(self, task: VerdictTask) -> str:
        basis, asked = task.energy_basis, self.reports.work_asked(task.job_id)
        if basis is None or asked is None or asked == digest([basis.architecture, basis.local_epochs]):
            return ""
        return "the energy claims are held against other work than the job's"

    def _wrong_result(self, task: VerdictTask) -> str:
        if task.result is None:
            return ""
        if task.result.sha256 != task.result_sha256:
            return "the result given is not the one the verdict names"
        try:
            self.objects.fetch(task.result)
        except NodeError as error:
            return f"the result could not be checked: {error.message}"
        return ""
