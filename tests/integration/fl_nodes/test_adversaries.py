"""The example adversaries do what they say, and validators see it exactly where it happens."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fl_nodes.adversary import Adversary, AdversaryContext, load_adversary
from fl_nodes.protocol.signing import commitment_text
from fl_nodes.protocol.tasks import ValidationReport
from fl_nodes.signatures import sign_text
from fl_nodes.training.engine import initial_weights
from fl_nodes.training.tensors import norm, weights_from_file, weights_to_file
from tests.integration.fl_nodes.job_world import World

ADVERSARIES = Path(__file__).parents[3] / "examples" / "adversaries"


def adversary(name: str) -> Adversary:
    return load_adversary(str(ADVERSARIES / name))


def context(**changes) -> AdversaryContext:
    start = (np.zeros(2, np.float32),)
    return replace(AdversaryContext("0x" + "77" * 32, 1, "0xT1", 7, 100, 4, 4, 0.1, 16, 2, start), **changes)


def judged(world: World, name: str) -> ValidationReport:
    return world.judged("0xT1", adversary(name)._outside)


def sent(world: World, name: str, number: int = 1) -> list[np.ndarray]:
    return weights_from_file(world.store.objects[f"{name}-{number}-update"])


@pytest.mark.parametrize(
    "name", ["free_ride.py:FreeRider", "free_ride.py:DisguisedFreeRider", "backdoor.py:Backdoor"]
)
def test_no_or_poisoned_work__every_segment__mismatches(world: World, name: str) -> None:
    assert [r.matches for r in judged(world, name).replays] == [False] * 4


def test_free_rider__its_update__is_nothing(world: World) -> None:
    judged(world, "free_ride.py:FreeRider")
    assert norm(sent(world, "0xT1")) == 0


def test_small_shift__only_the_last_segment__mismatches(world: World) -> None:
    assert [r.matches for r in judged(world, "small_shift.py:SmallShift").replays] == [
        True,
        True,
        True,
        False,
    ]


def test_unseen_shift__below_the_tolerance__is_found_by_nobody_and_moves_hardly_anything(
    world: World,
) -> None:
    report = judged(world, "small_shift.py:UnseenShift")
    assert all(r.matches for r in report.replays)
    assert any(r.distance_ppm > 100 for r in report.replays)


def test_accomplices__small_shifts__point_the_same_way() -> None:
    update = [np.ones((4, 3), np.float32), np.zeros(3, np.float32)]
    one = adversary("small_shift.py:SmallShift").update(update, context())
    other = adversary("small_shift.py:SmallShift").update(update, context(trainer="0xT2", seed=9))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    moved = [a - b for a, b in zip(one, update, strict=True)]
    assert norm(moved) == pytest.approx(0.1 * norm(update), rel=1e-3)


def test_lazy_quarter__skipped_segments__mismatch_and_never_the_last(world: World) -> None:
    world.spec = replace(world.spec, segment_steps=1)
    matches = [r.matches for r in judged(world, "lazy.py:LazyQuarter").replays]
    assert len(matches) == 14
    assert matches.count(False) == round(14 / 4)
    assert matches[-1]


def test_stale_replay__second_round__sends_the_first_rounds_update_and_mismatches(world: World) -> None:
    world.trainer("0xT1", adversary("stale_replay.py:StaleReplay")._outside)
    first = world.validate(world.reveal(world.train("0xT1", 1), (0, 1, 2, 3)))
    world.model = world.store.put("model-2", weights_to_file(initial_weights(world.architecture, 2)))
    second = world.validate(world.reveal(world.train("0xT1", 2), (0, 1, 2, 3)), number=2)
    assert sent(world, "0xT1", 1)[0].tobytes() == sent(world, "0xT1", 2)[0].tobytes()
    assert [r.matches for r in first.replays] == [True] * 4
    assert [r.matches for r in second.replays] == [True, True, True, False]


def test_copied_update__is_the_leaked_one_to_the_byte_and_mismatches(world: World) -> None:
    world.trainer("0xT1", adversary("copying.py:Leaker")._outside)
    world.trainer("0xT2", adversary("copying.py:CopiedUpdate")._outside)
    victim, copier = (world.train(name) for name in ("0xT1", "0xT2"))
    assert victim.update_sha256 == copier.update_sha256
    report = world.validate(world.reveal(victim, (3,)), world.reveal(copier, (3,)))
    assert [r.matches for r in report.replays] == [True, False]


def test_equal_updates__of_honest_nodes_whom_training_does_not_move__accuse_nobody(world: World) -> None:
    world.spec = replace(world.spec, learning_rate=0.0)
    for name in ("0xT1", "0xT2"):
        world.trainer(name)
    first, second = (world.train(name) for name in ("0xT1", "0xT2"))
    assert first.update_sha256 == second.update_sha256
    report = world.validate(*(world.reveal(c, (0, 1, 2, 3)) for c in (first, second)))
    assert [r.matches for r in report.replays] == [True] * 8


def test_more_examples_than_the_shard__signed_by_the_trainer__is_a_mismatch(world: World) -> None:
    trainer = world.trainer("0xT1")
    done = world.train("0xT1")
    claimed = replace(done, examples=done.examples + 1, signature="")
    text = commitment_text(world.market.chain_id, world.market.escrow, claimed)
    signed = replace(claimed, signature=sign_text(trainer.who.account, text))
    (found,) = world.validate(world.reveal(signed, (0,))).replays
    assert (found.matches, "claims 101 examples" in found.reason) == (False, True)


def test_copied_update__nothing_leaked__is_honest_work() -> None:
    update = [np.ones(2, np.float32)]
    assert adversary("copying.py:CopiedUpdate").update(update, context()) is update
