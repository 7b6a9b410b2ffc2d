"""Honest work replays to itself, whatever optimizer and model; other work does not."""

from dataclasses import replace

import numpy as np
import pytest

from fl_nodes.protocol.architecture import from_keras_json, preset
from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, State, build_model, engine_for, initial_weights
from fl_nodes.training.replay import replay
from fl_nodes.training.tensors import norm
from fl_nodes.training.trainer import run_segment, train
from tests.integration.fl_nodes.job_world import CLASSES, FEATURES, rows

TOLERANCE = 1e-3
HONEST = 1e-4
RATES = {"sgd": 0.1, "momentum": 0.05, "adam": 0.003, "rmsprop": 0.003}


def with_dropout_and_norm() -> dict:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            layers.Reshape((4, 4, 1)),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    return from_keras_json(model.to_json(), [FEATURES], CLASSES)


MODELS = {
    "logistic": lambda: preset("logistic", [FEATURES], CLASSES),
    "cnn": lambda: preset("cnn", [FEATURES], CLASSES),
    "dropout and norm": with_dropout_and_norm,
}


def states(engine: Engine, spec: TrainingSpec, split: Split) -> list[State]:
    weights = initial_weights(engine.architecture, 3)
    return [engine.start(weights), *(end.end for end in train(engine, spec, weights, split))]


@pytest.mark.parametrize("optimizer", sorted(RATES))
@pytest.mark.parametrize("model", sorted(MODELS))
def test_replay__honest_work__matches_in_every_segment(model: str, optimizer: str) -> None:
    engine = engine_for(MODELS[model](), optimizer)
    spec = TrainingSpec(optimizer, RATES[optimizer], 16, 2, 4, 11)
    split = rows(120, 1)
    passed = states(engine, spec, split)
    assert len(passed) == 5
    for index in range(4):
        start, end = (engine.read_state(s.to_file()) for s in passed[index : index + 2])
        found = replay(engine, spec, split, index, start, end, TOLERANCE)
        assert found.matches
        assert found.distance < HONEST


@pytest.mark.parametrize("optimizer", sorted(RATES))
def test_replay__one_label_in_twenty_wrong__mismatches_in_every_segment(optimizer: str) -> None:
    engine = engine_for(MODELS["logistic"](), optimizer)
    spec = TrainingSpec(optimizer, RATES[optimizer], 64, 2, 2, 11)
    split = rows(256, 1)
    flipped = np.where(np.arange(256) % 20 == 0, (split.y + 1) % CLASSES, split.y).astype(np.int32)
    passed = states(engine, spec, Split(split.x, flipped))
    for index in range(4):
        found = replay(engine, spec, split, index, passed[index], passed[index + 1], TOLERANCE)
        assert not found.matches
        assert found.distance > 10 * TOLERANCE


def test_replay__poison_in_the_momentum_only__mismatches() -> None:
    engine = engine_for(MODELS["logistic"](), "momentum")
    spec = TrainingSpec("momentum", 0.05, 16, 2, 4, 11)
    split = rows(120, 1)
    passed = states(engine, spec, split)
    poisoned = State(passed[2].weights, [a + np.float32(0.5) if a.shape else a for a in passed[2].optimizer])
    assert not replay(engine, spec, split, 1, passed[1], poisoned, TOLERANCE).matches


def test_replay__weights_of_the_same_distance_elsewhere__mismatch() -> None:
    engine = engine_for(MODELS["logistic"](), "sgd")
    spec = TrainingSpec("sgd", 0.1, 16, 2, 4, 11)
    split = rows(120, 1)
    passed = states(engine, spec, split)
    mirrored = [2 * a - b for a, b in zip(passed[0].weights, passed[1].weights, strict=True)]
    found = replay(engine, spec, split, 0, passed[0], State(mirrored, []), TOLERANCE)
    assert found.distance == pytest.approx(2.0, rel=0.1)


def test_replay__claimed_end_not_finite__mismatches() -> None:
    engine = engine_for(MODELS["logistic"](), "sgd")
    spec = TrainingSpec("sgd", 0.1, 16, 2, 4, 11)
    split = rows(120, 1)
    passed = states(engine, spec, split)
    broken = [np.full_like(w, np.nan) for w in passed[1].weights]
    found = replay(engine, spec, split, 0, passed[0], State(broken, []), TOLERANCE)
    assert not found.matches
    assert "not finite" in found.reason


