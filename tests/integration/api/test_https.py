"""The API behind HTTPS of its own, with a real chain of certificates, and those who dial it: they verify it, or say why not."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from structlog.testing import capture_logs

from backend.api import tls
from backend.api.server import served_certificate
from backend.api.tls import ServedCertificate
from backend.cli.__main__ import main
from backend.cli.client import Api
from backend.config import load
from backend.errors import Invalid, Recoverable, Unrecoverable
from fl_nodes.cli.market import configuration
from fl_nodes.connection import Connection, Introduction
from fl_nodes.errors import Unreachable
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.tasks import ObjectRef, Role, Upload
from fl_nodes.trust import trust
from tests.integration.api.conftest import SECONDS, Served, eventually
from tests.support.api_world import CUSTOMER, STRANGER, World, node_of
from tests.support.certificates import Authority, Identity

WRONG = {
    "expired": ({"expired": True}, "expired"),
    "of another host": ({"host": "market.example"}, "not valid for '127.0.0.1'"),
    "of an unknown authority": ({}, "--ca-file"),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path | None], None]:
    """Trusts for the length of a test."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "ECODML_CA_FILE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return trust


@contextmanager
def serving(folder: Path, identity: Identity) -> Iterator[Served]:
    world = World(folder, clock=time.time)
    settings = replace(
        world.parts.settings,
        api_url="https://127.0.0.1:8600",
        tls_cert_file=identity.certificate,
        tls_key_file=identity.key,
    )
    served = Served(
        World(folder, clock=time.time, changes={"settings": settings}), served_certificate(settings)
    )
    try:
        yield served
    finally:
        served.stop()


