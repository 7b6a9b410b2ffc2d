"""The yardstick: the same model trained in one place on the union of the trainers' shards, with as many passes."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from fl_nodes.protocol.architecture import from_keras_json, preset
from scripts.demo.customer import ROOT
from scripts.demo.stage import Stage
from scripts.demo.story import Broken
from scripts.demo.usage import NODE_PYTHON

TRAIN_SECONDS = 600


def central_accuracy(stage: Stage, ticket: dict[str, Any]) -> float:
    """Accuracy on the job's own test split."""
    job = f"jobs/{ticket['id']}"
    shards = [stage.object_file(f"{job}/shards/{i}.safetensors") for i in range(len(ticket["trainers"]))]
    test = stage.object_file(f"{job}/test.safetensors")
    command = (
        *(str(NODE_PYTHON), "-m", "fl_nodes.central", "--spec", json.dumps(_spec(ticket))),
        *("--test", str(test), "--train", *map(str, shards)),
    )
    ran = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=TRAIN_SECONDS, check=False
    )
    if ran.returncode != 0:
        raise Broken(f"Training centrally failed: {ran.stderr[-1000:]}")
    return float(json.loads(ran.stdout.splitlines()[-1])["accuracy"])


def _spec(ticket: dict[str, Any]) -> dict[str, Any]:
    spec, facts = ticket["spec"], ticket["dataset"]
    data = tuple(facts["input_shape"]), len(facts["classes"])
    custom = spec["keras_json"]
    return {
        "architecture": from_keras_json(custom, *data) if custom else preset(spec["model"], *data),
        "optimizer": spec["optimizer"],
        "learning_rate": spec["learning_rate"],
        "batch_size": spec["batch_size"],
        "passes": spec["local_epochs"] * spec["rounds"],
        "seed": spec["seed"],
    }
