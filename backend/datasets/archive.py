"""Opening a customer's zip without trusting it: names, kinds and declared sizes are judged before anything
is inflated.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from backend.datasets.limits import Limits
from backend.datasets.refusal import DatasetInvalid, quoted

DIRECTORY_BYTES_PER_MEMBER = 256
"""Allowance for one entry of the central directory; bounds what zipfile reads at once when it opens an
archive.
"""
END_RECORD_BYTES = 128 * 1024
ENCRYPTED = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
NESTED = (".zip", ".npz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".jar", ".whl")
NESTED_MAGIC = (b"PK\x03\x04", b"7z\xbc\xaf", b"Rar!", b"BZh9", b"\xfd7zXZ")

# What zipfile and zlib raise for damaged archives. OSError is left out: that is the storage failing, not the
# customer's file.
UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError,
    OverflowError,
    RuntimeError, AssertionError,
)  # fmt: skip


class _BeforeStartError(OSError):
    """A seek to before the file; zipfile expects an OSError and recovers from some, others are forged offsets."""


class _CappedReads:
    """A file that refuses reads beyond `cap` at once: a forged central directory must not fill the memory."""

    def __init__(self, file: BinaryIO, cap: int) -> None:
        self._file = file
        self.cap = cap

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            data = self._file.read(self.cap + 1)
            size = len(data)
        else:
            data = b"" if size > self.cap else self._file.read(size)
        if size > self.cap:
            raise DatasetInvalid(
                "dataset.too_many_members", "The archive's directory is longer than any possible dataset's."
            )
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset < 0:
            raise _BeforeStartError("an offset before the archive")
        if whence == 2 and offset < 0:
            end = self._file.seek(0, 2)
            if end + offset < 0:
                raise _BeforeStartError("an offset before the archive")
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


@dataclass(frozen=True)
class Archive:
    """A zip whose members were judged: no folders, sizes as declared in its directory and within the
    limits.
    """

    name: str
    members: tuple[zipfile.ZipInfo, ...]
    file: zipfile.ZipFile

    @contextmanager
    def open(self, member: zipfile.ZipInfo) -> Iterator[BinaryIO]:
        """A member as a stream that never yields more than its declared size; damage is DatasetInvalid."""
        try:
            with self.file.open(member) as stream:
                yield stream  # type: ignore[misc]
        except (*UNREADABLE, _BeforeStartError) as error:
            raise _broken(member, error) from error

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """A whole member, its checksum verified; an archive hidden under another name is refused."""
        with self.open(member) as stream:
            data = stream.read(member.file_size + 1)
        if len(data) != member.file_size:
            raise DatasetInvalid("dataset.zip_broken", f"The member {quoted(member.filename)} is cut short.")
        if data.startswith(NESTED_MAGIC):
            raise _nested(member.filename)
        return data


def open_archive(source: BinaryIO, name: str, limits: Limits) -> Archive:
    """Judge an archive by its directory alone. Raises DatasetInvalid naming the member that is at fault."""
    capped = _CappedReads(source, limits.max_members * DIRECTORY_BYTES_PER_MEMBER + END_RECORD_BYTES)
    source.seek(0)
    try:
        file = zipfile.ZipFile(capped)
    except (*UNREADABLE, _BeforeStartError) as error:
        raise DatasetInvalid(
            "dataset.zip_broken", f"The archive {quoted(name)} is damaged: {_said(error)}."
        ) from error
    entries = file.infolist()
    if len(entries) > limits.max_members:
        raise DatasetInvalid(
            "dataset.too_many_members",
            f"The archive {quoted(name)} has {len(entries)} entries, more than the {limits.max_members} "
            "that are possible.",
        )
    declared = sum(entry.file_size for entry in entries)
    if declared > limits.max_uncompressed_bytes:
        raise DatasetInvalid(
            "dataset.bomb",
            f"The archive {quoted(name)} would unpack to {declared} bytes, more than the "
            f"{limits.max_uncompressed_bytes} that are possible.",
        )
    seen: set[str] = set()
    for entry in entries:
        _judge(entry, limits)
        if entry.filename in seen:
            raise DatasetInvalid(
                "dataset.zip_duplicate", f"The archive holds the member {quoted(entry.filename)} twice."
            )
        seen.add(entry.filename)
    capped.cap = limits.max_bytes
    return Archive(name, tuple(e for e in entries if not e.is_dir()), file)


def _judge(entry: zipfile.ZipInfo, limits: Limits) -> None:
    # zipfile cuts names at NUL and, on some systems, rewrites separators: what was stored is in
    # `orig_filename`.
    stored = entry.orig_filename
    shown = quoted(stored)
    if not entry.filename:
        raise DatasetInvalid("dataset.zip_name", "The archive has a member without a name.")
    if len(stored) > limits.max_member_name:
        raise DatasetInvalid(
            "dataset.zip_name", f"The member {shown} has a path of {len(stored)} characters."
        )
    if "\0" in stored or "\\" in stored:
        raise DatasetInvalid(
            "dataset.zip_name", f"The member {shown} has a path with a character that is not allowed."
        )
    path = PurePosixPath(stored)
    if path.is_absolute() or stored[1:2] == ":" or ".." in path.parts:
        raise DatasetInvalid("dataset.zip_path", f"The member {shown} points outside the archive.")
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DatasetInvalid("dataset.zip_link", f"The member {shown} is a link or a device, not a file.")
    if entry.flag_bits & ENCRYPTED:
        raise DatasetInvalid(
            "dataset.zip_encrypted", f"The member {shown} is encrypted: upload it without a password."
        )
    if entry.compress_type not in METHODS:
        raise DatasetInvalid(
            "dataset.zip_method",
            f"The member {shown} is packed in an unusual way (method {entry.compress_type}): use deflate.",
        )
    if path.suffix.lower() in NESTED:
        raise _nested(stored)


def _nested(name: str) -> DatasetInvalid:
    return DatasetInvalid(
        "dataset.zip_nested", f"The member {quoted(name)} is an archive inside the archive: unpack it first."
    )


def _broken(member: zipfile.ZipInfo, error: BaseException) -> DatasetInvalid:
    return DatasetInvalid(
        "dataset.zip_broken", f"The member {quoted(member.filename)} is damaged: {_said(error)}."
    )


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text[:120] or type(error).__name__
