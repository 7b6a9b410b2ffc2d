"""From the options about aggregation and privacy to the specification."""

import argparse

import pytest

from backend.cli.specification import add_options, chosen
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
