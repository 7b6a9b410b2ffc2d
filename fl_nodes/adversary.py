"""Misbehaviour from outside the project: a class in a file may replace honest values before anything is committed or signed.

This is how the checks are shown to work. None of these methods has to exist; one that returns None changes nothing.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from fl_nodes.errors import Refused
from fl_nodes.training.data import Split
from fl_nodes.training.tensors import Array, Weights


@dataclass(frozen=True)
class AdversaryContext:
    """What an adversary is told; readable as attributes, by `context["name"]` and by `context.get("name")`."""

    job_id: str
    round: int
    trainer: str
    seed: int
    examples: int
    classes: int
    segments: int
    learning_rate: float
    batch_size: int
    local_epochs: int
    global_weights: tuple[Array, ...]
    segment: int | None = None

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def keys(self) -> tuple[str, ...]:
        """The names there are."""
        return tuple(f.name for f in fields(self))

    def get(self, name: str, default: Any = None) -> Any:
        """A value by name."""
        return getattr(self, name) if name in self.keys() else default


class Adversary:
    """An instance of a class from outside, or nobody: then every value passes unchanged."""

    def __init__(self, outside: object | None = None) -> None:
        self._outside = outside

    def data(self, split: Split, context: AdversaryContext) -> Split:
        """The rows to train on."""
        changed = self._ask("on_data", *self.copies((split.x, split.y)), context)
        if changed is None:
            return split
        x, y = changed.values() if isinstance(changed, Mapping) else changed
        return Split(np.asarray(x, np.float32), np.asarray(y, np.int32))

    def segment(self, weights: Weights, context: AdversaryContext) -> Weights:
        """The weights at the end of a segment, which training continues from."""
        changed = self._ask("on_segment", self.copies(weights), context)
        return weights if changed is None else [np.asarray(w, np.float32) for w in _sequence(changed)]

    def update(self, update: Weights, context: AdversaryContext) -> Sequence[Array]:
        """The update; taken as it is, malformed or not."""
        changed = self._ask("on_update", self.copies(update), context)
        return update if changed is None else [np.asarray(w) for w in _sequence(changed)]

    def reading(self, joules: float, context: AdversaryContext) -> float:
        """The round's energy in joules."""
        changed = self._ask("on_reading", joules, context)
        return joules if changed is None else float(changed)

    def copies(self, arrays: Sequence[Array]) -> list[Array]:
        """What somebody from outside may write into; the arrays themselves where nobody is there."""
        return [array.copy() for array in arrays] if self._outside is not None else list(arrays)

    def _ask(self, name: str, *arguments: Any) -> Any:
        method = getattr(self._outside, name, None)
        return None if method is None else method(*arguments)


def _sequence(value: Any) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, Mapping) else list(value)


def load_adversary(where: str) -> Adversary:
    """The adversary named `FILE.py:CLASS`; Refused where there is none."""
    file, _, name = where.rpartition(":")
    path = Path(file)
    if not file or not path.is_file():
        raise Refused("adversary.file", f"There is no adversary at {where!r}; name it as FILE.py:CLASS.")
    spec = importlib.util.spec_from_file_location(f"adversary_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise Refused("adversary.file", f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (ImportError, SyntaxError) as error:
        raise Refused("adversary.file", f"{path} cannot be loaded: {error}.") from error
    made = getattr(module, name, None)
    if not callable(made):
        raise Refused("adversary.class", f"{path} has no class {name!r}.")
    return Adversary(made())
