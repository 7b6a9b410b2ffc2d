"""The replay's tolerance: how far honest replays lie from the work in other arithmetic, and how far the smallest cheats do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.domain.spec import LEARNING_RATES
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.tasks import ValidateTask
from scripts.bench.learning.cells import Cell, Record
from scripts.bench.learning.crew import Crew
from scripts.bench.learning.data import read

ROWS = 1024
BATCH = 32
LOCAL_EPOCHS = {16: 4, 64: 12}
"""By the segment's steps: 128 steps in 8 segments, 384 steps in 6."""
TOLERANCE: float = ValidateTask.tolerance
"""What validators hold a distance against, unless a task says otherwise."""

ONE_DNN = "TF_ENABLE_ONEDNN_OPTS"
ISA = "ONEDNN_MAX_CPU_ISA"
REFERENCE = "1 thread, oneDNN"
ARITHMETIC: dict[str, tuple[int, dict[str, str]]] = {
    REFERENCE: (1, {ONE_DNN: "1"}),
    "2 threads, oneDNN": (2, {ONE_DNN: "1"}),
    "1 thread, no oneDNN": (1, {ONE_DNN: "0"}),
    "2 threads, no oneDNN": (2, {ONE_DNN: "0"}),
    "1 thread, oneDNN up to AVX2": (1, {ONE_DNN: "1", ISA: "AVX2"}),
    "1 thread, oneDNN up to SSE4.1": (1, {ONE_DNN: "1", ISA: "SSE41"}),
}


def calibration(model: str, optimizer: str, segment_steps: int) -> Cell:
    """One model and optimizer at its default rate, in every arithmetic; the work is done in the reference's."""
    return Cell(
        "calibration",
        {
            "model": model,
            "optimizer": optimizer,
            "segment_steps": segment_steps,
            "dataset": "mnist",
            "rows": ROWS,
        },
    )


def player(folder: Path) -> Callable[[Crew, Cell], Record]:
    """Plays cells of `calibration`."""

    def play(crew: Crew, cell: Cell) -> Record:
        config = cell.config
        data = read(config["dataset"], folder).first(config["rows"], 1)
        scratch = crew.clear()
        (scratch / "rows.safetensors").write_bytes(data.file(data.train))
        spec = {
            "optimizer": config["optimizer"],
            "learning_rate": LEARNING_RATES[config["optimizer"]],
            "batch_size": BATCH,
            "local_epochs": LOCAL_EPOCHS[config["segment_steps"]],
            "segment_steps": config["segment_steps"],
            "seed": 1,
        }
        request = {
            "architecture": preset(config["model"], data.input_shape, data.classes),
            "spec": spec,
            "rows": str(scratch / "rows.safetensors"),
            "folder": str(scratch / "states"),
            "tolerance": TOLERANCE,
            "seed": 1,
        }
        return _measured(crew, request)

    return play


def _measured(crew: Crew, request: dict[str, Any]) -> Record:
    honest: dict[str, list[dict[str, Any]]] = {}
    cheats: dict[str, list[dict[str, Any]]] = {}
    for name, (threads, variables) in ARITHMETIC.items():
        host = crew.segments(name, threads, variables)
        if name == REFERENCE:
            host.ask("run", **request)
            cheats = host.ask("cheated", **request)
        honest[name] = host.ask("replayed", **request)
    return {
        "segments": len(honest[REFERENCE]),
        "honest": {name: _summary(found) for name, found in honest.items()},
        "cheats": {name: _summary(found) for name, found in cheats.items()},
    }


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    distances = sorted(f["distance"] for f in found)
    return {
        "least": distances[0],
        "median": distances[len(distances) // 2],
        "most": distances[-1],
        "accused": sum(not f["matches"] for f in found),
    }
