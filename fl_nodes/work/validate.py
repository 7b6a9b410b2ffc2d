"""A validator's work on a round: score every update, re-run the segments it is asked to, sign what it found.

Only what a trainer signed can speak against it. Whatever is not bound by its commitment (another shard, model, checkpoint
than it committed to) is the operator's doing: then the task is refused, and nobody is accused.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fl_nodes.connection import Introduction, Market
from fl_nodes.errors import Refused
from fl_nodes.meter.windows import Windows, nowhere
from fl_nodes.protocol.binding import work_digest
from fl_nodes.protocol.hashing import derive_seed, digest
from fl_nodes.protocol.signing import commitment_text, report_text
from fl_nodes.protocol.tasks import (
    Replay,
    Score,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)
from fl_nodes.protocol.verdict import LEAST_TOLERANCE
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text, signed_by
from fl_nodes.training import contribution, scoring
from fl_nodes.training.contribution import Player
from fl_nodes.work.model_files import ModelFiles
from fl_nodes.work.own_reports import OwnReports
from fl_nodes.work.replayer import Read, Replayer, check_paths


@dataclass(frozen=True)
class ValidatorWork:
    """What a validator needs."""

    who: Introduction
    market: Callable[[], Market]
    files: ModelFiles
    reports: OwnReports
    environment: str
    windows: Windows = field(default_factory=nowhere)

    @property
    def _replayer(self) -> Replayer:
        return Replayer(self.files)

    def validate(self, call: Call) -> ValidationReport:
        """Score and re-run, then sign."""
        started = time.monotonic()
        task = from_wire(ValidateTask, call.payload)
        if task.tolerance < LEAST_TOLERANCE:
            raise Refused(
                "validate.tolerance", f"A tolerance below {LEAST_TOLERANCE} would accuse honest trainers."
            )
        for update in task.updates:
            self._check_bound(task, update)
        updates = {u.commitment.update_sha256: self._replayer.read(task, u) for u in task.updates}
        report = ValidationReport(
            job_id=task.job_id,
            round=task.round,
            validator=task.validator,
            scores=self._scores(task, updates, call.check),
            replays=self._replays(task, updates, call.check),
            environment=self.environment,
            seconds=time.monotonic() - started,
            tolerance=task.tolerance,
        )
        market = self.market()
        signed = replace(
            report, signature=sign_text(self.who.account, report_text(market.chain_id, market.escrow, report))
        )
        self.reports.add(signed)
        if task.updates:
            epochs = task.training[task.updates[0].commitment.trainer].local_epochs
            self.reports.remember_work(task.job_id, digest([task.architecture, epochs]))
        return signed

    def _check_bound(self, task: ValidateTask, update: UpdateToValidate) -> None:
        c, market = update.commitment, self.market()
        whose = f"the work of {c.trainer} in round {task.round}"
        if (c.job_id, c.round) != (task.job_id, task.round):
            raise Refused(
                "evidence.other_round", f"A commitment to another job or round was given as {whose}."
            )
        key = task.trainer_keys.get(c.trainer)
        if key is not None and not signed_by(
            key, commitment_text(market.chain_id, market.escrow, c), c.signature
        ):
            raise Refused("evidence.unsigned", f"The commitment to {whose} is not signed by that trainer.")
        if update.update.sha256 != c.update_sha256:
            raise Refused(
                "evidence.not_committed", f"The update given as {whose} is not the one it committed to."
            )
        if not update.segments:
            return
        if update.shard is None or c.trainer not in task.training:
            raise Refused("evidence.incomplete", f"There is no shard or no training given for {whose}.")
        due = work_digest(task.architecture, task.training[c.trainer], task.model.sha256, update.shard.sha256)
        if c.work_sha256 != due:
            raise Refused(
                "evidence.other_work", f"The shard, model or settings given are not those of {whose}."
            )
        for segment in update.segments:
            check_paths(c, segment)

    def _replays(
        self, task: ValidateTask, updates: dict[str, Read], check: Callable[[], None]
    ) -> tuple[Replay, ...]:
        replays = []
        for update in task.updates:
            for segment in update.segments:
                check()
                with self.windows.step("replay"):
                    replays.append(
                        self._replayer.replayed(
                            task, update, segment, updates[update.commitment.update_sha256]
                        )
                    )
        return tuple(replays)

    def _scores(
        self, task: ValidateTask, updates: dict[str, Read], check: Callable[[], None]
    ) -> tuple[Score, ...]:
        if task.validation is None or not task.updates:
            return ()
        split = self.files.split(task.validation, task.architecture)
        engine = self._replayer.engine(task, task.updates[0])
        weights = self.files.weights(task.model, task.architecture, engine.shapes)
        direction = scoring.mean_direction([u.arrays for u in updates.values() if u.arrays and not u.defect])
        scores: list[Score] = []
        players: dict[str, Player] = {}
        for update in task.updates:
            check()
            c, read = update.commitment, updates[update.commitment.update_sha256]
            if read.arrays is None or read.defect:
                scores.append(scoring.defective(c.trainer, c.update_sha256, read.defect))
                continue
            scores.append(
                scoring.score(engine, c.trainer, c.update_sha256, weights, read.arrays, direction, split)
            )
            players[c.trainer] = Player(c.update_sha256, read.arrays, c.examples)
        if not task.contribution_evaluations:
            return tuple(scores)
        check()
        # Nobody knows the rows before all updates are committed.
        seed = derive_seed(task.job_id, task.round, *sorted(p.update_sha256 for p in players.values()))
        rows = contribution.some(split, task.contribution_rows, seed)
        values = contribution.measured(
            engine, weights, list(players.values()), rows, task.contribution_evaluations, seed
        )
        found = dict(zip(players, map(scoring.ppm, values), strict=True))
        return tuple(replace(s, contribution_ppm=found.get(s.trainer, 0)) for s in scores)
