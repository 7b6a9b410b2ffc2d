"""The text of a CSV file: proved to be UTF-8, then handed out line by line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from backend.datasets.limits import Limits
from backend.datasets.refusal import DatasetInvalid, quoted

BLOCK = 1024 * 1024
LINE_FEED, RETURN = 10, 13
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_text(source: BinaryIO, name: str, limits: Limits) -> str:
    r"""Refuse what is not UTF-8 text, saying at which byte and line; return the line end (`\n` or, on old
    files, `\r`).
    """
    source.seek(0)
    offset, line, line_start, returns = 0, 1, 0, 0
    carry = b""
    while True:
        block = source.read(BLOCK)
        data = carry + block
        if offset == 0 and data.startswith(UTF16):
            raise _not_utf8(name, 0, 1, "it is UTF-16")
        nul = data.find(b"\0")
        bad = _first_undecodable(data, last=not block)
        wrong = min((at for at in (nul, bad) if at >= 0), default=-1)
        if wrong >= 0:
            at_line = line + data.count(b"\n", 0, wrong)
            if wrong == nul:
                raise DatasetInvalid(
                    "dataset.nul",
                    f"{quoted(name)} has a NUL byte at byte {offset + wrong} (line {at_line}): it is not a "
                    "text file.",
                )
            raise _not_utf8(name, offset + wrong, at_line, f"the byte is 0x{data[wrong]:02x}")
        if not block:
            return "\r" if returns and line == 1 else "\n"
        whole = _complete(data)
        feeds = data.count(b"\n", 0, whole)
        line_start = _check_line_length(data[:whole], offset, line, line_start, limits)
        line += feeds
        returns += data.count(b"\r", 0, whole)
        carry = data[whole:]
        offset += whole


def lines_of(source: BinaryIO, line_end: str) -> Iterator[str]:
    r"""Lines with their `\n`, byte order mark removed. The text must have passed `check_text`."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    while block := source.read(BLOCK):
        text = decoder.decode(block)
        if line_end == "\r":
            text = text.replace("\r", "\n")
        text = rest + text
        whole = text.rfind("\n") + 1
        rest = text[whole:]
        # Unlike str.splitlines, this splits at line feeds only: form feeds and U+2028 are ordinary
        # characters of a field.
        yield from io.StringIO(text[:whole], newline="\n")
    if rest:
        yield rest


def _first_undecodable(data: bytes, *, last: bool) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3 and error.reason == "unexpected end of data"
        return error.start if last or not cut else -1
    return -1


def _complete(data: bytes) -> int:
    """Length of `data` without a character that its end cuts in two."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _check_line_length(data: bytes, offset: int, line: int, line_start: int, limits: Limits) -> int:
    """Where the last line begun so far starts in the file; a line too long to be a row is refused."""
    view = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero((view == LINE_FEED) | (view == RETURN)) + offset
    starts = np.concatenate(([line_start], ends + 1))
    long = np.flatnonzero(np.append(ends, offset + len(data)) - starts > limits.max_row_bytes)
    if len(long):
        at = line + data.count(b"\n", 0, max(0, int(starts[long[0]]) - offset))
        raise DatasetInvalid(
            "dataset.row_too_long", f"Line {at} is longer than {limits.max_row_bytes} bytes."
        )
    return int(starts[-1])


def _not_utf8(name: str, offset: int, line: int, detail: str) -> DatasetInvalid:
    return DatasetInvalid(
        "dataset.not_utf8",
        f"{quoted(name)} is not UTF-8 text at byte {offset} (line {line}; {detail}): save it as UTF-8.",
    )
