"""A node's benchmark: fixed work, done and committed to as rounds are, so that it can be re-run like them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fl_nodes.errors import Refused
from fl_nodes.protocol.benchmark import PARTS, job_id
from fl_nodes.protocol.signing import benchmarked_text
from fl_nodes.protocol.tasks import Benchmarked, BenchmarkTask
from fl_nodes.protocol.wire import from_wire, to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text
from fl_nodes.work.train import TrainerWork


@dataclass(frozen=True)
class BenchmarkWork:
    """What a node needs for it: the trainer's machinery, and the class of its hardware."""

    trainer: TrainerWork
    hardware: str

    def run(self, call: Call) -> Benchmarked:
        """Do every part, then sign for all of them."""
        task = from_wire(BenchmarkTask, call.payload)
        due = job_id(task.provider, task.number)
        asked = [(p.job_id, p.round, p.architecture) for p in task.parts]
        if asked != [(due, i, to_wire(p.architecture)) for i, p in enumerate(PARTS, 1)]:
            raise Refused("benchmark.other", "The benchmark asked for is not the one this node knows.")
        self.trainer.folder.release(job_id(task.provider, task.number - 1))
        parts = tuple(self.trainer.commit_to(part, call.check) for part in task.parts)
        done = Benchmarked(task.provider, task.number, parts, self.hardware)
        market = self.trainer.market()
        text = benchmarked_text(market.chain_id, market.escrow, done)
        return replace(done, signature=sign_text(self.trainer.who.account, text))
