"""A trainer that died in mid-round goes on from its last checkpoint and commits to what it would have committed to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from fl_nodes.protocol.tasks import Commitment
from fl_nodes.work.checkpoints import CheckpointFolder
from tests.integration.fl_nodes.job_world import JOB, World


class Died(Exception):
    """The process was killed here."""


@dataclass
class Witness:
    """Looks on from outside and changes nothing."""

    segments: list[int] = field(default_factory=list)

    def on_segment(self, weights: list, context) -> list:
        self.segments.append(context.segment)
        return weights


def dying_after(segments: int) -> Callable[[], None]:
    left = iter(range(segments))

    def check() -> None:
        if next(left, None) is None:
            raise Died

    return check


def work_of(made: Commitment) -> Commitment:
    """What a commitment says of the work, without what was measured of the machine."""
    return replace(
        made, energy=replace(made.energy, millijoules=0, seconds=0.0), setup_energy=None, signature=""
    )


def uninterrupted(world: World) -> Commitment:
    """What the same trainer commits to if nothing happens."""
    world.trainer("0xT1")
    made = world.train("0xT1")
    world.trainers["0xT1"].folder.release(JOB)
    return made


def killed(world: World, segments: int) -> None:
    with pytest.raises(Died):
        world.train("0xT1", check=dying_after(segments))


def restarted(world: World) -> tuple[Commitment, list[int]]:
    """A new process of the same trainer, on the same disc."""
    witness = Witness()
    world.trainer("0xT1", witness)
    return world.train("0xT1"), witness.segments


def checkpoint(world: World, index: int) -> Path:
    (found,) = (world.folder / "0xT1" / "checkpoints").glob(f"*/1/{index}.safetensors")
    return found


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_train__killed_after_two_segments__does_the_rest_and_commits_alike(
    world: World, optimizer: str
) -> None:
    world.spec = replace(world.spec, optimizer=optimizer, learning_rate=0.01)
    whole = uninterrupted(world)
    killed(world, 2)
    made, segments = restarted(world)
    assert segments == [2, 3]
    assert work_of(made) == work_of(whole)
    update = world.reveal(made, (0, 1, 2, 3))
    report = world.validate(update)
    assert [r.matches for r in report.replays] == [True] * 4


def test_train__killed_after_the_last_segment__does_only_that_again(world: World) -> None:
    whole = uninterrupted(world)
    assert world.train("0xT1").update_sha256 == whole.update_sha256
    made, segments = restarted(world)
    assert segments == [3]
    assert work_of(made) == work_of(whole)


def test_train__a_checkpoint_was_damaged__goes_on_from_the_one_before(world: World) -> None:
    whole = uninterrupted(world)
    killed(world, 3)
    damaged = checkpoint(world, 2)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\x00")
    made, segments = restarted(world)
    assert segments == [1, 2, 3]
    assert work_of(made) == work_of(whole)


def test_train__other_work_under_the_same_round__starts_anew(world: World) -> None:
    uninterrupted(world)
    killed(world, 2)
    world.spec = replace(world.spec, learning_rate=0.2)
    made, segments = restarted(world)
    assert segments == [0, 1, 2, 3]
    assert made.checkpoint_root == CheckpointFolder(world.folder / "0xT1" / "checkpoints").find(JOB, 1).root
