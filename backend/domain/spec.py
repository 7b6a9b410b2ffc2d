"""What a customer asks for: the training specification, its bounds, its hash, and the price.

Price = data part (1 DML per 10 MB, as the source system) + compute part (model FLOPs x examples x local passes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.errors import Invalid
from backend.federated.rules import Rule, most_tolerated
from fl_nodes.protocol.hashing import derive_seed, digest
from fl_nodes.protocol.payout import WEIGHTS, Scheme, Weights
from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.protocol.wire import to_wire

DML = 10**18
BYTES_PER_DML = 10_000_000
FLOPS_PER_DML = 10**13
ROWS_PER_TRAINER = 10
MINIMUM_FEE_WEI = DML // 100
TRAINING_FLOPS_PER_FORWARD = 3
LEARNING_RATES = {"sgd": 0.1, "momentum": 0.05, "adam": 0.001, "rmsprop": 0.001}
OPTIMIZERS = tuple(LEARNING_RATES)
SERVER_OPTIMIZERS = ("sgd", "momentum", "adam")
AUTO = "auto"
AGGREGATIONS = (AUTO, *(rule.value for rule in Rule))
PRESETS = ("logistic", "mlp", "cnn")
BOUNDS: dict[str, tuple[float, float]] = {
    "rounds": (1, 1000),
    "local_epochs": (1, 100),
    "learning_rate": (1e-7, 10.0),
    "batch_size": (1, 65_536),
    "server_learning_rate": (1e-7, 10.0),
    "tolerated_share": (0, 0.49),
    "privacy_noise": (0.1, 100.0),
    "privacy_clip": (1e-6, 1e6),
    "privacy_delta": (1e-12, 0.01),
    "trainers": (2, 64),
    "over_selection": (0, 1),
    "segment_steps": (1, 64),
    "replayed_segments": (1, 64),
    "seed": (0, 2**31 - 1),
    "energy_budget_joules": (0, 10**12),
}
"""The least and the most of every number; a learning rate of 0 is the optimizer's own, a noise of 0 none."""
_ALWAYS = (
    *("rounds", "local_epochs", "learning_rate", "batch_size", "server_learning_rate", "trainers"),
    *("segment_steps", "replayed_segments", "seed", "energy_budget_joules"),
)


@dataclass(frozen=True)
class JobSpec:
    """A training specification. A `custom` model brings its Keras JSON; a learning rate of 0 is the optimizer's own.

    `aggregation` is the rule by which updates are folded; trimmed mean and multi-Krum reckon with `tolerated_share` of them being
    dishonest. Adaptive `zeroing` and `clipping` go with a mean, and so does differential privacy: Gaussian noise of
    `privacy_noise` times the length `privacy_clip` that updates are scaled down to (with `privacy_adaptive` where the clip starts),
    accounted for at `privacy_delta`; 0 is no noise and no privacy. `weights` are the market's for the composite scheme's parts.

    `participants` updates are wanted each round (0: one of each trainer). A share of `over_selection` more trainers is asked, and
    the round closes when enough have committed (Bonawitz et al. 2019, "Towards federated learning at scale", section 2.2).

    Past `energy_budget_joules` of training energy the customer is told (0: no budget); the job goes on. With `publish` the
    model, its metrics and what it cost are anybody's who asks for the same training of the same dataset. With `flexible_start`
    the job waits for hours in which the grid is cleaner, as long as the deadline allows.
    """

    model: str = "mlp"
    rounds: int = 10
    local_epochs: int = 5
    learning_rate: float = 0.0
    batch_size: int = 32
    optimizer: str = "momentum"
    server_optimizer: str = "sgd"
    server_learning_rate: float = 1.0
    aggregation: str = AUTO
    tolerated_share: float = 0.2
    zeroing: bool = False
    clipping: bool = False
    privacy_noise: float = 0.0
    privacy_clip: float = 1.0
    privacy_adaptive: bool = False
    privacy_delta: float = 1e-5
    trainers: int = 4
    participants: int = 0
    over_selection: float = 0.0
    partition: str = "iid"
    scheme: str = Scheme.COMPOSITE.value
    segment_steps: int = 16
    replayed_segments: int = 2
    seed: int = 0
    target: str | None = None
    keras_json: str | None = None
    weights: Weights = WEIGHTS
    energy_budget_joules: int = 0
    publish: bool = False
    flexible_start: bool = False

    def __post_init__(self) -> None:
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        if self.learning_rate == 0:
            object.__setattr__(self, "learning_rate", LEARNING_RATES[self.optimizer])
        for name in _ALWAYS:
            _within(self, name)
        self._check_participation()
        _one_of("model", self.model, (*PRESETS, "custom"))
        _one_of("server_optimizer", self.server_optimizer, SERVER_OPTIMIZERS)
        self._check_aggregation()
        _one_of("partition", self.partition, ("iid", "label_skew"))
        _one_of("scheme", self.scheme, tuple(s.value for s in Scheme))
        if (self.model == "custom") != (self.keras_json is not None):
            raise Invalid(
                "spec.keras_json",
                "A custom model needs its Keras JSON, and only a custom model may carry one.",
            )

    @property
    def wanted(self) -> int:
        """Updates wanted each round."""
        return self.participants or self.trainers

    @property
    def asked(self) -> int:
        """Trainers asked each round, so that as many as are wanted deliver."""
        return min(self.wanted + math.ceil(round(self.wanted * self.over_selection, 9)), self.trainers)

    def _check_participation(self) -> None:
        if self.participants:
            _bounded("participants", self.participants, 2, self.trainers)
        _within(self, "over_selection")
        if self.over_selection and not self.participants:
            raise Invalid(
                "spec.over_selection",
                "Only where not all trainers take part in a round can more be asked than are wanted.",
            )

    def _check_aggregation(self) -> None:
        _one_of("aggregation", self.aggregation, AGGREGATIONS)
        _within(self, "tolerated_share")
        if self.aggregation in (Rule.TRIMMED_MEAN, Rule.MULTI_KRUM, Rule.MEDIAN):
            rule = Rule(self.aggregation)
            least = next(n for n in range(2, 64) if most_tolerated(rule, n))
            if self.wanted < least:
                raise Invalid(
                    "spec.aggregation",
                    f"With {rule} one dishonest node can be outvoted from {least} trainers on; there are {self.wanted} in a round.",
                )
        averages = self.aggregation in (AUTO, Rule.MEAN)
        for name, wanted in (("zeroing", self.zeroing), ("clipping", self.clipping)):
            if wanted and not averages:
                raise Invalid(f"spec.{name}", f"{name} goes with a mean, not with {self.aggregation}.")
        if not self.privacy_noise:
            return
        for name in ("privacy_noise", "privacy_clip", "privacy_delta"):
            _within(self, name)
        if not averages:
            raise Invalid(
                "spec.privacy_noise",
                f"Differential privacy is accounted for a mean; it does not go with {self.aggregation}.",
            )
        if self.zeroing or self.clipping:
            raise Invalid(
                "spec.privacy_noise",
                "Adaptive zeroing and clipping look at updates without privacy; with noise, use privacy_adaptive.",
            )

    def recipe(self) -> str:
        """SHA-256 (hex) of what is trained, whatever seed it starts from, is paid, or may be known of it: the same recipe on the
        same dataset need not be trained again.
        """
        aside = {
            "seed",
            "scheme",
            "weights",
            "energy_budget_joules",
            "publish",
            "replayed_segments",
            "flexible_start",
        }
        return digest({name: value for name, value in to_wire(self).items() if name not in aside})

    def hash(self) -> str:
        """SHA-256 (hex) of the specification: what the job on chain commits to."""
        return digest(self)


