"""NPZ files, IDX pairs and zips of images. A zip's checksums would hide the readers behind it from random changes: here the
input is what stands inside, and it is packed rightly afterwards."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import numpy as np
from PIL import Image

from scripts.fuzz.target import Judge, Target
from scripts.fuzz.targets.tables import described

CUT = b"~CUT~"
FIRST_IDX, SECOND_IDX = "images-idx3-ubyte", "labels-idx1-ubyte"


def _zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _halves(data: bytes) -> tuple[bytes, bytes]:
    first, _, second = data.partition(CUT)
    return first, second


def _npz() -> Judge:
    def judge(data: bytes) -> None:
        x, y = _halves(data)
        described(_zipped({"x.npy": x, "y.npy": y}))

    return judge


def _idx() -> Judge:
    def judge(data: bytes) -> None:
        packed, rest = data[:1] > b"\x7f", data[1:]
        images, labels = _halves(rest)
        if packed:
            described(_zipped({f"{FIRST_IDX}.gz": gzip.compress(images, 1), SECOND_IDX: labels}))
        else:
            described(_zipped({f"{FIRST_IDX}.gz": images, SECOND_IDX: labels}))
            described(_zipped({FIRST_IDX: images, SECOND_IDX: labels}))

    return judge


def _images() -> Judge:
    sound = _picture("PNG")

    def judge(data: bytes) -> None:
        one, other = _halves(data)
        described(
            _zipped({"cat/1.png": sound, "cat/2.jpg": one, "dog/1.png": sound, "dog/2.gif": other or sound})
        )

    return judge


def _zip() -> Judge:
    return described


def _npy(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (3, 3), (200, 10, 10)).save(file, kind)
    return file.getvalue()


def _npz_seeds() -> list[bytes]:
    y = np.array([0, 1] * 4)
    return [
        _npy(np.arange(24.0).reshape(8, 3)) + CUT + _npy(np.where(y, "wolf", "dog")),
        _npy(np.ones((8, 2, 2, 1), np.uint8, order="F")) + CUT + _npy(y.astype(">i2")),
        _npy(np.array([[True, False]] * 8)) + CUT + _npy(y.reshape(8, 1)),
    ]


def _idx_seeds() -> list[bytes]:
    images = b"\0\0\x08\x03" + struct.pack(">3I", 8, 2, 2) + bytes(range(32))
    labels = b"\0\0\x08\x01" + struct.pack(">I", 8) + bytes([0, 1] * 4)
    floats = b"\0\0\x0d\x03" + struct.pack(">3I", 8, 1, 1) + struct.pack(">8f", *range(8))
    return [b"\xff" + images + CUT + labels, b"\0" + images + CUT + labels, b"\0" + floats + CUT + labels]


def _image_seeds() -> list[bytes]:
    return [_picture(kind) + CUT + _picture("PNG") for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")]


def _zip_seeds() -> list[bytes]:
    x, y = _halves(_npz_seeds()[0])
    picture = _picture("PNG")
    return [
        _zipped({"x.npy": x, "y.npy": y}),
        _zipped({"pets/dog/1.png": picture, "pets/cat/1.png": picture, "pets/cat/.DS_Store": b"x"}),
        _zipped({FIRST_IDX: b"\0\0\x08\x03", SECOND_IDX: b"\0\0\x08\x01"}),
    ]


_HEADER = (
    b"\x93NUMPY",
    b"'descr': '<f8'",
    b"'|O'",
    b"'fortran_order': True",
    b"'shape': (8, 3)",
    b"(4294967296, 8)",
    CUT,
)
TARGETS = (
    Target("npz", _npz, _npz_seeds, _HEADER),
    Target(
        "idx", _idx, _idx_seeds, (CUT, b"\0\0\x08\x03", b"\x1f\x8b\x08", b"\xff\xff\xff\xff", b"\0\0\x0e\x04")
    ),
    Target(
        "images",
        _images,
        _image_seeds,
        (CUT, b"IHDR", b"IDAT", b"\x7f\xff\xff\xff", b"\xff\xd8\xff", b"GIF89a"),
    ),
    Target(
        "zip",
        _zip,
        _zip_seeds,
        (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"../", b"/", b"\\", b"\0", b"\xff\xff\xff\xff"),
    ),
)
