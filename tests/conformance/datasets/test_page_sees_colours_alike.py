"""Whether pictures are grey or coloured, or damaged, is told in the browser as Pillow tells it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.web import page
from tests.unit.datasets.files import folders, zipped

MODES = ("1", "L", "LA", "P", "RGB", "RGBA")
WIDTH, HEIGHT = 5, 6
ADAM7 = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2))


def _pixels(*, coloured: bool) -> np.ndarray:
    """Greys that no filter of PNG leaves alone; one pixel with a colour, if wanted."""
    greys = (np.arange(WIDTH * HEIGHT) * 37 % 251).astype(np.uint8).reshape(HEIGHT, WIDTH, 1).repeat(3, 2)
    if coloured:
        greys[3, 2] = (1, 2, 3)
    return greys


def _saved(mode: str, kind: str, *, coloured: bool) -> bytes | None:
    """The picture as a file; None where the format has no such mode."""
    image = Image.fromarray(_pixels(coloured=coloured))
    if mode == "RGBA":
        image.putalpha(0)  # the colour under what is wholly transparent counts
    elif mode == "P":
        image = image.quantize(64)
    elif mode != "RGB":
        image = image.convert(mode)
    written = io.BytesIO()
    try:
        image.save(written, kind)
    except OSError:
        return None
    return written.getvalue()


def _interlaced(*, coloured: bool) -> bytes:
    """The picture as a PNG in seven passes, which Pillow reads but does not write."""
    pixels = _pixels(coloured=coloured)
    rows = [row for x, dx, y, dy in ADAM7 for row in pixels[y::dy, x::dx] if row.size]
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1)),
        (b"IDAT", zlib.compress(raw)),
        (b"IEND", b""),
    ]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _pictures() -> dict[str, bytes]:
    found = {f"interlaced {coloured}": _interlaced(coloured=coloured) for coloured in (False, True)}
    for mode in MODES:
        for kind in ("PNG", "BMP"):
            for coloured in (False, True):
                data = _saved(mode, kind, coloured=coloured)
                if data is not None:
                    found[f"{kind} {mode} {coloured}"] = data
    grey_jpeg = _saved("L", "JPEG", coloured=False)
    assert grey_jpeg is not None
    return found | {"JPEG L": grey_jpeg, "no picture": b"GIF89a", "deep": _deep()}


def _deep() -> bytes:
    written = io.BytesIO()
    Image.fromarray(np.full((HEIGHT, WIDTH), 0x4321, np.uint16)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize("cut", [False, True])
def test_page__pictures_of_every_kind__are_grey_coloured_or_damaged_as_for_pillow(
    tmp_path: Path, cut: bool
) -> None:
    pictures = _pictures()
    assert len(pictures) > 20
    questions, expected = [], {}
    for number, (name, data) in enumerate(pictures.items()):
        path = tmp_path / str(number)
        last = data[: len(data) * 2 // 3] if cut else data
        path.write_bytes(zipped(folders(size=(WIDTH, HEIGHT)) | {"dog/x.png": last}))
        questions.append(page.question({"d.zip": path}))
        with path.open("rb") as source:
            expected[name] = page.python(source, "d.zip")
    said = dict(zip(pictures, page.read(questions), strict=True))
    assert {name: found for name in pictures if (found := page.differences(expected[name], said[name]))} == {}
