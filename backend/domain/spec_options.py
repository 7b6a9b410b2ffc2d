"""What may be chosen in a specification, for whoever draws a form of it: defaults, bounds and choices."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from backend.domain.spec import (
    AGGREGATIONS,
    BOUNDS,
    LEARNING_RATES,
    OPTIMIZERS,
    PRESETS,
    SERVER_OPTIMIZERS,
    JobSpec,
)
from fl_nodes.protocol.payout import Scheme

CHOICES: dict[str, tuple[str, ...]] = {
    "model": (*PRESETS, "custom"),
    "optimizer": OPTIMIZERS,
    "server_optimizer": SERVER_OPTIMIZERS,
    "aggregation": AGGREGATIONS,
    "partition": ("iid", "label_skew"),
    "scheme": tuple(scheme.value for scheme in Scheme),
}
_NOT_CHOSEN = {"seed", "target", "keras_json", "weights"}


def options() -> dict[str, dict[str, Any]]:
    """Each field of `JobSpec` that a customer may set: its `default`; `min` and `max` of a number, `choices` of a word.
    `learning_rate` says by optimizer what 0 stands for.
    """
    offered = {}
    for field in fields(JobSpec):
        if field.name in _NOT_CHOSEN:
            continue
        told: dict[str, Any] = {"default": field.default}
        if field.name in BOUNDS:
            told["min"], told["max"] = BOUNDS[field.name]
        if field.name in CHOICES:
            told["choices"] = list(CHOICES[field.name])
        offered[field.name] = told
    offered["learning_rate"]["own"] = dict(LEARNING_RATES)
    return offered