@contextmanager
def dialling(url: str) -> Iterator[Connection]:
    """A node's connection, as `ecodml node run` makes it."""
    stop = threading.Event()
    who = Introduction(account=STRANGER, role=Role.TRAINER, name="one", provider=CUSTOMER.address)
    connection = Connection(url, who)
    thread = threading.Thread(target=connection.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield connection
    finally:
        stop.set()
        thread.join(SECONDS)


def test_node__authority_named__is_served_over_wss_and_moves_objects(tmp_path, authority, trusting):
    trusting(authority.ca_file)
    with serving(tmp_path, authority.issue()) as served:
        served.world.nodes.mirror(node_of(STRANGER, CUSTOMER))
        with dialling(served.url) as connection:
            eventually(lambda: connection.ready)
            assert connection.call("beat", {}) == {"ok": True}
        assert configuration(served.url)["market"]["chain_id"] == 31337
        store = ObjectStore(tmp_path / "kept")
        objects = served.world.parts.objects
        upload = objects.upload_url("a/b", 60.0, 3).replace("http://127.0.0.1:8600", served.url)
        stored = store.put(Upload(upload, "a/b"), b"abc")
        download = objects.download_url("a/b", 60.0).replace("http://127.0.0.1:8600", served.url)
        assert store.fetch(ObjectRef(download, stored.sha256, 3)) == b"abc"


@pytest.mark.parametrize("wrong", WRONG)
def test_node__certificate_wrong__says_so_once_and_goes_on_trying(
    tmp_path, authority, trusting, monkeypatch, caplog, wrong
):
    issued, why = WRONG[wrong]
    monkeypatch.setattr("fl_nodes.connection.LONGEST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("fl_nodes.connection.FIRST_PAUSE_SECONDS", 0.05)
    other = Authority(tmp_path / "other")
    served_by = other if "authority" in wrong else authority
    trusting(authority.ca_file)
    identity = served_by.issue("served", **issued)
    tried: list[int] = []
    with serving(tmp_path, identity) as served, capture_logs() as logs, dialling(served.url) as connection:
        served.world.nodes.mirror(node_of(STRANGER, CUSTOMER))
        opened = connection._open_line
        monkeypatch.setattr(connection, "_open_line", lambda: (tried.append(1), opened())[1])
        eventually(lambda: len(tried) > 5)
        told = [log for log in logs if log["event"] == "connection.failed"]
        assert len(told) == 1
        assert (why in told[0]["why"], caplog.records) == (True, [])  # nor does the server
        assert not connection.ready
        # The operator renews it, without a restart on either side.
        renewed = authority.issue("renewed")
        identity.key.write_bytes(renewed.key.read_bytes())
        identity.certificate.write_bytes(renewed.certificate.read_bytes())
        eventually(lambda: connection.ready)


@pytest.mark.parametrize("wrong", WRONG)
def test_commands__certificate_wrong__one_sentence(tmp_path, authority, trusting, capsys, wrong):
    issued, why = WRONG[wrong]
    trusting(None if "authority" in wrong else authority.ca_file)
    with serving(tmp_path, authority.issue("served", **issued)) as served:
        with pytest.raises(Recoverable) as refusal:
            Api(served.url).get("/api/config")
        assert refusal.value.code == "api.certificate"
        assert why in refusal.value.message
        with pytest.raises(Unreachable) as unreachable:
            configuration(served.url)
        assert unreachable.value.code == "api.certificate"
        assert main(["intensity", "ES", "--api", served.url]) == 1
    said = capsys.readouterr().err.strip()
    assert why in said
    assert len(said.splitlines()) == 1


def test_command__ca_file__is_trusted(tmp_path, authority, capsys):
    with serving(tmp_path, authority.issue()) as served:
        assert main(["intensity", "ES", "--api", served.url, "--ca-file", str(authority.ca_file)]) == 0
        assert main(["intensity", "ES", "--api", served.url, "--ca-file", str(tmp_path / "none")]) == 2
    assert "cli.ca_file" in capsys.readouterr().err


def test_answers__over_https__browsers_stay_and_cookies_are_secure(tmp_path, authority):
    with serving(tmp_path, authority.issue()) as served:
        answer = requests.get(f"{served.url}/api/auth/session", verify=str(authority.ca_file))
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "wss://" in answer.headers["Content-Security-Policy"]
    assert all("secure" in cookie.lower() for cookie in answer.raw.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("said", [b"\x16", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_stranger__no_handshake__is_hung_up_on(tmp_path, authority, monkeypatch, said):
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.2)
    with (
        serving(tmp_path, authority.issue()) as served,
        socket.create_connection(("127.0.0.1", served.server.port), SECONDS) as stranger,
    ):
        stranger.sendall(said)
        with pytest.raises(ssl.SSLError):
            # What comes back, if anything, is no TLS and no page: the line ends.
            ssl.create_default_context(cafile=authority.ca_file).wrap_socket(stranger, server_hostname="x")
        assert requests.get(f"{served.url}/api/nodes", verify=str(authority.ca_file), timeout=SECONDS).ok


def test_certificate__files_that_do_not_fit__refused_at_start_and_kept_out_later(tmp_path, authority):
    one, two = authority.issue("one"), authority.issue("two")
    with pytest.raises(Unrecoverable, match=r"settings\.tls"):
        ServedCertificate(one.certificate, two.key)
    with pytest.raises(Unrecoverable, match=r"settings\.tls"):
        ServedCertificate(tmp_path / "none", one.key)
    served = ServedCertificate(one.certificate, one.key)
    before = served.context()
    one.key.write_bytes(two.key.read_bytes())
    os.utime(one.key, (1, 1))
    assert served.context() is before
    one.certificate.write_bytes(two.certificate.read_bytes())
    assert served.context() is not before


@pytest.mark.parametrize(
    "given",
    [
        {"ECODML_TLS_CERT_FILE": "c.pem"},
        {"ECODML_TLS_CERT_FILE": "c.pem", "ECODML_TLS_KEY_FILE": "k.pem", "ECODML_API_URL": "http://x"},
    ],
)
def test_settings__tls_that_cannot_work__refused(given):
    with pytest.raises(Invalid, match=r"settings\.tls"):
        load(given)


def test_settings__shown__hold_no_password():
    settings = load({"MONGODB_URI": "mongodb://u:hidden@h/", "SMTP_URL": "smtps://u:hidden@h"})
    assert "hidden" not in repr(settings)
