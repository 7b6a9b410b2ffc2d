"""Signed URLs of the folder store."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from backend.adapters.storage.folder import FolderObjects
from backend.adapters.storage.links import Grant
from backend.errors import Forbidden, Invalid
from tests.support.clock import ManualClock

NOON = 1_900_000_000.0


@pytest.fixture
def objects(tmp_path):
    return FolderObjects(tmp_path, "http://api.example/", b"s" * 32, ManualClock(NOON))


def parts(url):
    split = urlsplit(url)
    prefix = "/objects/"
    assert split.path.startswith(prefix)
    return split.path.removeprefix(prefix), dict(parse_qsl(split.query))


def test_download_url__untouched__allows_get_and_head(objects):
    url = objects.download_url("jobs/1/model.h5", 60, "my model (1).h5")
    assert url.startswith("http://api.example/objects/jobs/1/model.h5?")
    key, query = parts(url)
    grant = Grant("jobs/1/model.h5", int(NOON) + 60, None, "my model (1).h5")
    assert objects.verify("GET", key, query, NOON + 60) == grant
    assert objects.verify("HEAD", key, query, NOON + 60) == grant


def test_upload_url__untouched__allows_put_up_to_its_size(objects):
    key, query = parts(objects.upload_url("u/1", 60, 1000))
    assert objects.verify("PUT", key, query, NOON) == Grant("u/1", int(NOON) + 60, 1000)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", ""])
def test_verify__download_url_for_another_verb__forbidden(objects, method):
    key, query = parts(objects.download_url("u/1", 60))
    with pytest.raises(Forbidden) as refusal:
        objects.verify(method, key, query, NOON)
    assert refusal.value.code == "object.signature"


def test_verify__upload_url_for_get__forbidden(objects):
    key, query = parts(objects.upload_url("u/1", 60, 1000))
    with pytest.raises(Forbidden):
        objects.verify("GET", key, query, NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "1900009999"},
        {"expires": "-1"},
        {"expires": "\u0661\u0669"},
        {"expires": ""},
        {"expires": "9" * 30},
        {"max": "1001"},
        {"max": "1e9"},
        {"filename": "evil.exe"},
        {"sig": "0" * 64},
        {"sig": ""},
        {"sig": "é\ud800"},
    ],
)
def test_verify__changed_query__forbidden(objects, change):
    key, query = parts(objects.upload_url("u/1", 60, 1000))
    with pytest.raises(Forbidden) as refusal:
        objects.verify("PUT", key, query | change, NOON)
    assert refusal.value.code == "object.signature"


@pytest.mark.parametrize("missing", ["expires", "max", "sig"])
def test_verify__missing_part__forbidden(objects, missing):
    key, query = parts(objects.upload_url("u/1", 60, 1000))
    del query[missing]
    with pytest.raises(Forbidden):
        objects.verify("PUT", key, query, NOON)


def test_verify__another_key__forbidden(objects):
    _, query = parts(objects.download_url("u/1", 60))
    with pytest.raises(Forbidden):
        objects.verify("GET", "u/2", query, NOON)


def test_verify__another_secret__forbidden(objects, tmp_path):
    other = FolderObjects(tmp_path, "http://api.example", b"t" * 32, ManualClock(NOON))
    key, query = parts(other.download_url("u/1", 60))
    with pytest.raises(Forbidden):
        objects.verify("GET", key, query, NOON)


def test_verify__after_its_time__expired(objects):
    key, query = parts(objects.download_url("u/1", 60))
    with pytest.raises(Forbidden) as refusal:
        objects.verify("GET", key, query, NOON + 61)
    assert refusal.value.code == "object.expired"


def test_verify__key_that_climbs__refused(objects):
    with pytest.raises(Invalid):
        objects.verify("GET", "../secret", {"expires": "1900000060", "sig": "0" * 64}, NOON)


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", 'a"b', "a\r\nSet-Cookie: x", "a" * 201])
def test_download_url__no_file_name__refused(objects, name):
    with pytest.raises(Invalid) as refusal:
        objects.download_url("u/1", 60, name)
    assert refusal.value.code == "object.filename"


def test_folder__short_secret__refused(tmp_path):
    with pytest.raises(Invalid) as refusal:
        FolderObjects(tmp_path, "http://api.example", b"short", ManualClock())
    assert refusal.value.code == "settings.secret"
