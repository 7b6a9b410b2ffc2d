"""From the command line's options to the part of a specification that the customer chose;
the API fills in the rest."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from backend.domain.spec import AGGREGATIONS, OPTIMIZERS, PRESETS, SERVER_OPTIMIZERS
from backend.errors import Invalid
from fl_nodes.protocol.payout import Scheme

_FIELDS = {
    "rounds": "rounds",
    "local_epochs": "local_epochs",
    "lr": "learning_rate",
    "batch": "batch_size",
    "optimizer": "optimizer",
    "server_optimizer": "server_optimizer",
    "server_lr": "server_learning_rate",
    "aggregation": "aggregation",
    "tolerated_share": "tolerated_share",
    "zeroing": "zeroing",
    "clipping": "clipping",
    "privacy_noise": "privacy_noise",
    "privacy_clip": "privacy_clip",
    "privacy_adaptive": "privacy_adaptive",
    "privacy_delta": "privacy_delta",
    "trainers": "trainers",
    "participants": "participants",
    "over_selection": "over_selection",
    "partition": "partition",
    "scheme": "scheme",
    "seed": "seed",
    "energy_budget": "energy_budget_joules",
    "flexible_start": "flexible_start",
    "publish": "publish",
    "target": "target",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that describe a training."""
    parser.add_argument("--target", metavar="COL", help="column to predict (CSV), by default the last one")
    parser.add_argument(
        "--model", metavar="|".join((*PRESETS, "FILE.json")), help="a preset, or a Keras model as JSON"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="federated rounds")
    parser.add_argument(
        "--local-epochs", type=int, metavar="N", help="passes over its shard a trainer makes in a round"
    )
    parser.add_argument("--lr", type=float, metavar="X", help="learning rate")
    parser.add_argument("--batch", type=int, metavar="N", help="batch size")
    parser.add_argument("--optimizer", metavar="NAME", help=f"one of {', '.join(OPTIMIZERS)}")
    _add_aggregation(parser)
    parser.add_argument("--trainers", type=int, metavar="N", help="how many nodes train")
    parser.add_argument(
        "--participants",
        type=int,
        metavar="N",
        help="updates wanted in each round, by default one of every trainer",
    )
    parser.add_argument(
        "--over-selection",
        type=float,
        metavar="X",
        help="share of trainers asked beyond --participants; a round closes when enough have committed",
    )
    parser.add_argument(
        "--partition", choices=("iid", "label_skew"), help="how rows are spread over trainers"
    )
    parser.add_argument(
        "--scheme", choices=[s.value for s in Scheme], help="how the fee is shared among trainers"
    )
    parser.add_argument(
        "--energy-budget",
        type=int,
        metavar="J",
        help="joules of training after which you are told; the job goes on",
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        default=None,
        help="let anybody who asks for the same training of the same dataset have the model",
    )
    parser.add_argument(
        "--flexible-start",
        action="store_true",
        default=None,
        help="let training wait for hours with a cleaner grid, as long as the deadline allows",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="seed of everything random in the training")


def _add_aggregation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--aggregation", choices=AGGREGATIONS, help="how updates are folded into the model, auto by default"
    )
    parser.add_argument(
        "--tolerated-share",
        type=float,
        metavar="X",
        help="part of the trainers that trimmed_mean and multi_krum reckon to be dishonest",
    )
    parser.add_argument(
        "--server-optimizer",
        choices=SERVER_OPTIMIZERS,
        help="what turns a round's folded update into a step; sgd with rate 1 takes it as it is",
    )
    parser.add_argument(
        "--server-lr", type=float, metavar="X", help="learning rate of the server's optimizer"
    )
    for name, what in (
        ("zeroing", "leave out updates far larger than any before"),
        ("clipping", "shorten the longest updates"),
    ):
        parser.add_argument(f"--{name}", action="store_true", default=None, help=what)
    parser.add_argument(
        "--privacy-noise",
        type=float,
        metavar="Z",
        help="differential privacy: noise in multiples of the clip",
    )
    parser.add_argument(
        "--privacy-clip", type=float, metavar="X", help="length that updates are scaled down to under privacy"
    )
    parser.add_argument(
        "--privacy-adaptive",
        action="store_true",
        default=None,
        help="let the clip follow the updates' median length",
    )
    parser.add_argument("--privacy-delta", type=float, metavar="X", help="delta at which epsilon is reported")


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    """The specification's fields that were named; Invalid `spec.model` for
    a model that is neither preset nor file."""
    given = {field: getattr(options, name) for name, field in _FIELDS.items()}
    return {field: value for field, value in given.items() if value is not None} | _model(options.model)


def _model(named: str | None) -> dict[str, Any]:
    if named is None:
        return {}
    if named in PRESETS:
        return {"model": named}
    path = Path(named)
    if path.suffix != ".json" or not path.is_file():
        raise Invalid(
            "spec.model",
            f"--model must be one of {', '.join(PRESETS)} or an existing .json file, not {named!r}.",
        )
    try:
        return {"model": "custom", "keras_json": path.read_text()}
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("spec.model", f"{named} cannot be read as text.") from error
