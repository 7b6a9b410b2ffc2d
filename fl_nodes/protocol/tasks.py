"""What the backend asks of trainers and validators, and what they answer.

`verdict_tasks` is about signing the verdict; `operator_tasks` is for aggregator and evaluator.

A task travels as `{"id", "kind", "payload", "deadline_unix_s"}`; its answer as `{"id", "result"}`. Payloads and results are
these dataclasses through `wire`. Bulk data never rides along: an `ObjectRef` names where to fetch it and what it must
hash to, an `Upload` where to put it. Amounts that are hashed or signed are integers (ppm, millijoules, wei).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fl_nodes.protocol.power import FULL

PROTOCOL_VERSION = 1


class TaskKind(StrEnum):
    """What a worker can be asked to do."""

    TRAIN = "train"
    REVEAL = "reveal"
    VALIDATE = "validate"
    SIGN_VERDICT = "sign_verdict"
    INITIALIZE = "initialize"
    ROOT_UPDATE = "root_update"
    AGGREGATE = "aggregate"
    EVALUATE = "evaluate"
    EXPORT = "export"
    BENCHMARK = "benchmark"
    SEAL_EPOCH = "seal_epoch"
    SIGN_CHECKPOINT = "sign_checkpoint"


class Role(StrEnum):
    """What a connected worker offers to do; the last two are the operator's own machines."""

    TRAINER = "trainer"
    VALIDATOR = "validator"
    AGGREGATOR = "aggregator"
    EVALUATOR = "evaluator"


@dataclass(frozen=True)
class ObjectRef:
    """A stored object: signed GET URL, SHA-256 (hex) and size in bytes."""

    url: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Upload:
    """A signed PUT URL, the object key it writes, and the headers that must come with it."""

    url: str
    key: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """What a worker put at an `Upload`: key, SHA-256 (hex), size in bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class TrainingSpec:
    """The fixed sequence of one local training run. Checkpoints stand every `segment_steps` optimizer steps."""

    optimizer: str
    learning_rate: float
    batch_size: int
    local_epochs: int
    segment_steps: int
    seed: int


@dataclass(frozen=True)
class EnergyReading:
    """Energy of one window: millijoules, `measured|modelled|constant`, band in ppm of the value, method's name."""

    millijoules: int
    kind: str
    band_ppm: int
    method: str
    seconds: float


@dataclass(frozen=True)
class TrainTask:
    """Train one round: `model` is the global model, `shard` this node's rows (safetensors `x` float32, `y` int32).

    Where `update` is given, the update goes there before the commitment is answered (docs/adr/0013): nobody reads it, nor
    draws the challenge, before all have committed. `level` is how hard to work, where the machine can be set (`protocol.power`).
    """

    job_id: str
    round: int
    trainer: str
    architecture: dict[str, Any]
    training: TrainingSpec
    model: ObjectRef
    shard: ObjectRef
    examples: int
    challenge_commitment: str
    deadline_unix_s: float
    update: Upload | None = None
    level: int = FULL


@dataclass(frozen=True)
class Commitment:
    """A trainer's answer to `TrainTask`, made before any challenge is known: hashes first, checkpoints on `RevealTask`.

    `checkpoint_root` is the Merkle root over leaves 0..`segments`: the SHA-256 of the global model, which is where segment 0
    starts, of the checkpoint files 1..`segments` - 1, and of the update, which with the model is where the last segment ends.
    `work_sha256` is `protocol.binding.work_digest`: what was trained on, so that nobody can later replay it on other data.
    `challenge` repeats `TrainTask.challenge_commitment`: proof that the nonce was fixed before this commitment was known.
    `setup_energy` went into making the program that trains, once per process and model: counted, but not rewarded or held
    against anyone, because who happens to have it already spends nothing.
    """

    job_id: str
    round: int
    trainer: str
    update_sha256: str
    update_bytes: int
    checkpoint_root: str
    segments: int
    steps: int
    examples: int
    loss: float
    accuracy_ppm: int
    energy: EnergyReading
    gpu_use_ppm: int
    environment: str
    signature: str = ""
    work_sha256: str = ""
    challenge: str = ""
    setup_energy: EnergyReading | None = None


