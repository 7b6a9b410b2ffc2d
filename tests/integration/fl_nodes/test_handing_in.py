"""A trainer's update goes up before its commitment is answered, and is kept only where that failed."""

import pytest

from fl_nodes import objects
from fl_nodes.errors import Refused
from fl_nodes.protocol.tasks import RevealTask, TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from tests.integration.fl_nodes.job_world import JOB, World

TRAINER = "0xT1"


def test_train__place_for_the_update__holds_what_was_committed_to(world: World) -> None:
    world.trainer(TRAINER)
    commitment = world.train(TRAINER, update=world.store.upload("handed-in"))
    stored = world.store.ref("handed-in")
    assert (stored.sha256, stored.size) == (commitment.update_sha256, commitment.update_bytes)


def test_train__place_cannot_be_reached__commits_and_reveals_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "FIRST_PAUSE_SECONDS", 0.001)
    world.trainer(TRAINER)
    nowhere = world.store.upload("x")
    commitment = world.train(TRAINER, update=type(nowhere)("http://127.0.0.1:9/x", "x"))
    assert world.reveal(commitment, ()).update.sha256 == commitment.update_sha256


def test_reveal__update_was_handed_in__is_not_kept_a_second_time(world: World) -> None:
    work = world.trainer(TRAINER)
    world.train(TRAINER, update=world.store.upload("handed-in"))
    ask = RevealTask(JOB, 1, TRAINER, world.store.upload("again"), {})
    with pytest.raises(Refused, match="kept no copy"):
        work.reveal(Call("r", TaskKind.REVEAL, to_wire(ask)))
