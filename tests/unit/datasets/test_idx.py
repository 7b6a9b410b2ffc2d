"""IDX pairs in a zip."""

import gzip
import io
import struct

import numpy as np
import pytest

from backend.datasets import Limits, pair_idx
from tests.unit.datasets.files import idx, inspected, loaded, refused, zipped

IMAGES = np.arange(8 * 4 * 5).reshape(8, 4, 5) % 256
LABELS = np.array([3, 7] * 4)


@pytest.mark.parametrize("gzipped", [False, True])
def test_inspect__pair__is_a_dataset(gzipped: bool) -> None:
    pair = pair_idx(io.BytesIO(idx(IMAGES, gzipped=gzipped)), io.BytesIO(idx(LABELS, gzipped=gzipped)))
    found = inspected(pair.read(), "d.zip")
    assert (found.format, found.rows, found.input_shape) == ("idx", 8, (4, 5))
    assert (found.classes, found.columns[0].kind) == (["3", "7"], "pixel")


def test_pair_idx__same_files__same_bytes() -> None:
    first, second = (pair_idx(io.BytesIO(idx(IMAGES)), io.BytesIO(idx(LABELS))).read() for _ in range(2))
    assert first == second


def test_load__original_names_with_training_and_test_part__are_joined_in_order() -> None:
    table = loaded(
        zipped(
            {
                "mnist/train-labels-idx1-ubyte": idx(LABELS),
                "mnist/train-images-idx3-ubyte": idx(IMAGES),
                "mnist/t10k-images-idx3-ubyte.gz": idx(IMAGES[:2] + 1, gzipped=True),
                "mnist/t10k-labels-idx1-ubyte.gz": idx(LABELS[:2], gzipped=True),
                "__MACOSX/mnist/._train-labels-idx1-ubyte": b"junk",
            }
        ),
        "mnist.zip",
    )
    np.testing.assert_array_equal(table.array, np.concatenate([IMAGES[:2] + 1, IMAGES]))
    assert [table.classes[i] for i in table.y] == ["3", "7"] * 5


@pytest.mark.parametrize("data", [idx(IMAGES), idx(IMAGES, gzipped=True), idx(LABELS)])
def test_inspect__one_file_alone__says_to_zip_both(data: bytes) -> None:
    refusal = refused(data, "t10k-images-idx3-ubyte.gz")
    assert refusal.code == "dataset.idx_alone"
    assert "into one zip" in refusal.message


def _packed(images: bytes, labels: bytes) -> bytes:
    return zipped({"images-idx3-ubyte": images, "labels-idx1-ubyte": labels})


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (_packed(idx(IMAGES), idx(LABELS[:7])), "dataset.length_mismatch", "8 images"),
        (_packed(idx(IMAGES), idx(IMAGES)), "dataset.idx_pair", "2 IDX files of images and 0 of labels"),
        (zipped({"images-idx3-ubyte": idx(IMAGES)}), "dataset.idx_pair", "1 IDX files of images and 0"),
        (_packed(idx(IMAGES)[:-1], idx(LABELS)), "dataset.idx_broken", "promises 176 bytes and it has 175"),
        (_packed(idx(IMAGES) + b"\0", idx(LABELS)), "dataset.idx_broken", "it has more"),
        (_packed(idx(IMAGES), b"\0\0\x08"), "dataset.idx_broken", "not an IDX file"),
        (_packed(idx(IMAGES, gzipped=True)[:-9], idx(LABELS)), "dataset.idx_broken", "images-idx3-ubyte"),
        (_packed(b"\x1f\x8b\xff\xff", idx(LABELS)), "dataset.idx_broken", "images-idx3-ubyte"),
        (_packed(idx(IMAGES[:0]), idx(LABELS[:0])), "dataset.array_shape", "empty"),
        (_packed(idx(IMAGES), idx(LABELS * 0)), "dataset.one_class", '"0"'),
    ],
)
def test_inspect__unusable_pair__is_refused_saying_where(data: bytes, code: str, said: str) -> None:
    refusal = refused(data, "d.zip")
    assert refusal.code == code
    assert said in refusal.message


def test_inspect__gzip_that_hides_more_than_its_header_says__is_not_inflated() -> None:
    bomb = gzip.compress(idx(IMAGES) + b"\0" * 20_000_000)
    assert refused(_packed(bomb, idx(LABELS)), "d.zip").code == "dataset.idx_broken"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_rows=7), "dataset.too_many_rows"),
        (Limits(max_values=100), "dataset.too_many_values"),
        (Limits(max_uncompressed_bytes=1000), "dataset.bomb"),
    ],
)
def test_inspect__header_beyond_a_limit__is_refused_unread(limits: Limits, code: str) -> None:
    images = gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 8, 40, 50) + b"\0" * 16_000)
    limits = limits if code != "dataset.too_many_values" else Limits(max_values=15_999)
    assert refused(_packed(images, idx(LABELS)), "d.zip", limits).code == code


def test_inspect__floating_point_images_with_nan__are_refused_with_their_place() -> None:
    values = np.ones((8, 2, 2), ">f4")
    values[4, 1, 0] = np.nan
    images = struct.pack(">HBB3I", 0, 13, 3, 8, 2, 2) + values.tobytes()
    refusal = refused(_packed(images, idx(LABELS)), "d.zip")
    assert (refusal.code, '"images-idx3-ubyte"[4, 1, 0] is nan' in refusal.message) == (
        "dataset.not_finite",
        True,
    )
