"""Zips of class folders."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from backend.datasets import Limits
from tests.unit.datasets.files import folders, inspected, loaded, picture, refused, zipped


@pytest.mark.parametrize("root", ["", "pets/"])
def test_inspect__class_folders__are_classes(root: str) -> None:
    found = inspected(zipped(folders(root)), "pets.zip")
    assert (found.format, found.rows, found.target, found.input_shape) == ("zip", 6, "folder", (3, 4))
    assert (found.classes, found.class_counts) == (["cat", "dog"], [3, 3])
    assert found.columns[0].kind == "pixel"


def test_inspect__what_systems_add__is_skipped_and_other_files_are_named() -> None:
    junk = {"__MACOSX/cat/._0.png": b"x", "cat/.DS_Store": b"x", "dog/Thumbs.db": b"x", "README.txt": b"x"}
    found = inspected(zipped(folders() | junk), "pets.zip")
    assert (found.rows, found.warnings) == (6, ['Files that are not images were left out: "README.txt".'])


def test_load__grey_images_in_any_mode__are_grey() -> None:
    members = folders()
    deep, palette, colour = io.BytesIO(), io.BytesIO(), picture((9, 9, 9))
    Image.fromarray(np.full((3, 4), 0x4321, np.uint16)).save(deep, "PNG")
    Image.new("L", (4, 3), 77).convert("P").save(palette, "PNG")
    members |= {"cat/a.png": deep.getvalue(), "cat/b.png": palette.getvalue(), "cat/c.png": colour}
    table = loaded(zipped(members), "pets.zip")
    assert (table.image_mode, table.array.shape) == ("L", (9, 3, 4))
    assert [int(table.array[i, 0, 0]) for i in range(3, 6)] == [0x43, 77, 9]


def test_load__one_coloured_image__makes_all_of_them_rgb() -> None:
    table = loaded(zipped(folders() | {"dog/x.bmp": picture((1, 2, 3), kind="BMP")}), "pets.zip")
    assert (table.image_mode, table.array.shape) == ("RGB", (7, 3, 4, 3))
    np.testing.assert_array_equal(table.array[0, 0, 0], [10, 10, 10])
    np.testing.assert_array_equal(table.array[6, 0, 0], [1, 2, 3])


def test_load__other_sizes__take_the_size_of_the_first() -> None:
    table = loaded(zipped(folders() | {"dog/x.jpg": picture(50, (40, 30), "JPEG")}), "pets.zip")
    assert table.array.shape == (7, 3, 4)
    assert table.warnings == ("1 of 7 images were resized to 4 x 3, the size of the first.",)


def test_load__transparent_images__lose_their_transparency() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (4, 3), (1, 2, 3, 4)).save(clear, "PNG")
    assert loaded(zipped(folders() | {"dog/x.png": clear.getvalue()}), "pets.zip").array.shape == (7, 3, 4, 3)


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (zipped(folders() | {"cat/bad.png": b"no image"}), "dataset.image_broken", '"cat/bad.png"'),
        (
            zipped(folders() | {"cat/bad.png": picture(1, (50, 50))[:60]}),
            "dataset.image_broken",
            '"cat/bad.png"',
        ),
        (zipped(folders() | {"cat/bad.png": b""}), "dataset.image_broken", '"cat/bad.png"'),
        (zipped({"0.png": picture(1), "1.png": picture(2)}), "dataset.folders", "not in a class folder"),
        (zipped(folders("a/train/")), "dataset.folders", "not in a class folder"),
        (zipped(folders("train/") | folders("test/")), "dataset.folders", "not in a class folder"),
        (zipped(folders() | {"0.png": picture(1)}), "dataset.folders", "different depths"),
        (zipped({f"cat/{i}.png": picture(i) for i in range(4)}), "dataset.one_class", '"cat"'),
        (zipped({f"c{i}/{i}.png": picture(i) for i in range(4)}), "dataset.rare_classes", '"c0"'),
    ],
)
def test_inspect__unusable_folders__are_refused_saying_where(data: bytes, code: str, said: str) -> None:
    refusal = refused(data, "pets.zip")
    assert refusal.code == code
    assert said in refusal.message


def _claiming(width: int, height: int) -> bytes:
    """A PNG that claims a size it does not carry."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [5_000, 12_000, 60_000])
def test_inspect__image_bomb__is_refused_by_its_header(side: int) -> None:
    refusal = refused(zipped(folders() | {"cat/big.png": _claiming(side, side)}), "pets.zip")
    assert (
        refusal.code == "dataset.bomb"
        if side == 5_000
        else refusal.code in ("dataset.bomb", "dataset.image_broken")
    )
    assert '"cat/big.png"' in refusal.message


def test_inspect__too_many_pixels_in_all__are_refused() -> None:
    assert refused(zipped(folders()), "pets.zip", Limits(max_values=71)).code == "dataset.too_many_values"
