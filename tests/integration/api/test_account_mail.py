"""Letters about accounts through a real SMTP server: written once, read there, and their links good in the API."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from backend.adapters.mail.sink import Sink
from backend.adapters.mail.smtp import SmtpMail
from tests.support.accounts import Person, Post
from tests.support.api_world import World
from tests.support.mongod import free_port

ANNA, PASSWORD = "anna@example.org", "correct horse battery"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An API whose clock goes."""
    return World(tmp_path, clock=time.time)


def test_letters__sent_through_smtp__open_what_they_promise(world: World, tmp_path: Path) -> None:
    port = free_port()
    with Sink(tmp_path / "mail", "127.0.0.1", port, 0) as sink:
        post = Post(world, SmtpMail(f"smtp://127.0.0.1:{port}", "EcoDML <no-reply@ecodml.example>"))

        def token() -> str:
            post.send()
            return re.findall(r"#token=(\S+)", sink.office.mails(ANNA)[0].text)[-1]

        person = Person(world)
        person.post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
        confirm = token()
        post.send()
        assert len(sink.office.mails(ANNA)) == 1
        assert person.post("/api/auth/verify", token=confirm, password=PASSWORD).status_code == 200
        person.post("/api/auth/forgot", email=ANNA)
        reset = token()
        assert person.post("/api/auth/reset", token=reset, password="a new password").status_code == 200
        post.send()
        subjects = [mail.subject for mail in sink.office.mails(ANNA)]
        assert subjects == [
            "EcoDML: your password was changed",
            "EcoDML: set a new password",
            "EcoDML: confirm your e-mail address",
        ]
        assert all(PASSWORD not in mail.text for mail in sink.office.mails(ANNA))


def test_letters__mail_server_away__are_sent_when_it_is_back(world: World, tmp_path: Path) -> None:
    port = free_port()
    post = Post(world, SmtpMail(f"smtp://127.0.0.1:{port}", "EcoDML <no-reply@ecodml.example>"))
    Person(world).post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
    post.send()
    (waiting,) = world.parts.effects.troubled()
    assert (waiting.kind, waiting.attempts) == ("SendAccountMail", 1)
    with Sink(tmp_path / "mail", "127.0.0.1", port, 0) as sink:
        world.parts.effects.retry(waiting.key, -10.0, "now")
        post.send()
        assert len(sink.office.mails(ANNA)) == 1