@dataclass(frozen=True)
class RevealTask:
    """Upload the named checkpoints (index -> where), and the committed update where `update` asks for it."""

    job_id: str
    round: int
    trainer: str
    update: Upload | None
    checkpoints: dict[str, Upload]


@dataclass(frozen=True)
class RevealedCheckpoint:
    """One revealed checkpoint and its Merkle path to the committed root."""

    index: int
    stored: Stored
    path: tuple[str, ...]


@dataclass(frozen=True)
class Reveal:
    """A trainer's answer to `RevealTask`; `update` is None where it was not asked for."""

    update: Stored | None
    checkpoints: tuple[RevealedCheckpoint, ...]


@dataclass(frozen=True)
class SegmentToReplay:
    """Segment `index` runs from checkpoint `index` to `index + 1`.

    `start` is None for segment 0 (the global model); `end` is None for the last one (global model + update).
    """

    index: int
    start: ObjectRef | None = None
    start_path: tuple[str, ...] = ()
    end: ObjectRef | None = None
    end_path: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpdateToValidate:
    """One trainer's update; `shard` and `segments` only where this validator is asked to re-run segments."""

    commitment: Commitment
    update: ObjectRef
    shard: ObjectRef | None = None
    segments: tuple[SegmentToReplay, ...] = ()


@dataclass(frozen=True)
class ValidateTask:
    """Score each update on the validation split (if `validation` is given) and re-run the named segments.

    Contributions are measured with at most so many evaluations of at most so many rows (`training.contribution`); 0 for none.
    """

    job_id: str
    round: int
    validator: str
    architecture: dict[str, Any]
    training: dict[str, TrainingSpec]
    model: ObjectRef
    updates: tuple[UpdateToValidate, ...]
    validation: ObjectRef | None = None
    tolerance: float = 1e-3
    trainer_keys: dict[str, str] = field(default_factory=dict)
    contribution_evaluations: int = 32
    contribution_rows: int = 128


@dataclass(frozen=True)
class Score:
    """An update's worth on the validation split, of global model + update; `defect` says why it could not be scored.

    `contribution_ppm` is its part in what the round's updates together gained (`protocol.contribution`), below zero for harm.
    """

    trainer: str
    update_sha256: str
    loss_ppm: int
    accuracy_ppm: int
    macro_f1_ppm: int
    norm_ppm: int
    cosine_ppm: int
    defect: str = ""
    contribution_ppm: int = 0


@dataclass(frozen=True)
class Replay:
    """A re-run segment: relative distance (ppm) of the claimed end from the replayed one, and whether it is within tolerance."""

    trainer: str
    update_sha256: str
    segment: int
    distance_ppm: int
    matches: bool
    replayed_sha256: str
    reason: str = ""


@dataclass(frozen=True)
class ValidationReport:
    """A validator's signed answer to `ValidateTask`; `tolerance` is the one its replays were judged by."""

    job_id: str
    round: int
    validator: str
    scores: tuple[Score, ...]
    replays: tuple[Replay, ...]
    environment: str
    seconds: float
    signature: str = ""
    tolerance: float = 0.0


@dataclass(frozen=True)
class BenchmarkTask:
    """Do `protocol.benchmark.PARTS`, one after the other, each as a round is done; `number` counts the node's benchmarks."""

    provider: str
    number: int
    parts: tuple[TrainTask, ...]


@dataclass(frozen=True)
class Benchmarked:
    """A node's answer to `BenchmarkTask`: a commitment for each part, and what machine did it (`hardware`: its class).

    Accuracy and macro-F1 are not claimed: the operator measures them on the update, once it is revealed.
    """

    provider: str
    number: int
    parts: tuple[Commitment, ...]
    hardware: str
    signature: str = ""
