"""A log line says what it is about, and holds nothing that opens anything."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
import structlog

from backend import log
from fl_nodes import logs as node_logs
from fl_nodes.protocol.redaction import redacted
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.session import answered
from tests.support.api_world import World

SIGNED = "http://h/objects/a?expires=1&max=2&sig=" + "ab" * 32
GOOGLE = "https://storage.googleapis.com/b/o?X-Goog-Credential=me%40x&X-Goog-Signature=" + "cd" * 32
MAIL_TOKEN = "eyJ1c2VyIjoidTEiLCJlbWFpbCI6.ZzQ2Yg.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw"


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (SIGNED, "abab"),
        (GOOGLE, "cdcd"),
        ("mongodb://admin:hunter2@db:27017/?replicaSet=rs0", "hunter2"),
        ("smtps://post:hunter2@mail:465", "hunter2"),
        ("Authorization: Bearer s3cr3t-t0ken", "s3cr3t"),
        ("https://site/reset#token=" + MAIL_TOKEN, "eyJ1"),
        (MAIL_TOKEN, "eyJ1"),
        ("The letter to anna@example.org cannot be sent", "anna@example.org"),
        ('{"address": "0x1", "private_key": "0x' + "12" * 32 + '"}', "1212"),
        ("password=hunter2&x=1", "hunter2"),
        ("-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "MIIabc"),
        ("/tickets/t_1?token=1800000000.abcdef", "abcdef"),
    ],
)
def test_text__that_opens_something__is_taken_out_wherever_it_stands(text: str, secret: str) -> None:
    for value in (text, f"before {text} after", {"why": {"deep": [text]}}, ValueError(text)):
        assert secret not in json.dumps(redacted(value))


@pytest.mark.parametrize(
    "name",
    ["token", "password", "private_key", "Authorization", "api_key", "signature", "cookie", "link_token"],
)
def test_field__named_like_a_secret__is_hidden_whatever_it_holds(name: str) -> None:
    assert redacted({name: "x"}) == {name: "[secret]"}


@pytest.mark.parametrize(
    "value",
    [
        "0x" + "ab" * 32,
        "t_1/mail/funded",
        "datasets/t_1",
        12,
        None,
        True,
        1.5,
        "backend.adapters.mongo.connection",
    ],
)
def test_value__that_is_looked_for__stays(value: Any) -> None:
    assert redacted(value, "key") == value


def test_line__inside__carries_what_it_is_about_and_the_process_in_every_thread(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("settler")

    def work() -> None:
        with log.about(ticket="t_1", job="0xj", effect="t_1/settle"), log.about(round=2):
            structlog.get_logger().info("transaction.confirmed", tx="0xt")
        structlog.get_logger().info("after")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    inside, after = lines(capsys.readouterr().err)
    assert (
        inside
        | {
            "ticket": "t_1",
            "job": "0xj",
            "effect": "t_1/settle",
            "round": 2,
            "tx": "0xt",
            "process": "settler",
        }
        == inside
    )
    assert "ticket" not in after
    assert after["process"] == "settler"


def test_line__of_a_library_or_with_a_trace__is_json_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("api")
    logging.getLogger("gunicorn.error").warning("Invalid request to %s", SIGNED)
    try:
        raise ValueError(f"no answer from mongodb://a:hunter2@b by {MAIL_TOKEN}")
    except ValueError:
        structlog.get_logger().exception("crashed", token="t")
    said = capsys.readouterr().err
    library, ours = lines(said)
    assert (library["logger"], library["level"]) == ("gunicorn.error", "warning")
    assert "ValueError" in ours["exception"]
    assert not [secret for secret in ("abab", "hunter2", "eyJ1") if secret in said]


def test_console__is_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("api", "console")
    structlog.get_logger().warning("request_failed", code="a.b", url=SIGNED)
    said = capsys.readouterr().err
    assert "request_failed" in said
    assert "abab" not in said


def test_node__its_lines__carry_task_job_and_round(capsys: pytest.CaptureFixture[str]) -> None:
    node_logs.set_up(as_json=True)
    payload = {"job_id": "0xj", "round": 3}
    task = {"id": "t_1/train/3", "kind": "train", "payload": payload, "deadline_unix_s": 4e9}
    answered(task, {TaskKind.TRAIN: lambda _: {"token": "x"}}, lambda: False)
    for line in lines(capsys.readouterr().out):
        assert (line["task"], line["job"], line["round"]) == ("t_1/train/3", "0xj", 3)


def test_request__refused_or_crashed__names_itself_in_answer_header_and_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.configure("api")
    world = World(tmp_path)
    refused = world.client.get("/api/tickets/t_1")
    assert refused.json["error"]["request"] == refused.headers["X-Request-Id"]
    monkeypatch.setattr(world.tickets, "find", lambda **_: 1 / 0)
    crashed = world.client.get("/api/health", headers={"X-Request-Id": "chosen-by-a-stranger"})
    (line,) = (one for one in lines(capsys.readouterr().err) if one["event"] == "request_crashed")
    assert crashed.status_code == 500
    assert (
        line["request"]
        == crashed.json["error"]["request"]
        == crashed.headers["X-Request-Id"]
        != "chosen-by-a-stranger"
    )
    assert world.client.get("/api/nodes").headers["X-Request-Id"] not in (
        line["request"],
        refused.headers["X-Request-Id"],
    )