@dataclass(frozen=True)
class DatasetFacts:
    """What is known of a dataset before (claimed) and after (found) its upload."""

    name: str
    size: int
    sha256: str
    format: str
    rows: int
    columns: int
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    target: str | None = None


@dataclass(frozen=True)
class Quote:
    """A price in wei with its parts."""

    data_wei: int
    compute_wei: int
    fee_wei: int


def price(facts: DatasetFacts, spec: JobSpec, forward_flops: int) -> Quote:
    """Quote `spec` on a dataset; `forward_flops` is one example's forward pass. Rounded up.

    Where not all trainers are asked in a round, only the asked ones' part of the passes over the data is paid for.
    """
    data = -(-facts.size * DML // BYTES_PER_DML)
    passes = facts.rows * spec.local_epochs * spec.rounds * spec.asked
    cost = passes * forward_flops * TRAINING_FLOPS_PER_FORWARD * DML
    compute = -(-cost // (FLOPS_PER_DML * spec.trainers))
    return Quote(data, compute, max(data + compute, MINIMUM_FEE_WEI))


def price_told(facts: DatasetFacts, spec: JobSpec, forward_flops: int) -> dict[str, str]:
    """How each part of `price` comes about, in a sentence."""
    flops = forward_flops * TRAINING_FLOPS_PER_FORWARD
    part = (
        f" x {spec.asked} of {spec.trainers} trainers asked in a round" if spec.asked < spec.trainers else ""
    )
    return {
        "data": f"{facts.size} bytes at 1 DML per {BYTES_PER_DML}",
        "compute": f"{facts.rows} rows x {_counted(spec.local_epochs, 'local epoch')} x "
        f"{_counted(spec.rounds, 'round')}{part} x {flops} FLOPs at 1 DML per {FLOPS_PER_DML}",
        "fee": f"data + compute, at least {Decimal(MINIMUM_FEE_WEI) / DML} DML",
    }


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def check_rows(facts: DatasetFacts, spec: JobSpec) -> None:
    """Invalid `dataset.too_small` where the rows do not go round."""
    needed = ROWS_PER_TRAINER * spec.trainers
    if facts.rows < needed:
        raise Invalid(
            "dataset.too_small",
            f"{facts.rows} rows are too few for {spec.trainers} trainers, who need {needed}.",
        )


def check_statistics(spec: JobSpec, statistics: Sequence[int]) -> None:
    """Invalid `spec.aggregation` where a model keeps running statistics that the rule could push below zero: a variance is
    neither to be noised nor to be lengthened.
    """
    if statistics and (spec.privacy_noise or spec.aggregation == Rule.FLTRUST):
        why = "differential privacy" if spec.privacy_noise else Rule.FLTRUST.value
        raise Invalid(
            "spec.aggregation",
            f"A model with batch normalisation keeps variances, which {why} could make negative; use layer normalisation.",
        )


def _within(spec: JobSpec, name: str) -> None:
    _bounded(name, getattr(spec, name), *BOUNDS[name])


def _bounded(name: str, value: Any, low: float, high: float) -> None:
    if not low <= value <= high:
        raise Invalid(f"spec.{name}", f"{name} must be between {low} and {high}, not {value}.")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Invalid(f"spec.{name}", f"{name} must be one of {', '.join(allowed)}, not {value!r}.")


def training_spec(spec: JobSpec, round_number: int, trainer: str) -> TrainingSpec:
    """The fixed sequence of one trainer's round."""
    return TrainingSpec(
        optimizer=spec.optimizer,
        learning_rate=spec.learning_rate,
        batch_size=spec.batch_size,
        local_epochs=spec.local_epochs,
        segment_steps=spec.segment_steps,
        seed=derive_seed(spec.seed, round_number, trainer),
    )
