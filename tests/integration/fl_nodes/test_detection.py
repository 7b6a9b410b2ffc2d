"""Adversaries are found by re-running their work; honest trainers and framed ones are not accused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fl_nodes.adversary import load_adversary
from fl_nodes.errors import Refused
from fl_nodes.protocol.signing import commitment_text, report_text
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text, signed_by
from fl_nodes.training.tensors import to_file
from tests.integration.fl_nodes.job_world import MARKET, World, rows, split_file

ADVERSARIES = Path(__file__).parents[3] / "examples" / "adversaries"


def test_honest_trainer__every_segment__matches_and_its_update_scores(world: World) -> None:
    report = world.judged("0xT1")
    assert [r.matches for r in report.replays] == [True] * 4
    assert max(r.distance_ppm for r in report.replays) < 100
    assert report.scores[0].defect == ""
    assert report.scores[0].accuracy_ppm > 500_000
    assert signed_by(
        world.keys["0xV1"], report_text(MARKET.chain_id, MARKET.escrow, report), report.signature
    )


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "rmsprop"])
def test_honest_trainer__other_optimizers__match_through_files(world: World, optimizer: str) -> None:
    world.spec = replace(world.spec, optimizer=optimizer, learning_rate=0.01)
    assert all(r.matches for r in world.judged("0xT1").replays)


@pytest.mark.parametrize(
    ("name", "caught"),
    [
        ("label_flip.py:LabelFlip", [False, False, False, False]),
        ("poison.py:PoisonedUpdate", [True, True, True, False]),
        ("sign_flip.py:SignFlip", [True, True, True, False]),
        ("lazy.py:LazyTrainer", [True, True, False, False]),
        ("under_report.py:UnderReport", [True, True, True, True]),
    ],
)
def test_adversary__every_segment_replayed__is_caught_where_it_cheats(
    world: World, name: str, caught: list[bool]
) -> None:
    outside = load_adversary(str(ADVERSARIES / name))._outside
    report = world.judged("0xT1", outside)
    assert [r.matches for r in report.replays] == caught
    assert all(r.reason for r in report.replays if not r.matches)


def test_under_reporting__energy__is_what_the_adversary_says(world: World) -> None:
    world.trainer("0xT1", load_adversary(str(ADVERSARIES / "under_report.py:UnderReport"))._outside)
    assert world.train("0xT1").energy.millijoules == 1250


class Malformed:
    def __init__(self, change) -> None:
        self._change = change

    def on_update(self, update, context):
        return self._change(update)


@pytest.mark.parametrize(
    "change",
    [
        lambda update: [np.full_like(u, np.nan) for u in update],
        lambda update: [u[:1] for u in update],
        lambda update: update[:1],
        lambda update: [u.astype(np.float64) for u in update],
        lambda update: [],
    ],
)
def test_malformed_update__is_a_defect_and_a_mismatch_but_no_crash(world: World, change) -> None:
    report = world.judged("0xT1", Malformed(change))
    assert report.scores[0].defect
    assert [r.matches for r in report.replays] == [True, True, True, False]


def test_unreadable_update__is_a_defect_and_a_mismatch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = world.trainer("0xT1")
    monkeypatch.setattr("fl_nodes.work.train.to_file", lambda arrays: b"\x80\x04pickle!")
    commitment = world.train("0xT1")
    monkeypatch.undo()
    assert trainer.folder.find(commitment.job_id, 1) is not None
    report = world.validate(world.reveal(commitment, (3,)))
    assert "safetensors" in report.scores[0].defect
    assert not report.replays[0].matches


class LiesAboutCheckpoints:
    """Replaces the middle checkpoint after training went on from the true one."""

    def on_segment(self, weights, context):
        return [w + np.float32(0.3) for w in weights] if context["segment"] == 1 else None


def test_changed_checkpoint__only_the_segment_that_ends_there__mismatches(world: World) -> None:
    report = world.judged("0xT1", LiesAboutCheckpoints())
    assert [r.matches for r in report.replays] == [True, False, True, True]


def test_scores__two_trainers__tell_good_from_bad(world: World) -> None:
    world.trainer("0xT1")
    world.trainer("0xT2", load_adversary(str(ADVERSARIES / "sign_flip.py:SignFlip"))._outside)
    report = world.validate(*(world.reveal(world.train(t), ()) for t in ("0xT1", "0xT2")))
    good, bad = report.scores
    assert good.accuracy_ppm > bad.accuracy_ppm
    assert good.loss_ppm < bad.loss_ppm
    assert report.replays == ()


# --- an operator that lies -----------------------------------------------------------------------------------------


def asked(world: World, task) -> str:
    """The code with which a validator refuses a task."""
    with pytest.raises(Refused) as caught:
        world.validator().validate(Call("v", TaskKind.VALIDATE, to_wire(task)))
    return caught.value.code


def test_framing__another_shard_model_or_setting__is_refused(world: World) -> None:
    world.trainer("0xT1")
    honest = world.reveal(world.train("0xT1"), (0, 3))
    other = world.store.put("other-shard", split_file(rows(100, 5)))
    assert asked(world, world.task(replace(honest, shard=other))) == "evidence.other_work"
    assert asked(world, world.task(honest, model=world.store.put("m", b"x"))) == "evidence.other_work"
    harsher = {"0xT1": replace(world.spec_of("0xT1"), learning_rate=0.2)}
    assert asked(world, world.task(honest, training=harsher)) == "evidence.other_work"
    assert asked(world, world.task(honest, tolerance=1e-9)) == "validate.tolerance"


def test_framing__another_update_or_checkpoint__is_refused(world: World) -> None:
    world.trainer("0xT1")
    honest = world.reveal(world.train("0xT1"), (1, 3))
    swapped = replace(honest, update=world.store.put("u", to_file({"w000": np.zeros(1, np.float32)})))
    assert asked(world, world.task(swapped)) == "evidence.not_committed"
    first = honest.segments[0]
    moved = replace(first, start=first.end, start_path=first.end_path)
    assert asked(world, world.task(replace(honest, segments=(moved,)))) == "evidence.not_committed"
    assert (
        asked(world, world.task(replace(honest, segments=(replace(first, end=None),))))
        == "evidence.incomplete"
    )
    assert asked(world, world.task(replace(honest, shard=None))) == "evidence.incomplete"


def test_framing__commitment_the_trainer_did_not_sign__is_refused(world: World) -> None:
    world.trainer("0xT1")
    honest = world.reveal(world.train("0xT1"), (3,))
    forged = replace(honest.commitment, loss=0.0)
    assert asked(world, world.task(replace(honest, commitment=forged))) == "evidence.unsigned"
    assert (
        asked(world, world.task(replace(honest, commitment=replace(honest.commitment, round=2))))
        == "evidence.other_round"
    )


def test_fewer_segments_than_the_work_has__signed_by_the_trainer__is_a_mismatch(world: World) -> None:
    """A trainer that stops after the first segment and commits to having only that one."""
    trainer = world.trainer("0xT1")
    spec, world.spec = world.spec, replace(world.spec, local_epochs=1)
    short = world.train("0xT1")
    world.spec = spec
    task = world.task(world.reveal(short, ()))
    claimed = replace(short, work_sha256=_work(world, task), signature="")
    text = commitment_text(MARKET.chain_id, MARKET.escrow, claimed)
    signed = replace(claimed, signature=sign_text(trainer.who.account, text))
    world.keys["0xT1"] = str(trainer.who.account.address)
    report = world.validate(world.reveal(signed, (1,)))
    assert not report.replays[0].matches
    assert "2 segments where the work has 4" in report.replays[0].reason


def _work(world: World, task) -> str:
    from fl_nodes.protocol.binding import work_digest

    return work_digest(
        world.architecture, task.training["0xT1"], world.model.sha256, world.shard("0xT1").sha256
    )
