"""The command line as typed: grammar, exit status, one document on stdout."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from backend.cli import doctor
from backend.cli.__main__ import main
from backend.cli.arguments import parser
from backend.cli.installed import Check, installed
from backend.cli.node import run_in_node
from backend.cli.specification import chosen
from backend.cli.terminal import coins
from backend.domain.spec import JobSpec
from backend.errors import Invalid, Recoverable
from fl_nodes.protocol.wire import from_wire

pytestmark = pytest.mark.unit


def options(*arguments: str) -> Namespace:
    """`ecodml train d.csv ...` as parsed."""
    return parser().parse_args(["train", "d.csv", *arguments])


def test_chosen__every_option__makes_a_specification() -> None:
    named = options(
        *(
            "--target",
            "y",
            "--model",
            "cnn",
            "--rounds",
            "3",
            "--local-epochs",
            "2",
            "--lr",
            "0.5",
            "--batch",
            "8",
        ),
        *(
            "--optimizer",
            "adam",
            "--trainers",
            "3",
            "--partition",
            "label_skew",
            "--scheme",
            "accuracy",
            "--seed",
            "7",
        ),
    )
    assert from_wire(JobSpec, chosen(named)) == JobSpec(
        model="cnn",
        rounds=3,
        local_epochs=2,
        learning_rate=0.5,
        batch_size=8,
        optimizer="adam",
        trainers=3,
        partition="label_skew",
        scheme="accuracy",
        seed=7,
        target="y",
    )


def test_chosen__nothing_named__leaves_all_to_the_api() -> None:
    assert chosen(options()) == {}


def test_chosen__model_file__travels_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text('{"class_name": "Sequential"}')
    assert chosen(options("--model", str(path))) == {"model": "custom", "keras_json": path.read_text()}


@pytest.mark.parametrize("model", ["resnet", "missing.json", "net.py"])
def test_chosen__unknown_model__is_refused(model: str) -> None:
    with pytest.raises(Invalid):
        chosen(options("--model", model))


def test_main__refusal_with_json__is_one_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclaim", "t-404", "--json"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == "receipt.unknown"
    assert said.err == ""


def test_main__refusal__is_a_sentence_with_its_code_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclaim", "t-404"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("[receipt.unknown]\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "d.csv", "--keystore", "k", "--private-key-env", "V"],
        ["train"],
        ["train", "d.csv", "--rounds", "many"],
        ["steal"],
        [],
    ],
)
def test_main__ungrammatical__is_one_document_with_a_code(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "cli.usage"


def test_run_node__environment_missing__says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Recoverable) as refused:
        run_in_node(tmp_path, "node", ["status"])
    assert "make install" in refused.value.message


def test_installed__empty_checkout__names_everything_missing_with_a_next_step(tmp_path: Path) -> None:
    missing = {check.name: check for check in installed(tmp_path) if not check.ok}
    assert {
        "environment root",
        "environment node",
        "environment aggregator",
        "environment contracts",
        "anvil",
    } <= set(missing)
    assert all(check.next_step for check in missing.values())


def test_doctor__problem__is_shown_with_its_next_step() -> None:
    checks = [
        Check("uv", "installed", True, "there"),
        Check("API", "running", False, "down", "run `make up`"),
    ]
    shown: dict[str, Any] = doctor.document(checks)
    assert shown["ok"] is False
    assert any("run `make up`" in line for line in doctor.lines(checks))
    assert doctor.lines(checks)[-1] == "1 problem."


@pytest.mark.parametrize(
    ("wei", "shown"), [(0, "0 DML"), (1, "0.000000000000000001 DML"), (13 * 10**16, "0.13 DML")]
)
def test_coins__any_amount__is_exact(wei: int, shown: str) -> None:
    assert coins(wei) == shown
