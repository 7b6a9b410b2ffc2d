"""What a commitment is about: one hash over everything that a replay of it starts from.

A trainer signs it with its commitment. A validator re-runs only what the trainer signed, so that no operator can make an
honest trainer look guilty by handing the validator another shard, model, seed or learning rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.tasks import TrainingSpec, TrainTask


def work_digest(
    architecture: Mapping[str, Any], training: TrainingSpec, model_sha256: str, shard_sha256: str
) -> str:
    """SHA-256 (hex) of a training run's inputs."""
    return digest(
        {"architecture": architecture, "training": training, "model": model_sha256, "shard": shard_sha256}
    )


def work_of(task: TrainTask) -> str:
    """What an honest commitment to this task says in `work_sha256`."""
    return work_digest(task.architecture, task.training, task.model.sha256, task.shard.sha256)
