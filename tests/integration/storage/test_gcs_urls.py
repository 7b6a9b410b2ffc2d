"""Signed URLs to a bucket: what they allow, and nothing else. The store checks them by Google's rules."""

from __future__ import annotations

import time

import pytest
import requests

from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.tasks import ObjectRef, Upload

DATA = b"0123456789" * 1000


def put(signed, data=DATA, **headers):
    return requests.put(signed.url, data=data, headers={**signed.headers, **headers}, timeout=10)


def test_download_url__as_given__sends_the_file_by_its_name_and_in_ranges(objects):
    objects.put("a/model", DATA)
    url = objects.download_url("a/model", 60, "größe & maß.h5")
    whole = requests.get(url, timeout=10)
    assert (whole.status_code, whole.content) == (200, DATA)
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe%20%26%20ma%C3%9F.h5" in whole.headers["Content-Disposition"]
    part = requests.get(url, headers={"Range": "bytes=9990-"}, timeout=10)
    assert (part.status_code, part.content) == (206, b"0123456789")


def test_download_url__without_a_name__is_still_no_page(objects):
    objects.put("a", b"<script>")
    got = requests.get(objects.download_url("a", 60), timeout=10)
    assert got.headers["Content-Disposition"] == "attachment"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda url: url.replace("/a/b?", "/a/c?"), 403, "SignatureDoesNotMatch"),
        (lambda url: url.replace("X-Goog-Expires=60", "X-Goog-Expires=61"), 403, "SignatureDoesNotMatch"),
        (lambda url: url + "&response-content-type=text/html", 403, "SignatureDoesNotMatch"),
        (lambda url: url.replace("attachment", "inline"), 403, "SignatureDoesNotMatch"),
        (lambda url: url.partition("&X-Goog-Signature")[0], 400, "InvalidQueryParameterValue"),
    ],
)
def test_download_url__changed__opens_nothing(objects, change, status, code):
    objects.put("a/b", DATA)
    objects.put("a/c", DATA)
    url = change(objects.download_url("a/b", 60))
    got = requests.get(url, timeout=10)
    assert got.status_code == status
    assert code in got.text


def test_urls__for_another_verb__open_nothing(objects):
    objects.put("a", DATA)
    assert requests.put(objects.download_url("a", 60), data=b"x", timeout=10).status_code == 403
    assert requests.get(objects.put_url("a", 60, 10).url, timeout=10).status_code == 403


def test_urls__after_their_time__have_expired(objects, store, monkeypatch):
    objects.put("a", DATA)
    url, signed = objects.download_url("a", 60), objects.put_url("b", 60, 20_000)
    monkeypatch.setattr(store.state, "clock", lambda: time.time() + 62)
    assert "ExpiredToken" in requests.get(url, timeout=10).text
    assert "ExpiredToken" in put(signed).text
    assert objects.stat("b") is None


def test_download_url__longer_than_a_signature_lives__lives_as_long(objects):
    objects.put("a", DATA)
    assert requests.get(objects.download_url("a", 8 * 86_400), timeout=10).ok


def test_put_url__as_given__writes_what_fits(objects):
    assert put(objects.put_url("a", 60, len(DATA))).ok
    with objects.open("a") as file:
        assert file.read() == DATA


def test_put_url__too_large__is_refused_and_leaves_what_was_there(objects):
    objects.put("a", b"before")
    refused = put(objects.put_url("a", 60, len(DATA) - 1))
    assert (refused.status_code, "EntityTooLarge" in refused.text) == (400, True)
    with objects.open("a") as file:
        assert file.read() == b"before"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-goog-content-length-range": "0,999999"},
        {"Content-Type": "text/html"},
        {"x-goog-meta-ecodml-sha256": "00" * 32},
        {"x-goog-acl": "public-read"},
    ],
)
def test_put_url__other_headers_than_signed__is_refused(objects, headers):
    assert put(objects.put_url("a", 60, len(DATA)), **headers).status_code == 403
    assert objects.stat("a") is None


def test_worker__stores_and_fetches__through_the_bucket(objects, tmp_path):
    store = ObjectStore(tmp_path)
    signed = objects.put_url("jobs/1/update", 60, 1 << 30)
    stored = store.put(Upload(signed.url, "jobs/1/update", dict(signed.headers)), DATA)
    there = objects.stat("jobs/1/update")
    assert (there.sha256, there.size) == (stored.sha256, stored.size)
    ref = ObjectRef(objects.download_url("jobs/1/update", 60), there.sha256, there.size)
    assert store.fetch(ref) == DATA
