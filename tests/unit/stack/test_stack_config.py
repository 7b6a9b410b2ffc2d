"""What a stack's configuration promises to its parts."""

import json
import stat

import pytest

from backend import config as backend_config
from scripts.stack import StackConfig
from scripts.stack.config import Ports
from scripts.stack.keys import make_keys
from scripts.stack.record import Known, Record, read_record, write_record


def test_settings__every_name__is_one_that_the_backend_reads(tmp_path):
    known = {env for env, _, _ in backend_config.describe()}

    assert set(StackConfig(state=tmp_path).settings()) <= known


def test_settings__loaded_by_the_backend__lead_to_the_stack(tmp_path):
    stack = StackConfig(state=tmp_path, ports=Ports(api=9600, mongo=9601))

    settings = backend_config.load(stack.settings())

    assert settings.api_port == 9600
    assert settings.mongodb_uri == "mongodb://127.0.0.1:9601/?replicaSet=rs0"
    assert settings.operator_key_file == tmp_path / "keys" / "operator.json"


def test_config__arguments_for_an_unknown_node__are_refused(tmp_path):
    with pytest.raises(ValueError, match="no part named trainer-9"):
        StackConfig(state=tmp_path, node_arguments={"trainer-9": ("--adversary", "x.py:X")})


def test_config__database_of_ones_own__leaves_out_mongod(tmp_path):
    stack = StackConfig(state=tmp_path, mongodb_uri="mongodb://db.example/?replicaSet=r")

    assert "mongod" not in stack.part_names
    assert stack.settings()["MONGODB_URI"] == "mongodb://db.example/?replicaSet=r"


def test_ports__set_in_the_environment__replace_the_defaults():
    ports = Ports.from_environment({"ECODML_API_PORT": "9600", "ECODML_MAIL_PAGE_PORT": "9026", "HOME": "/"})

    assert ports == Ports(api=9600, mail_page=9026)


def test_make_keys__twice__keeps_them_for_the_owner_alone(tmp_path):
    first = make_keys(tmp_path / "keys")
    again = make_keys(tmp_path / "keys")

    assert again == first
    assert len(set(first.values())) == len(first)
    assert json.loads((tmp_path / "keys" / "workers.json").read_text()) == {
        role: first[role] for role in ("aggregator", "evaluator")
    }
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {0o600}


def test_record__written_and_read__is_the_same(tmp_path):
    record = Record("ready", Known(10, 20), {"api": "http://x"}, {"market": Known(1, 2)}, "")

    write_record(tmp_path, record)

    assert read_record(tmp_path) == record
    assert read_record(tmp_path / "elsewhere") is None
