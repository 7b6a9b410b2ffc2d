"""What a commitment is about."""

from dataclasses import replace

from fl_nodes.protocol.binding import work_digest, work_of
from fl_nodes.protocol.tasks import ObjectRef, TrainingSpec, TrainTask

SPEC = TrainingSpec("sgd", 0.1, 32, 5, 16, 7)
TASK = TrainTask(
    "0xj", 1, "0xT", {"classes": 2}, SPEC, ObjectRef("u", "aa", 1), ObjectRef("v", "bb", 2), 9, "c", 1.0
)


def test_work_of__where_it_lies__does_not_matter() -> None:
    assert work_of(replace(TASK, model=ObjectRef("elsewhere", "aa", 1), round=2)) == work_of(TASK)
    assert work_of(TASK) == work_digest({"classes": 2}, SPEC, "aa", "bb")


def test_work_of__other_inputs__is_other_work() -> None:
    others = [
        replace(TASK, shard=ObjectRef("v", "cc", 2)),
        replace(TASK, model=ObjectRef("u", "cc", 1)),
        replace(TASK, training=replace(SPEC, learning_rate=0.2)),
        replace(TASK, training=replace(SPEC, seed=8)),
        replace(TASK, architecture={"classes": 3}),
    ]
    assert len({work_of(t) for t in [TASK, *others]}) == 6
