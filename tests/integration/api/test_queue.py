"""The queue between API processes: with a password and over TLS, and a socket that another process holds is closed by it."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio
import trustme

from backend.adapters.queue import RedisQueue
from backend.config import Settings
from backend.errors import Invalid, Recoverable
from tests.integration.api.conftest import SECONDS, eventually
from tests.support import redis_server
from tests.support.mongod import free_port

PASSWORD = "a-word-nobody-guesses"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[str]:
    """A queue behind a password and TLS; the URL that opens it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    port = str(free_port())
    files = {"cert-file": "cert.pem", "key-file": "key.pem", "ca-cert-file": "ca.pem"}
    options = [part for name, file in files.items() for part in (f"--tls-{name}", str(tmp_path / file))]
    server = redis_server.Redis(
        tmp_path / "redis",
        *("--tls-port", port, "--port", "0", "--tls-auth-clients", "no", *options),
        *("--requirepass", PASSWORD),
    )
    try:
        server.start()
        yield f"rediss://:{PASSWORD}@127.0.0.1:{port}/0?ssl_ca_certs={tmp_path / 'ca.pem'}"
    finally:
        server.kill()


def test_probe__right_password_over_tls__answers(guarded: str) -> None:
    assert RedisQueue(guarded, "ecodml").probe() == "answers"


@pytest.mark.parametrize(("right", "wrong"), [(PASSWORD, "guess"), ("rediss", "redis")])
def test_probe__wrong_password_or_no_tls__says_so_and_names_no_secret(
    guarded: str, right: str, wrong: str
) -> None:
    url = guarded.replace(right, wrong, 1)
    if wrong == "redis":
        url = url.partition("?")[0]
    with pytest.raises(Recoverable) as refused:
        RedisQueue(url, "ecodml").probe()
    assert refused.value.code == "queue.unreachable"
    assert PASSWORD not in refused.value.message
    assert wrong == "redis" or "guess" not in refused.value.message


def test_settings__queue_of_another_kind__is_refused_and_no_password_is_shown() -> None:
    with pytest.raises(Invalid) as refused:
        Settings(queue_url="amqp://somewhere")
    assert refused.value.code == "settings.queue"
    assert PASSWORD not in repr(Settings(queue_url=f"rediss://:{PASSWORD}@somewhere"))


def test_disconnect__socket_of_another_process__is_closed_by_the_queue(tmp_path: Path) -> None:
    closed: list[str] = []
    heard = threading.Event()
    with redis_server.running(tmp_path / "redis") as redis:
        asking, holding = (
            socketio.Server(client_manager=RedisQueue(redis.url, "one").manager, async_mode="threading")
            for _ in range(2)
        )
        stranger = socketio.Server(
            client_manager=RedisQueue(redis.url, "two").manager, async_mode="threading"
        )
        for server, name in ((holding, "holding"), (stranger, "stranger")):
            server.manager._handle_disconnect = lambda message, name=name: (
                closed.append(f"{name} {message['sid']}"),
                heard.set(),
            )
            server.manager.initialize()
        eventually(lambda: _listeners(redis.port) == 2)
        asking.disconnect("a-socket", namespace="/nodes")
        assert heard.wait(SECONDS)
    assert closed == ["holding a-socket"]


def _listeners(port: int) -> int:
    command = ["redis-cli", "-p", str(port), "pubsub", "numsub", "ecodml/one", "ecodml/two"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return sum(int(number) for number in told[1::2])
