"""What is looked at, and what is uploaded."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from backend.cli.dataset import facts_of, prepared
from backend.datasets import DatasetInvalid
from backend.errors import NotFound

pytestmark = pytest.mark.unit

IMAGES = b"\x00\x00\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (40, 4, 4)) + bytes(range(160)) * 4
LABELS = b"\x00\x00\x08\x01" + (40).to_bytes(4, "big") + bytes([0, 1] * 20)


def test_prepared__images_with_labels_beside_them__are_packed_together(tmp_path: Path) -> None:
    images = tmp_path / "train-images-idx3-ubyte.gz"
    images.write_bytes(gzip.compress(IMAGES))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(LABELS))
    file = prepared(images)
    facts = facts_of(file, None)
    assert (facts.rows, len(facts.classes)) == (40, 2)
    assert facts.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert facts == facts_of(prepared(images), None)


def test_prepared__images_alone__are_refused_with_the_datasets_sentence(tmp_path: Path) -> None:
    images = tmp_path / "train-images-idx3-ubyte"
    images.write_bytes(IMAGES)
    with pytest.raises(DatasetInvalid) as refused:
        facts_of(prepared(images), None)
    assert refused.value.code == "dataset.idx_alone"


def test_prepared__any_other_file__is_uploaded_as_it_is(tmp_path: Path) -> None:
    assert prepared(tmp_path / "d.csv") == tmp_path / "d.csv"


def test_facts_of__missing_file__is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        facts_of(tmp_path / "d.csv", None)


def test_facts_of__folder__is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        facts_of(tmp_path, None)
