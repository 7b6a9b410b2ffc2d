"""Looking into the customer's file before anything is quoted or paid."""

from __future__ import annotations

from pathlib import Path

from backend.cli.home import home
from backend.datasets import inspect, pair_idx
from backend.domain.spec import DatasetFacts
from backend.errors import NotFound

IDX_PARTNERS = (("images-idx3", "labels-idx1"), ("images.idx3", "labels.idx1"), ("images-idx", "labels-idx"))
"""How the two halves of an IDX dataset are named, ever since MNIST."""


def prepared(path: Path) -> Path:
    """The file to upload: `path`, or for the images of an IDX pair whose labels lie beside it a zip of both."""
    labels = next(
        (path.with_name(path.name.replace(*pair)) for pair in IDX_PARTNERS if pair[0] in path.name), None
    )
    if labels is None or not labels.is_file():
        return path
    packed = home() / "uploads" / f"{path.name}.zip"
    packed.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("rb") as pictures, labels.open("rb") as names:
            packed.write_bytes(pair_idx(pictures, names).read())
    except OSError as error:
        raise NotFound("dataset.unreadable", f"{path} cannot be read: {error.strerror}.") from error
    return packed


def facts_of(path: Path, target: str | None) -> DatasetFacts:
    """What training needs to know of a file; DatasetInvalid with the sentence that says what is wrong and where."""
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
