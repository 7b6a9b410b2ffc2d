"""What real updates contribute, as validators measure it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fl_nodes.adversary import load_adversary
from fl_nodes.protocol.tasks import ObjectRef, TaskKind, UpdateToValidate
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.data import Split
from tests.integration.fl_nodes.job_world import World, rows, split_file

ADVERSARIES = Path(__file__).parents[3] / "examples" / "adversaries"
HONEST = ("0xT1", "0xT2", "0xT3")


def outside(name: str) -> object:
    return load_adversary(str(ADVERSARIES / name))._outside


def delivered(world: World, **adversaries: object | None) -> list[UpdateToValidate]:
    """The updates of three honest trainers and of those named."""
    for name, hooks in (dict.fromkeys(HONEST) | adversaries).items():
        world.trainer(name, hooks)
    return [world.reveal(world.train(name), ()) for name in (*HONEST, *adversaries)]


def contributions(world: World, updates: list[UpdateToValidate]) -> dict[str, int]:
    scores = world.validate(*updates).scores
    return {s.trainer: s.contribution_ppm for s in scores}


class Repeats:
    """Sends what another trainer sent."""

    def __init__(self, world: World, other: str) -> None:
        self._world, self._other = world, other

    def on_update(self, update: list[np.ndarray], _: object) -> list[np.ndarray]:
        from fl_nodes.training.tensors import from_file, listed

        sent = self._world.store.objects[f"{self._other}-1-update"]
        return list(listed("w", from_file(sent)))


def test_contributions__honest_idle_and_harmful__are_gain_nothing_and_loss(world: World) -> None:
    updates = delivered(
        world, idle=outside("free_ride.py:FreeRider"), harmful=outside("sign_flip.py:SignFlip")
    )
    found = contributions(world, updates)
    assert min(found[t] for t in HONEST) > 10_000
    assert found["idle"] == 0
    assert found["harmful"] < -10_000


def test_contributions__a_disguised_free_rider__earns_next_to_nothing(world: World) -> None:
    found = contributions(world, delivered(world, idle=outside("free_ride.py:DisguisedFreeRider")))
    assert abs(found["idle"]) < min(found[t] for t in HONEST) / 20


def test_contributions__a_copy__shares_what_the_original_earned(world: World) -> None:
    updates = delivered(world)
    alone = contributions(world, updates)
    world.trainer("copy", Repeats(world, "0xT1"))
    both = contributions(world, [*updates, world.reveal(world.train("copy"), ())])
    assert both["copy"] == both["0xT1"]
    # The rows that are measured are drawn anew, by the hashes of the updates.
    assert both["copy"] + both["0xT1"] == pytest.approx(alone["0xT1"], rel=0.2)


def test_contributions__two_classes_a_node__are_all_gains(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shard(name: str) -> ObjectRef:
        drawn, first = rows(800, 5), HONEST.index(name)
        mine = np.flatnonzero((drawn.y == first) | (drawn.y == first + 1))[: world.examples]
        return world.store.put(f"shard-{name}", split_file(Split(drawn.x[mine], drawn.y[mine])))

    monkeypatch.setattr(world, "shard", shard)
    assert min(contributions(world, delivered(world)).values()) > 10_000


def test_contributions__two_validators__measure_the_same(world: World) -> None:
    updates = delivered(world)
    task = to_wire(world.task(*updates))
    one, other = (
        world.validator(name).validate(Call("v", TaskKind.VALIDATE, task)).scores for name in ("0xV1", "0xV2")
    )
    assert [s.contribution_ppm for s in one] == [s.contribution_ppm for s in other]


def test_contributions__not_asked_for__are_not_measured(world: World) -> None:
    updates = delivered(world)
    scores = world.validate(*updates, contribution_evaluations=0).scores
    assert {s.contribution_ppm for s in scores} == {0}
    assert min(s.accuracy_ppm for s in scores) > 0
