"""From the options about aggregation and privacy to the specification."""

import argparse
from dataclasses import fields

import pytest

from backend.cli.specification import add_options, chosen
from backend.cli.ticket import lines
from backend.domain.spec import JobSpec
from fl_nodes.protocol.wire import from_wire


def spec_of(*options: str) -> JobSpec:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return from_wire(JobSpec, chosen(parser.parse_args(options)))


def test_chosen__nothing_said__leaves_every_default() -> None:
    assert spec_of() == JobSpec()


def test_chosen__robust_rule__is_in_the_specification() -> None:
    assert spec_of("--aggregation", "trimmed_mean", "--tolerated-share", "0.3") == JobSpec(
        aggregation="trimmed_mean", tolerated_share=0.3
    )


def test_chosen__switches__are_on_only_where_said() -> None:
    assert spec_of("--zeroing", "--clipping") == JobSpec(zeroing=True, clipping=True)


def test_chosen__servers_optimizer__is_in_the_specification() -> None:
    assert spec_of("--server-optimizer", "adam", "--server-lr", "0.01") == JobSpec(
        server_optimizer="adam", server_learning_rate=0.01
    )


def test_options__every_field_about_aggregation__can_be_chosen() -> None:
    about = {
        field.name
        for field in fields(JobSpec)
        if field.name.startswith(("aggregation", "tolerated", "zeroing", "clipping", "privacy", "server"))
    }
    parser = argparse.ArgumentParser()
    add_options(parser)
    given = {action.dest: 1.0 for action in parser._actions}
    assert about <= set(chosen(argparse.Namespace(**given | {"model": None})))


def test_ticket__privacy__is_told_in_a_line() -> None:
    spent = {
        "epsilon": 8.25, "row_epsilon": 16.5, "delta": 1e-5, "noise_multiplier": 2.0, "clip": 1.0, "rounds": 3,
    }  # fmt: skip
    ticket = {
        "id": "t", "status": "RUNNING", "refusal": None, "dataset": {"name": "d", "rows": 1, "sha256": "00"},
        "fee_wei": "1", "job_id": "0x", "trainers": [], "validators": [], "rounds": [], "verdict": None,
        "slashed": None, "files": {}, "metrics": None, "privacy": spent,
    }  # fmt: skip
    told = [line for line in lines(ticket) if line.startswith("Privacy")]
    assert told == [
        "Privacy   epsilon 8.25 for a node's whole shard, 16.5 for one row, at delta 1e-05 after 3 rounds"
    ]
    assert not any(line.startswith("Privacy") for line in lines(ticket | {"privacy": None}))


def test_chosen__privacy__is_in_the_specification() -> None:
    options = (
        "--privacy-noise",
        "2",
        "--privacy-clip",
        "0.5",
        "--privacy-adaptive",
        "--privacy-delta",
        "1e-6",
    )

    assert spec_of(*options) == JobSpec(
        privacy_noise=2.0, privacy_clip=0.5, privacy_adaptive=True, privacy_delta=1e-6
    )


def test_chosen__participation__is_in_the_specification() -> None:
    options = ("--trainers", "10", "--participants", "4", "--over-selection", "0.25")
    assert spec_of(*options) == JobSpec(trainers=10, participants=4, over_selection=0.25)


def test_chosen__unknown_rule__is_refused() -> None:
    with pytest.raises(SystemExit):
        spec_of("--aggregation", "mode")
