"""The yardstick: the same model trained in one place on the union of the trainers' shards."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from fl_nodes.protocol.architecture import preset
from scripts.demo.stage import Stage
from scripts.demo.story import Broken
from scripts.stack.config import ROOT
from scripts.stack.parts import NODE_PYTHON, TENSORFLOW

SECONDS = 600


def central_accuracy(stage: Stage, ticket: dict[str, Any]) -> float:
    """Accuracy on the job's own test split after as many passes as the federated training made."""
    spec, data, job = ticket["spec"], ticket["dataset"], f"jobs/{ticket['id']}"
    shards = [stage.object_file(f"{job}/shards/{i}.safetensors") for i in range(len(ticket["trainers"]))]
    central = {
        "architecture": preset(spec["model"], data["input_shape"], len(data["classes"])),
        "optimizer": spec["optimizer"],
        "learning_rate": spec["learning_rate"],
        "batch_size": spec["batch_size"],
        "passes": spec["rounds"] * spec["local_epochs"],
        "seed": spec["seed"],
    }
    command = (
        *(str(NODE_PYTHON), "-m", "fl_nodes.central", "--spec", json.dumps(central)),
        *("--test", str(stage.object_file(f"{job}/test.safetensors")), "--train", *map(str, shards)),
    )
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **TENSORFLOW},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if ended.returncode != 0:
        raise Broken(f"The central training failed: {ended.stderr.strip()[-500:]}")
    return float(json.loads(ended.stdout)["accuracy"])
