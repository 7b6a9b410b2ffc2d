"""Looking into the customer's file before anything is quoted or paid."""

from __future__ import annotations

from pathlib import Path

from backend.datasets import inspect
from backend.domain.spec import DatasetFacts
from backend.errors import NotFound


def facts_of(path: Path, target: str | None) -> DatasetFacts:
    """What training needs to know of a file; DatasetInvalid with the sentence
    that says what is wrong and where."""
    try:
        with path.open("rb") as file:
            found = inspect(file, path.name, target=target)
    except OSError as error:
        raise NotFound("dataset.unreadable", f"{path} cannot be read: {error.strerror}.") from error
    return DatasetFacts(
        name=path.name,
        size=found.bytes,
        sha256=found.sha256,
        format=found.format,
        rows=found.rows,
        columns=len(found.columns),
        classes=tuple(found.classes),
        input_shape=tuple(found.input_shape),
        target=found.target,
    )
