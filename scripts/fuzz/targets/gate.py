"""What nodes answer, as far as the gate lets it: a defect in words or none, and no answer breaks the gate."""

from __future__ import annotations

from typing import Any

from backend.adapters.signatures import EthSignatures
from backend.api.answers import check_answer
from backend.verification.gate import commitment_defect, repeated_updates, report_defect, reveal_defect
from fl_nodes.protocol.tasks import (
    Commitment,
    ObjectRef,
    Reveal,
    SegmentToReplay,
    TaskKind,
    TrainingSpec,
    TrainTask,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)
from fl_nodes.protocol.wire import WireError, from_wire
from scripts.fuzz.target import Judge, Target, document_of, promised, seed
from scripts.fuzz.targets.messages import ENDLESS, example

KEY, ESCROW, CHAIN_ID = "0x" + "aa" * 20, "0x" + "11" * 20, 31337
REF = ObjectRef("u", "00" * 32, 1)
SPEC = TrainingSpec("sgd", 0.1, 32, 2, 8, 1)
TRAIN = TrainTask("1", 1, "1", {}, SPEC, REF, REF, 1, "1", 9.0)
ASKED = (TaskKind.TRAIN, TaskKind.REVEAL, TaskKind.VALIDATE)


def _gate() -> Judge:
    signer = EthSignatures().signer
    kept = from_wire(Commitment, example(Commitment))
    update = UpdateToValidate(kept, REF, None, (SegmentToReplay(1),))
    validate = ValidateTask("1", 1, "1", {}, {}, REF, (update,), REF)

    def defect(kind: TaskKind, result: dict[str, Any]) -> str:
        if kind is TaskKind.TRAIN:
            commitment = from_wire(Commitment, result)
            repeated_updates([commitment, kept], [kept])
            return commitment_defect(TRAIN, commitment, KEY, CHAIN_ID, ESCROW, signer)
        if kind is TaskKind.REVEAL:
            return reveal_defect(kept, from_wire(Reveal, result), (1, 2), {}, "1")
        return report_defect(validate, from_wire(ValidationReport, result), KEY, CHAIN_ID, ESCROW, signer)

    def judge(data: bytes) -> None:
        try:
            document = document_of(data[1:])
        except ValueError:
            return
        kind = ASKED[data[0] % len(ASKED)]
        if not isinstance(document, dict):
            return
        try:
            check_answer(kind, document)
        except WireError:
            return
        promised(bool(defect(kind, document)), "an answer that nobody signed got through the gate")

    return judge


def _seeds() -> list[bytes]:
    kinds = (Commitment, Reveal, ValidationReport)
    sound = [bytes([i]) + seed(example(kind)) for i, kind in enumerate(kinds)]
    return [
        *sound,
        *(one.replace(b'"1"', b'"\\ud800"') for one in sound),
        *(one.replace(b"0.5", ENDLESS) for one in sound),
    ]


TARGETS = (
    Target("gate", _gate, _seeds, (b"null", b"1e308", b"-1", b'"measured"', b'"\\ud800"', b'"0x"'), 8_192),
)
