"""Several of each: names, ports, settings, and the front before several backends."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.stack.config import Ports, StackConfig
from scripts.stack.front import nginx, site, write_configuration
from scripts.stack.parts import make_parts

TWO = StackConfig(
    Path("/nowhere"), backends=2, dispatchers=2, settlers=2, aggregators=2, trainers=1, validators=1
)


def test_part_names__two_of_each__queue_first_and_front_after_the_backends() -> None:
    assert TWO.part_names == (
        *("market", "carbon", "mongod", "queue", "mailsink", "api", "api-2", "front"),
        *("dispatcher", "dispatcher-2", "settler", "settler-2", "aggregator", "aggregator-2", "evaluator"),
        *("trainer-1", "validator-1"),
    )
    assert StackConfig(Path("/nowhere"), trainers=0, validators=0).part_names == (
        *(
            "market",
            "carbon",
            "mongod",
            "mailsink",
            "api",
            "dispatcher",
            "settler",
            "aggregator",
            "evaluator",
        ),
    )


def test_parts__two_of_each__are_the_names_and_differ_where_they_must(tmp_path: Path) -> None:
    parts = make_parts(replace(TWO, state=tmp_path))
    assert tuple(parts) == TWO.part_names
    assert [parts[name].environment["ECODML_API_PORT"] for name in ("api", "api-2")] == ["8611", "8612"]
    assert {parts[name].environment["ECODML_API_URL"] for name in parts if name.startswith("api")} == {
        "http://127.0.0.1:8600"
    }
    for name in ("aggregator", "aggregator-2"):
        command = parts[name].command
        assert command[command.index("--name") + 1] == name
        assert command[command.index("--cache") + 1].endswith(f"/{name}")


def test_settings__several_backends__share_a_queue_and_believe_their_front() -> None:
    alone = replace(TWO, backends=1).settings()
    assert not {"ECODML_QUEUE_URL", "ECODML_TRUSTED_PROXIES"} & set(alone)
    told = TWO.settings()
    assert (told["ECODML_QUEUE_URL"], told["ECODML_TRUSTED_PROXIES"]) == ("redis://127.0.0.1:6390/0", "1")


def test_used_ports__only_those_that_are_listened_on() -> None:
    usual = {"market", "carbon", "mongo", "api", "smtp", "mail_page"}
    assert set(replace(TWO, backends=1).used_ports) == usual
    assert set(TWO.used_ports) == usual | {"queue", "api_1", "api_2"}
    assert set(replace(TWO, mongodb_uri="mongodb://x").used_ports) == usual - {"mongo"} | {
        "queue",
        "api_1",
        "api_2",
    }
    assert Ports.env_name("api_2") == "ECODML_API_2_PORT"


@pytest.mark.parametrize(
    "counts", [{"backends": 0}, {"backends": 5}, {"dispatchers": 0}, {"aggregators": -1}]
)
def test_stack_config__impossible_counts__are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="one backend"):
        replace(TWO, **counts)


def test_site__backends_are_filled_in_and_nginx_keeps_its_own_variables() -> None:
    told = site("127.0.0.1:8600", ["127.0.0.1:8611", "127.0.0.1:8612"])
    assert "listen 127.0.0.1:8600;" in told
    assert told.count("server 127.0.0.1:") == 2
    assert "${" not in told
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in told


def test_configuration__of_the_front__is_one_process_that_a_kill_ends_whole(tmp_path: Path) -> None:
    file = write_configuration(tmp_path, "127.0.0.1:8600", ["127.0.0.1:8611"])
    told = file.read_text()
    assert "daemon off;\nmaster_process off;" in told
    program = nginx()
    assert program is not None, "there is no nginx here: `make install` brings one"
    checked = subprocess.run(
        [program, "-t", "-c", str(file), "-e", "stderr"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
