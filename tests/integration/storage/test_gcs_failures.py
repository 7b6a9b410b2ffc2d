"""A bucket that fails: tried again, and then one clear sentence; nothing half written, nothing believed that does not add up."""

from __future__ import annotations

import json
import threading
from urllib.parse import urlsplit

import pytest
import requests

from backend.adapters.storage.gcs import GcsObjects
from backend.adapters.storage.gcs_client import connect
from backend.errors import Invalid, NotFound, Recoverable
from tests.support.mongod import free_port

from .conftest import ORIGIN


def verbs(objects):
    return (
        lambda: objects.put("a", b"x"),
        lambda: objects.put_blocks("a", [b"x"]),
        lambda: objects.open("a"),
        lambda: objects.stat("a"),
        lambda: objects.delete("a"),
        lambda: objects.upload_url("a", 60, 1),
        objects.probe,
    )


def codes(objects):
    told = set()
    for act in verbs(objects):
        with pytest.raises(Recoverable) as refusal:
            act()
        told.add(refusal.value.code)
    return told


def test_every_verb__busy_for_a_moment__is_tried_again(objects, store):
    objects.put("a", b"x")
    for act in verbs(objects):
        store.state.failing = 2
        result = act()
        assert store.state.failing == 0
        if hasattr(result, "close"):
            result.close()


def test_every_verb__store_down__says_so(store):
    place = connect(store.address, f"http://127.0.0.1:{free_port()}", store.credentials_file)
    assert codes(GcsObjects(place, ORIGIN)) == {"object.unreachable"}


def test_every_verb__store_fails_on__says_so(objects, store, monkeypatch):
    objects.probe()
    monkeypatch.setattr(store.state, "failing", 10_000)
    assert codes(objects) == {"object.unreachable"}


def test_every_verb__account_without_rights__says_so(objects, store, monkeypatch):
    objects.probe()
    monkeypatch.setattr(store.state, "tokens", set())
    monkeypatch.setattr(store.state, "grants", lambda assertion: False)
    assert codes(objects) == {"object.not_allowed"}


def test_bucket__that_is_not_there__is_said_by_the_probe_and_on_writing(store):
    objects = GcsObjects(connect("gs://no-such-bucket", store.endpoint, store.credentials_file), ORIGIN)
    for act in (objects.probe, lambda: objects.put("a", b"x"), lambda: objects.upload_url("a", 60, 1)):
        with pytest.raises(Recoverable) as refusal:
            act()
        assert refusal.value.code == "object.not_allowed"
    with pytest.raises(NotFound):
        objects.open("a")


def test_account__of_another_server__is_not_shown_to_google(store, opened, monkeypatch):
    asked = set()
    send = requests.Session.send

    def noting(session, request, **how):
        asked.add(urlsplit(request.url).hostname)
        return send(session, request, **how)

    monkeypatch.setattr(requests.Session, "send", noting)
    opened().put("a", b"x")
    for thread in threading.enumerate():
        if type(thread).__module__.startswith("google."):
            thread.join()
    assert asked == {"127.0.0.1"}


def test_open__bytes_that_are_not_what_was_put__are_not_handed_out(objects):
    objects.put("a", b"what was put")
    blob = objects._place.bucket.get_blob(objects._place.name("a"))
    blob.metadata = {"ecodml-sha256": "00" * 32}
    blob.patch()
    with pytest.raises(Recoverable) as refusal:
        objects.open("a")
    assert refusal.value.code == "object.damaged"


@pytest.mark.parametrize(
    "address", ["gs://", "gs://UPPER", "gs://a-bucket/a b", "gs://a-bucket//", "s3://a-bucket"]
)
def test_connect__no_address_of_a_bucket__is_refused(store, address):
    with pytest.raises(Invalid) as refusal:
        connect(address, store.endpoint, store.credentials_file)
    assert refusal.value.code == "settings.objects"


@pytest.mark.parametrize("content", [None, "", "{}", '{"type": "authorized_user"}'])
def test_connect__no_service_account__is_refused(store, tmp_path, content):
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Invalid) as refusal:
        connect(store.address, store.endpoint, file)
    assert refusal.value.code == "settings.objects_credentials"


def test_connect__credentials_that_cannot_sign__are_refused(store, tmp_path, monkeypatch):
    user = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "t"}
    file = tmp_path / "user.json"
    file.write_text(json.dumps(user))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(Invalid) as refusal:
        connect(store.address, store.endpoint, None)
    assert refusal.value.code == "settings.objects_credentials"


def test_connect__credentials_named_as_google_does__are_found(store, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(store.credentials_file))
    objects = GcsObjects(connect(store.address, store.endpoint, None), ORIGIN)
    assert objects.put("named/a", b"x").size == 1
