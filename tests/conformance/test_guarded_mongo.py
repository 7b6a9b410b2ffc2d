"""What a database with users and TLS refuses: one sentence and a code each, at the start, and no password in any of them."""

import traceback

import pytest

from backend.adapters import mongo
from backend.bootstrap.stores import password
from backend.errors import EcoError, Invalid, Recoverable, Unrecoverable
from tests.support.clock import ManualClock
from tests.support.guarded_mongod import PASSWORD, GuardedMongod


@pytest.fixture
def patient(monkeypatch):
    """No longer than it takes to be refused."""
    monkeypatch.setattr("backend.adapters.mongo.connection.SELECTION_MS", 500)


@pytest.fixture(scope="module")
def granted(guarded_mongod):
    guarded_mongod.grant("granted")
    guarded_mongod.grant("reading", role="read")
    return guarded_mongod


def told(refusal: pytest.ExceptionInfo[EcoError]) -> str:
    """All that a log could show of it."""
    return "".join(traceback.TracebackException.from_exception(refusal.value, capture_locals=False).format())


def test_connect__wrong_password__says_so_without_it(granted):
    uri = granted.guarded_uri("granted", "wr0ng-secret")
    with pytest.raises(Recoverable) as refusal:
        mongo.connect(uri, "granted")
    assert refusal.value.code == "database.credentials"
    assert "wr0ng-secret" not in told(refusal)


def test_connect__missing_rights__says_which(granted):
    with pytest.raises(Recoverable) as refusal:
        mongo.connect(granted.guarded_uri("reading"), "reading")
    assert refusal.value.code == "database.rights"
    assert "readWrite" in refusal.value.message
    with pytest.raises(Recoverable, match=r"database\.rights"):
        mongo.connect(granted.guarded_uri("granted"), "somebody-elses")


def test_connect__authority_unknown__says_so(granted, patient):
    with pytest.raises(Recoverable) as refusal:
        mongo.connect(granted.guarded_uri("granted", with_ca=False), "granted")
    assert refusal.value.code == "database.certificate"
    assert "issuer" in refusal.value.message or "self-signed" in refusal.value.message


def test_connect__authority_of_this_process__is_trusted(granted, authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with mongo.connect(granted.guarded_uri("granted", with_ca=False), "granted") as db:
        mongo.MongoCursors(db).save("here", 7)
        assert mongo.MongoCursors(db).load("here") == 7


def test_connect__certificate_of_another_host__says_so(tmp_path, authority, patient):
    server = GuardedMongod(tmp_path, authority, authority.issue("other", host="db.example"))
    server.options["tlsInsecure"] = True
    del server.options["tlsCAFile"]
    try:
        server.start()
        with pytest.raises(Recoverable) as refusal:
            mongo.connect(server.guarded_uri("granted"), "granted")
    finally:
        server.kill()
    assert refusal.value.code == "database.certificate"
    assert "127.0.0.1" in refusal.value.message


def test_connect__password_in_a_file__counts(granted, tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    with mongo.connect(granted.guarded_uri("granted", password=None), "granted", password(file)) as db:
        assert mongo.MongoTickets(db, ManualClock()).unsealed(1) == []


def test_password__file_missing__says_which(tmp_path):
    with pytest.raises(Unrecoverable, match=r"settings\.file"):
        password(tmp_path / "none")


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://u:hidden/er@127.0.0.1:1/",
        "mongodb://u:hid@den@127.0.0.1:1/",
        "mongodb://u:hidden@127.0.0.1:port/",
        "mongodb://u:hidden@127.0.0.1/?tls=perhaps&authMechanism=hidden",
        "mongodb://u:hidden@127.0.0.1/?tls=true&tlsCAFile=/nowhere/ca.pem",
    ],
)
def test_connect__address_that_cannot_be_read__does_not_repeat_the_password(uri):
    with pytest.raises(Invalid) as refusal:
        mongo.connect(uri, "none")
    assert refusal.value.code == "settings.database"
    assert "hid" not in told(refusal)
