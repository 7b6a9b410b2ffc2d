"""Reads and writes of objects: whatever the path, the query and the headers say, the store keeps what it promised."""

from __future__ import annotations

from urllib.parse import urlsplit

from scripts.fuzz.target import Judge, Target, promised
from scripts.fuzz.targets.world import answered, world

KEY, SECRET_KEY = "datasets/a", "datasets/secret"
HEADERS = ("Content-Range", "Range", "If-Range", "If-None-Match", "Content-Length", "Content-Type")


def _uploads() -> Judge:
    opened = world()
    objects = opened.parts.objects
    objects.put(SECRET_KEY, b"nobody was given this")
    client = opened.client
    root = opened.folder

    def judge(data: bytes) -> None:
        """The first byte says which way; then lines: what is put after the URL, a header's name and value each, the body."""
        way, lines = data[:1], data[1:].split(b"\n", 7)
        lines += [b""] * (8 - len(lines))
        write = way < b"\x80"
        url = objects.upload_url(KEY, 60, 100) if write else objects.download_url(KEY, 60, "file.bin")
        parts = urlsplit(url)
        path, query = parts.path, parts.query
        tail = lines[0].decode("latin-1")
        if way[:1] and way[0] & 1:
            path = f"/objects/{tail.replace('?', '%3f')}"
        elif tail:
            query = f"{query}&{tail}" if way and way[0] & 2 else tail
        headers = {}
        for name, value in zip(HEADERS, lines[1:7], strict=True):
            if value and not value.endswith(b"\r") and b"\r" not in value and b"\0" not in value:
                headers[name] = value.decode("latin-1")
        method = "PUT" if write else "GET"
        response = client.open(path, method=method, query_string=query, headers=headers, data=lines[7])
        answered(response)
        promised(b"nobody was given this" not in response.data, "it showed an object without a link to it")
        held = objects.stat(KEY)
        promised(held is None or held.size <= 100, "more is kept than the link allows")
        promised(
            all(p.is_relative_to(root / "datasets") or p.name == "~lock" for p in root.rglob("*~*")),
            "a file lies elsewhere",
        )

    return judge


def _seeds() -> list[bytes]:
    return [
        b"\0\n\n\n\n\n\n\n0123456789",
        b"\0\nbytes 0-3/10\n\n\n\n\n\n0123",
        b"\0\nbytes 4-9/10\n\n\n\n\n\n456789",
        b"\0\nbytes */10\n\n\n\n\n\n",
        b"\xfe\n\nbytes=0-3\n\n\n\n\n",
        b"\xff../../etc/passwd\n\nbytes=-3\n\n\n\n\n",
        b"\2max=100000\n\n\n\n\n\n\nx",
    ]


WORDS = (
    b"bytes ",
    b"bytes */",
    b"bytes=",
    b"0-",
    b"-1",
    b"999999999999999999",
    b"%2e%2e%2f",
    b"../",
    b"~facts",
    b"\xd9\xa1",
    b"max=",
)
TARGETS = (Target("uploads", _uploads, _seeds, WORDS, 1_024),)