def test_replay__training_that_diverges_for_everyone__accuses_nobody() -> None:
    engine = engine_for(preset("mlp", [FEATURES], CLASSES), "sgd")
    spec = TrainingSpec("sgd", 1e6, 16, 4, 16, 11)
    split = rows(120, 1)
    passed = states(engine, spec, split)
    assert not np.isfinite(norm(passed[-1].weights))
    for index in range(len(passed) - 1):
        assert replay(engine, spec, split, index, passed[index], passed[index + 1], TOLERANCE).matches


def test_training__same_seed_twice__is_bit_equal_and_other_seed_is_not() -> None:
    engine = engine_for(with_dropout_and_norm(), "adam")
    spec = TrainingSpec("adam", 0.003, 16, 2, 4, 11)
    split = rows(120, 1)
    one, two = states(engine, spec, split)[-1], states(engine, spec, split)[-1]
    other = states(engine, replace(spec, seed=12), split)[-1]
    assert one.to_file() == two.to_file()
    assert one.to_file() != other.to_file()


def test_training__lengths_of_segments__do_not_change_the_result_without_dropout() -> None:
    engine = engine_for(MODELS["cnn"](), "momentum")
    split = rows(100, 1)
    ends = [
        states(engine, TrainingSpec("momentum", 0.05, 16, 3, steps, 11), split)[-1] for steps in (1, 4, 64)
    ]
    assert ends[0].to_file() == ends[1].to_file() == ends[2].to_file()


def test_engine__keras_itself__takes_the_same_steps() -> None:
    """The compiled segment against Keras's own training on the same batches."""
    import keras

    from fl_nodes.training import sequence

    architecture, spec, split = MODELS["cnn"](), TrainingSpec("adam", 0.003, 16, 2, 64, 11), rows(100, 1)
    weights = initial_weights(architecture, 3)
    model = build_model(architecture)
    model.set_weights(weights)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    todo = sequence.batches(100, spec, 0)
    for first, last in zip(todo.bounds[:-1], todo.bounds[1:], strict=True):
        batch = todo.rows[first:last]
        model.train_on_batch(split.x[batch], split.y[batch])
    engine = engine_for(architecture, "adam")
    ours = list(train(engine, spec, weights, split))[-1].end.weights
    for mine, keras_s in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, keras_s, atol=1e-5)


def test_replay__chaotic_training__does_not_take_rounding_for_a_cheat() -> None:
    """With steps this large a difference in the last bit grows past every tolerance: that must accuse nobody."""
    engine = engine_for(preset("mlp", [FEATURES], CLASSES), "adam")
    spec = TrainingSpec("adam", 0.1, 16, 5, 64, 11)
    split = rows(400, 1)
    start = engine.start(initial_weights(engine.architecture, 3))
    distances = []
    for seed in range(6):
        random = np.random.default_rng(seed)
        noisy = [w * (1 + 2e-7 * random.standard_normal(w.shape)).astype(np.float32) for w in start.weights]
        other = run_segment(engine, spec, State(noisy, start.optimizer), split, 0).end
        found = replay(engine, spec, split, 0, start, other, TOLERANCE)
        distances.append(found.distance)
        assert found.matches
        assert ("inconclusive" in found.reason) == (found.distance > TOLERANCE)
    assert max(distances) > TOLERANCE


def test_replay__calm_training__still_accuses_a_small_shift() -> None:
    engine = engine_for(MODELS["cnn"](), "momentum")
    spec = TrainingSpec("momentum", 0.05, 16, 2, 16, 11)
    split = rows(200, 1)
    passed = states(engine, spec, split)
    moved = norm([a - b for a, b in zip(passed[1].weights, passed[0].weights, strict=True)])
    shift = 0.05 * moved / np.sqrt(passed[1].weights[0].size)
    shifted = [passed[1].weights[0] + np.float32(shift), *passed[1].weights[1:]]
    found = replay(engine, spec, split, 0, passed[0], State(shifted, passed[1].optimizer), TOLERANCE)
    assert not found.matches
    assert found.distance == pytest.approx(0.05, rel=0.2)
