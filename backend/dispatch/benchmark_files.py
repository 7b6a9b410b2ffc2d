"""Where benchmarks keep what they need and what nodes answered."""

from __future__ import annotations

import json
from dataclasses import dataclass

from backend.dispatch import worker_objects
from backend.domain.node import Node
from backend.ports import Objects
from fl_nodes.protocol.benchmark import Part
from fl_nodes.protocol.hashing import canonical_json, digest
from fl_nodes.protocol.tasks import Benchmarked, ObjectRef, Upload
from fl_nodes.protocol.wire import from_wire, to_wire

NAME_DIGITS = 12


@dataclass(frozen=True)
class BenchmarkFiles:
    """A node's files of its current benchmark; each new one takes the place of the one before."""

    objects: Objects
    provider: str

    def ref(self, key: str) -> ObjectRef:
        """A reference that workers can fetch; NotFound `object.unknown`."""
        return worker_objects.ref(self.objects, key)

    def upload(self, key: str) -> Upload:
        """Where a worker may put something."""
        return worker_objects.upload(self.objects, key)

    def update_key(self, part: int) -> str:
        """Of the update that a part led to."""
        return f"benchmarks/{self.provider}/parts/{part}/update.safetensors"

    def checkpoint_key(self, part: int, index: int) -> str:
        """Of a revealed checkpoint."""
        return f"benchmarks/{self.provider}/parts/{part}/{index}.safetensors"


def model_key(part: Part) -> str:
    """Of the weights that a part starts from."""
    return f"benchmarks/models/{part.name}-{digest(dict(part.architecture))[:NAME_DIGITS]}.safetensors"


def keep_answer(objects: Objects, answer: Benchmarked) -> str:
    """Store a node's signed answer; its key."""
    return objects.put(
        f"benchmarks/{answer.provider}/{answer.number}.json", canonical_json(to_wire(answer))
    ).key


def signed_benchmark(objects: Objects, node: Node) -> Benchmarked | None:
    """The signed answer that a node's baseline rests on, None before its first benchmark."""
    if node.baseline is None or not node.baseline.key:
        return None
    with objects.open(node.baseline.key) as file:
        return from_wire(Benchmarked, json.load(file))
