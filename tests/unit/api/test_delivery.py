"""What leaves with every answer: a policy for pages, and as few bytes as can be."""

import gzip
from dataclasses import replace
from pathlib import Path

import brotli

from tests.support.api_world import World


def test_headers__every_answer__says_what_pages_may_do(world: World) -> None:
    for path in ("/", "/api/nodes", "/static/app.js", "/nowhere"):
        headers = world.client.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["worker-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["connect-src"] == "'self' ws://127.0.0.1:8600"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_headers__objects_in_a_bucket__may_be_reached(tmp_path: Path) -> None:
    settings = replace(World(tmp_path).parts.settings, objects="gs://a-bucket")
    world = World(tmp_path, changes={"settings": settings})
    assert "https://storage.googleapis.com;" in world.client.get("/").headers["Content-Security-Policy"]


def test_static__compressed__is_the_same_file_and_is_asked_for_once(world: World) -> None:
    plain = world.client.get("/static/app.js", headers={"Accept-Encoding": "identity"})
    small = world.client.get("/static/app.js", headers={"Accept-Encoding": "gzip, br"})
    zipped = world.client.get("/static/app.js", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data) == gzip.decompress(zipped.data) == plain.data
    assert len(small.data) < len(plain.data)
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len({plain.headers["ETag"], small.headers["ETag"], zipped.headers["ETag"]}) == 3
    again = {"Accept-Encoding": "gzip, br", "If-None-Match": small.headers["ETag"]}
    unchanged = world.client.get("/static/app.js", headers=again)
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_static__changed__is_compressed_anew(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    world = World(tmp_path / "objects", changes={"frontend": pages})
    for text in ("a" * 1000, "b" * 2000):
        (pages / "app.js").write_text(text)
        answer = world.client.get("/static/app.js", headers={"Accept-Encoding": "br"})
        assert brotli.decompress(answer.data).decode() == text


def test_static__a_range__is_left_as_it_is(world: World) -> None:
    headers = {"Accept-Encoding": "br", "Range": "bytes=0-9"}
    part = world.client.get("/static/app.js", headers=headers)
    assert (part.status_code, len(part.data)) == (206, 10)
    assert "Content-Encoding" not in part.headers


def test_sessions__hold_secrets__are_never_compressed(world: World) -> None:
    answer = world.client.get("/api/auth/session", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers
    large = world.client.get("/api/config", headers={"Accept-Encoding": "br"})
    assert large.headers["Content-Encoding"] == "br"
