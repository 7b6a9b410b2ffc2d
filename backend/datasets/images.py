"""A zip of class folders: every image file is one example, the name of its folder is its class."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.datasets.archive import Archive
from backend.datasets.labels import rare_class_warnings, text_classes
from backend.datasets.limits import Limits
from backend.datasets.refusal import DatasetInvalid, listed, quoted
from backend.datasets.table import Table

FORMATS = ("PNG", "JPEG", "BMP")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
FOLDER_AND_FILE, ROOT_FOLDER_AND_FILE = 2, 3

# What Pillow's decoders raise for damaged files, by kind of damage. The bytes are in memory: OSError is no
# storage failing.
UNDECODABLE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, AttributeError,
    AssertionError,
    RuntimeError, struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def load_images(archive: Archive, limits: Limits) -> Table:
    """The table in a zip of class folders. Images take the size of the first; grey if all are grey, else
    RGB.
    """
    files, ignored = _files(archive)
    if not files:
        raise DatasetInvalid(
            "dataset.zip_content",
            f"The archive {quoted(archive.name)} holds no dataset: neither class folders of PNG, JPEG or "
            f"BMP images, nor an IDX pair{', only ' + listed(ignored) if ignored else ''}.",
        )
    classes = _classes(files)
    y, names = text_classes(classes, "folder", limits)
    notes = rare_class_warnings(y, names, "folder")
    if ignored:
        notes.append(f"Files that are not images were left out: {listed(ignored)}.")
    array, resized = _pixels(archive, files, limits)
    if resized:
        height, width = array.shape[1:3]
        notes.append(
            f"{resized} of {len(files)} images were resized to {width} x {height}, the size of the first."
        )
    return Table(
        format="zip", features=(), array=array, pixels=True, y=y, classes=names, target="folder",
        image_mode="L" if array.ndim == 3 else "RGB", warnings=tuple(notes),
    )  # fmt: skip


def _files(archive: Archive) -> tuple[list[zipfile.ZipInfo], list[str]]:
    """Image members in the order of their paths, and the names of other files; what systems add by
    themselves is skipped.
    """
    images: list[zipfile.ZipInfo] = []
    ignored: list[str] = []
    for member in sorted(archive.members, key=lambda m: m.filename):
        path = PurePosixPath(member.filename)
        if any(part.startswith(".") or part == "__MACOSX" for part in path.parts) or path.name in (
            "Thumbs.db",
            "desktop.ini",
        ):
            continue
        if path.suffix.lower() in SUFFIXES:
            images.append(member)
        else:
            ignored.append(member.filename)
    return images, ignored


def _classes(files: list[zipfile.ZipInfo]) -> list[str]:
    """The class folder of each file; all lie equally deep, below one root folder or none."""
    paths = [PurePosixPath(f.filename).parts for f in files]
    depth = len(paths[0])
    odd = next((path for path in paths if len(path) != depth), None)
    if odd is not None:
        raise DatasetInvalid(
            "dataset.folders",
            f"{quoted('/'.join(paths[0]))} and {quoted('/'.join(odd))} lie at different depths: use one "
            "folder per class.",
        )
    roots = {path[0] for path in paths}
    if depth == FOLDER_AND_FILE or (depth == ROOT_FOLDER_AND_FILE and len(roots) == 1):
        return [path[-2] for path in paths]
    raise DatasetInvalid(
        "dataset.folders",
        f"{quoted('/'.join(paths[0]))} is not in a class folder: use one folder per class, in one common "
        "folder or none.",
    )


def _pixels(archive: Archive, files: list[zipfile.ZipInfo], limits: Limits) -> tuple[NDArray[np.uint8], int]:
    """All images as one array, and how many were resized. It is grey until the first image with a colour."""
    width, height = _decoded(files[0].filename, archive.read(files[0]), limits).size
    _check_size(len(files) * width * height, limits)
    array = np.empty((len(files), height, width), np.uint8)
    resized = 0
    for i, file in enumerate(files):
        image = _decoded(file.filename, archive.read(file), limits)
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling.BILINEAR)
            resized += 1
        if image.mode == "RGB" and array.ndim == 3:
            _check_size(array.size * 3, limits)
            array = np.repeat(array[..., np.newaxis], 3, axis=3)
        pixels = np.asarray(image)
        array[i] = pixels if pixels.ndim == array.ndim - 1 else pixels[..., np.newaxis]
    return array, resized


def _check_size(values: int, limits: Limits) -> None:
    if values > limits.max_values:
        raise DatasetInvalid(
            "dataset.too_many_values",
            f"The images have {values} values in all, more than the {limits.max_values} that are possible: "
            "make them smaller.",
        )


def _decoded(name: str, data: bytes, limits: Limits) -> Image.Image:
    """An image as 8-bit grey (`L`) or colour (`RGB`); transparency is dropped, colours that are all grey
    become grey.
    """
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            warnings.simplefilter("ignore")
            if image.width * image.height > limits.max_pixels:
                raise DatasetInvalid(
                    "dataset.bomb",
                    f"The image {quoted(name)} has {image.width} x {image.height} pixels, more than the "
                    f"{limits.max_pixels} that are possible.",
                )
            image.load()
            if image.mode.startswith("I"):
                return Image.fromarray((np.clip(np.asarray(image), 0, 65_535) >> 8).astype(np.uint8))
            if image.mode in ("1", "L", "LA"):
                return image.convert("L")
            colours = image.convert("RGB")
            red, green, blue = colours.split()
            return red if red.tobytes() == green.tobytes() == blue.tobytes() else colours
    except UNDECODABLE as error:
        raise DatasetInvalid(
            "dataset.image_broken", f"The image {quoted(name)} cannot be decoded: it is damaged."
        ) from error
