"""What the backend asks of the operator's own workers, the aggregator and the evaluator, and what they answer; see `tasks`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fl_nodes.protocol.inference import InferenceEnergy
from fl_nodes.protocol.tasks import ObjectRef, Stored, TrainingSpec, Upload


@dataclass(frozen=True)
class InitializeTask:
    """Make the initial global weights from `seed` (safetensors `w000`, `w001`, ... in Keras order)."""

    architecture: dict[str, Any]
    seed: int
    model: Upload


@dataclass(frozen=True)
class WeightedUpdate:
    """An accepted update and its weight (number of examples)."""

    update: ObjectRef
    weight: int


@dataclass(frozen=True)
class PrivacyTerms:
    """Differential privacy of a job: each update is scaled down to the length `clip`, their sum gets Gaussian noise of standard
    deviation `noise_multiplier * clip` and is divided by `participants`. With `adaptive` the clip follows the median length.
    """

    noise_multiplier: float
    clip: float
    delta: float
    participants: int
    adaptive: bool = False


@dataclass(frozen=True)
class PrivacySpent:
    """What a job's rounds up to this one have cost, by dp-accounting.

    `epsilon` protects one node's whole shard (there or not), `row_epsilon` any one row of it (changed); `clip` is the round's.
    """

    epsilon: float
    row_epsilon: float
    delta: float
    noise_multiplier: float
    clip: float
    rounds: int


@dataclass(frozen=True)
class AggregateTask:
    """Fold accepted updates into the global model by `rule` (`backend.federated.rules`), reckoning with `tolerated` bad ones.

    `state` is what the round before left. `averaged` are the weights (by index) that the server optimizer leaves alone:
    `architecture.statistics`. `zeroing`, `clipping` and `privacy` go with the rule `mean` only; `root_update` is FLTrust's.
    """

    job_id: str
    round: int
    model: ObjectRef
    updates: tuple[WeightedUpdate, ...]
    server_optimizer: str
    server_learning_rate: float
    next_model: Upload
    next_state: Upload
    state: ObjectRef | None = None
    averaged: tuple[int, ...] = ()
    rule: str = "mean"
    tolerated: int = 0
    zeroing: bool = False
    clipping: bool = False
    privacy: PrivacyTerms | None = None
    root_update: ObjectRef | None = None


@dataclass(frozen=True)
class Aggregated:
    """The next global model; `state` None where nothing is kept for the next round.

    `shares` is what each update was multiplied with, in the task's order, where the rule is a weighted sum; `measured` holds
    what clipping and zeroing saw. The noise of differential privacy is in no field, and its seed nowhere.
    """

    model: Stored
    update_norm: float
    seconds: float
    state: Stored | None = None
    shares: tuple[float, ...] = ()
    measured: dict[str, float] = field(default_factory=dict)
    privacy: PrivacySpent | None = None


@dataclass(frozen=True)
class RootUpdateTask:
    """Train about `steps` optimizer steps on at most `rows` rows of a split, the same number of each class where there are
    enough, and put the update: what FLTrust measures the trainers' directions against.
    """

    architecture: dict[str, Any]
    training: TrainingSpec
    model: ObjectRef
    data: ObjectRef
    steps: int
    update: Upload
    rows: int = 100


@dataclass(frozen=True)
class EvaluateTask:
    """Metrics of a model on a split kept by the operator."""

    architecture: dict[str, Any]
    model: ObjectRef
    data: ObjectRef
    classes: int


@dataclass(frozen=True)
class Metrics:
    """Loss (mean cross-entropy), accuracy and macro-F1 in [0, 1], confusion[true][predicted] counts."""

    loss: float
    accuracy: float
    macro_f1: float
    confusion: tuple[tuple[int, ...], ...]
    examples: int


@dataclass(frozen=True)
class ExportTask:
    """Write the files named in `uploads`: Keras JSON, H5 weights, `.keras`, 8-bit `.tflite`, pruned `.keras`, metrics.

    `data` is the test split that all are measured on; rows of `calibration` give the 8-bit form the range of its activations.
    """

    architecture: dict[str, Any]
    model: ObjectRef
    data: ObjectRef
    classes: tuple[str, ...]
    uploads: dict[str, Upload] = field(default_factory=dict)
    calibration: ObjectRef | None = None


@dataclass(frozen=True)
class Variant:
    """A form of the model in a file of its own: accuracy and macro-F1 on the test split, the file's size under DEFLATE, the part of
    its kernels' weights that is zero (None where that says nothing), and what predicting takes (None where it cannot be measured).
    """

    file: str
    accuracy: float
    macro_f1: float
    packed_bytes: int
    zeros: float | None = None
    inference: InferenceEnergy | None = None


@dataclass(frozen=True)
class Exported:
    """Stored files by name, and the model's metrics on the test split; its forms by name (`float32`, `int8`, `pruned`), and why a
    file that was asked for is not there.
    """

    files: dict[str, Stored]
    metrics: Metrics
    variants: dict[str, Variant] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
