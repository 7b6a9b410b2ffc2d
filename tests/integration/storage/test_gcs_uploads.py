"""Uploads to a bucket: one session for all who go on with it, of the size that was quoted; the hash is found, not believed."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from backend.cli import upload as cli_upload
from backend.cli.client import Api
from tests.support.javascript import node

KIB = 1024
DATA = random.Random(1).randbytes(1_000_000)
SIZE = len(DATA)


def sliced(url, start, end, data=DATA, **headers):
    span = f"bytes {start}-{end - 1}/{len(data)}"
    return requests.put(
        url,
        data=data[start:end],
        headers={"Content-Range": span, **headers},
        timeout=10,
        allow_redirects=False,
    )


def asked(url, size=SIZE):
    return requests.put(url, headers={"Content-Range": f"bytes */{size}"}, timeout=10, allow_redirects=False)


def read(objects, key="d"):
    with objects.open(key) as file:
        return file.read()


def test_upload_url__asked_again_elsewhere__is_the_same_upload(objects, opened):
    first = objects.upload_url("d", 60, SIZE)
    assert sliced(first, 0, 512 * KIB).status_code == 308
    again = opened().upload_url("d", 60, SIZE)
    assert again == first
    assert asked(again).headers["Range"] == f"bytes=0-{512 * KIB - 1}"
    assert sliced(again, 512 * KIB, SIZE).status_code == 200
    assert read(opened()) == DATA


def test_upload_url__asked_by_many_at_once__is_one_upload(opened):
    processes = [opened() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        urls = list(pool.map(lambda objects: objects.upload_url("d", 60, SIZE), processes))
    assert len(set(urls)) == 1
    assert asked(urls[0]).status_code == 308


def test_upload_url__after_the_upload__says_that_it_is_whole(objects, opened):
    url = objects.upload_url("d", 60, SIZE)
    sliced(url, 0, SIZE)
    assert objects.upload_url("d", 60, SIZE) == url
    assert asked(url).status_code == 200


def test_upload_url__what_came_was_deleted__starts_anew(objects, opened):
    url = objects.upload_url("d", 60, SIZE)
    sliced(url, 0, SIZE)
    opened().delete("d")
    fresh = objects.upload_url("d", 60, SIZE)
    assert fresh != url
    assert asked(fresh).status_code == 308
    assert sliced(fresh, 0, SIZE).ok
    assert read(objects) == DATA


def test_upload_url__deletion_was_killed_half_way__starts_anew(objects):
    url = objects.upload_url("d", 60, SIZE)
    sliced(url, 0, SIZE)
    place = objects._place
    place.bucket.blob(place.name("d")).delete()
    fresh = objects.upload_url("d", 60, SIZE)
    assert sliced(fresh, 0, SIZE).ok
    assert read(objects) == DATA


def test_upload_url__session_is_gone__starts_anew(objects, store):
    url = objects.upload_url("d", 60, SIZE)
    sliced(url, 0, 512 * KIB)
    store.state.sessions.clear()
    fresh = objects.upload_url("d", 60, SIZE)
    assert fresh != url
    assert "Range" not in asked(fresh).headers


def test_delete__unfinished_upload__ends_it(objects):
    url = objects.upload_url("d", 60, SIZE)
    sliced(url, 0, 512 * KIB)
    objects.delete("d")
    assert sliced(url, 512 * KIB, SIZE).status_code == 499
    assert objects.stat("d") is None


def test_upload__once_whole__cannot_be_written_over(objects, opened):
    url = objects.upload_url("d", 60, SIZE)
    other = opened()._sessions._start("d", SIZE)
    assert sliced(url, 0, SIZE).ok
    assert sliced(other, 0, SIZE, bytes(SIZE)).status_code == 412
    assert sliced(url, 0, SIZE, bytes(SIZE)).status_code == 200  # told again what is there
    assert read(objects) == DATA


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1])
def test_upload__of_another_size__is_refused(objects, size):
    url = objects.upload_url("d", 60, SIZE)
    assert sliced(url, 0, size, bytes(size)).status_code == 400
    assert objects.stat("d") is None


def test_stat__what_others_put__is_read_once(objects, opened, store):
    sliced(objects.upload_url("d", 60, SIZE), 0, SIZE)
    store.state.requests.clear()
    assert objects.stat("d").sha256 == hashlib.sha256(DATA).hexdigest()
    assert sum("/download/" in line for line in store.state.requests) == 1
    store.state.requests.clear()
    assert opened().stat("d") == objects.stat("d")
    assert not any("/download/" in line for line in store.state.requests)


def test_stat__replaced_by_others__has_the_hash_of_what_is_there(objects):
    objects.put("d", b"before")
    signed = objects.put_url("d", 60, 100)
    assert requests.put(signed.url, data=b"after", headers=signed.headers, timeout=10).ok
    assert objects.stat("d").sha256 == hashlib.sha256(b"after").hexdigest()
    assert read(objects) == b"after"


def test_upload__from_the_page__is_allowed_to_its_origin_alone(objects):
    url = objects.upload_url("d", 60, SIZE)
    asks = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-range"}
    for origin, allowed in (("http://127.0.0.1:8600", True), ("http://elsewhere.example", False)):
        told = requests.options(url, headers={"Origin": origin, **asks}, timeout=10).headers
        assert ("content-range" in told.get("Access-Control-Allow-Headers", "").lower()) is allowed
        answer = sliced(url, 0, 256 * KIB, Origin=origin).headers
        assert (answer.get("Access-Control-Allow-Origin") == origin) is allowed
        assert ("Range" in answer.get("Access-Control-Expose-Headers", "").split(", ")) is allowed


@pytest.fixture
def slices(monkeypatch):
    monkeypatch.setattr(cli_upload, "SLICE_BYTES", 256 * KIB)


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize("fault", ["cut", "busy"])
def test_command_line__interrupted__goes_on_in_another_process(objects, opened, store, tmp_path, fault):
    file = tmp_path / "data"
    file.write_bytes(DATA)

    class Killed(Exception):
        pass

    def killed_half_way(sent, size):
        if sent >= 512 * KIB:
            raise Killed

    with pytest.raises(Killed):
        cli_upload.upload(
            Api("http://api.test"), lambda: objects.upload_url("d", 60, SIZE), file, killed_half_way
        )
    seen = []
    if fault == "cut":
        store.state.cut = [300 * KIB]  # the connection is lost within the second slice of these
    else:
        store.state.failing = 2
    process = opened()
    cli_upload.upload(
        Api("http://api.test"),
        lambda: process.upload_url("d", 60, SIZE),
        file,
        lambda sent, size: seen.append(sent),
        sleep=lambda _: None,
    )
    assert (seen[0], seen[-1]) == (512 * KIB, SIZE)
    assert store.state.cut == []
    assert store.state.failing == 0
    assert objects.stat("d").sha256 == hashlib.sha256(DATA).hexdigest()


PAGE = """
const { upload } = await import(`${frontend}/upload.js`);
const sent = [];
const stop = new AbortController();
const way = {
  signal: stop.signal,
  newUrl: async () => given.url,
  put: async (url, range, body) => {
    const answer = await fetch(url, { method: "PUT", headers: { "Content-Range": range }, body, redirect: "manual" });
    return { status: answer.status, range: answer.headers.get("Range") };
  },
  wait: async () => {},
  progress: (at) => { sent.push(at.sent); if (given.stop_at && at.sent >= given.stop_at) stop.abort(); },
};
let why = null;
try { await upload(new Blob([new Uint8Array(given.size).fill(7)]), way); } catch (error) { why = error.name; }
give({ sent, why });
"""


def test_page__reloaded_half_way__goes_on_where_the_store_stands(objects, opened):
    size = 20 * 1024 * KIB
    half = {"url": objects.upload_url("d", 60, size), "size": size, "stop_at": 8 * 1024 * KIB}
    assert node(PAGE, half)["why"] == "AbortError"
    told = node(PAGE, {"url": opened().upload_url("d", 60, size), "size": size})
    assert (told["why"], told["sent"][0], told["sent"][-1]) == (None, 8 * 1024 * KIB, size)
    assert objects.stat("d").sha256 == hashlib.sha256(b"\x07" * size).hexdigest()
