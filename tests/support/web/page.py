"""The web app's reader of datasets under node, held against `backend.datasets`."""

from __future__ import annotations

import json
import subprocess
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from backend.datasets import DatasetInvalid, Limits, inspect

HERE = Path(__file__).parent
SECONDS = 300
CITES_A_LIBRARY = frozenset({"dataset.zip_broken", "dataset.idx_broken", "dataset.csv_malformed"})
"""Refusals whose sentence has words of zlib's, zipfile's or csv's in it, which change with Python's version."""


def read(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page says of files, each asked for by `question`; all in one process."""
    command = [
        "node",
        "--import",
        str(HERE / "static_paths.mjs"),
        str(HERE / "read_datasets.mjs"),
    ]
    said = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=SECONDS
    )
    answers: list[dict[str, Any]] = json.loads(said.stdout)
    return answers


def question(
    files: dict[str, Path], target: str | None = None, limits: Limits | None = None
) -> dict[str, Any]:
    """How `read_datasets.mjs` is asked for a dataset of these files, by their names."""
    return {
        "files": [{"name": name, "path": str(path)} for name, path in files.items()],
        "target": target,
        "limits": {_camel(name): value for name, value in asdict(limits or Limits()).items()},
    }


def python(source: BinaryIO, name: str, **options: Any) -> dict[str, Any]:
    """What Python says of a file, in the form of the page's answers."""
    try:
        with warnings.catch_warnings():
            # As outside tests, where a warning of Pillow's is no error.
            warnings.simplefilter("ignore")
            found = inspect(source, name, **options)
    except DatasetInvalid as refusal:
        return {"code": refusal.code, "message": refusal.message}
    facts = {
        "name": name,
        "size": found.bytes,
        "sha256": found.sha256,
        "format": found.format,
        "rows": found.rows,
        "columns": len(found.columns),
        "classes": found.classes,
        "input_shape": list(found.input_shape),
        "target": found.target,
    }
    return {
        "facts": facts,
        "columns": [asdict(column) for column in found.columns],
        "counts": found.class_counts,
        "warnings": found.warnings,
        "header": found.has_header,
    }


def differences(expected: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What the page says otherwise than Python. Different values that it did not count are none."""
    if said.get("code") in CITES_A_LIBRARY and said["code"] == expected.get("code"):
        return {}
    for mine, its in zip(expected.get("columns", []), said.get("columns", []), strict=False):
        if its["distinct"] is None:
            its["distinct"] = mine["distinct"]
    fields = expected.keys() | said.keys()
    return {
        name: (expected.get(name), said.get(name)) for name in fields if expected.get(name) != said.get(name)
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
