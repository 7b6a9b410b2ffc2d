"""The aggregator against numpy, and TFF's server optimizers against their formulas."""

import numpy as np
import psutil
import pytest

from fl_nodes.aggregator.finalizer import finalizer_for
from fl_nodes.aggregator.work import AggregatorWork
from fl_nodes.errors import Refused
from fl_nodes.protocol.operator_tasks import AggregateTask, WeightedUpdate
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.tensors import TensorsInvalid, to_file, weights_from_file, weights_to_file
from tests.integration.fl_nodes.object_server import Store

SHAPES = ((30, 20), (20,), (20, 4), (4,))
RATE = 0.5


def arrays(seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=shape).astype(np.float32) for shape in SHAPES]


def task(store: Store, weights: dict[int, int], **changes) -> AggregateTask:
    """Aggregate the updates of these seeds with these weights."""
    updates = tuple(
        WeightedUpdate(store.put(f"u{s}", weights_to_file(arrays(s))), w) for s, w in weights.items()
    )
    values = {
        "job_id": "0xj",
        "round": 1,
        "model": store.put("model", weights_to_file(arrays(0))),
        "updates": updates,
        "server_optimizer": "sgd",
        "server_learning_rate": 1.0,
        "next_model": store.upload("next"),
        "next_state": store.upload("state"),
    }
    return AggregateTask(**(values | changes))


def run(work: AggregatorWork, asked: AggregateTask):
    return work.aggregate(Call("id", TaskKind.AGGREGATE, to_wire(asked)))


def mean(weights: dict[int, int]) -> list[np.ndarray]:
    total = sum(weights.values())
    columns = zip(*(arrays(s) for s in weights), strict=True)
    return [
        sum(w / total * a.astype(np.float64) for w, a in zip(weights.values(), column, strict=True))
        for column in columns
    ]


def test_aggregate__plain_averaging__is_numpys_weighted_mean(store: Store, work: AggregatorWork) -> None:
    weights = {1: 100, 2: 50, 3: 7}
    done = run(work, task(store, weights))
    after = weights_from_file(store.objects["next"])
    for new, old, change in zip(after, arrays(0), mean(weights), strict=True):
        np.testing.assert_allclose(new, old + change, atol=1e-6)
    assert done.state is None
    assert done.update_norm == pytest.approx(np.sqrt(sum(float(np.sum(m**2)) for m in mean(weights))))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_server_optimizer__three_rounds_through_stored_state__follow_the_formula(
    store: Store, work: AggregatorWork, optimizer: str
) -> None:
    expected = [a.astype(np.float64) for a in arrays(0)]
    first = [np.zeros(s) for s in SHAPES]
    second = [np.zeros(s) for s in SHAPES]
    model, state = store.put("model0", weights_to_file(arrays(0))), None
    for step in (1, 2, 3):
        change = task(
            store, {step: 1}, server_optimizer=optimizer, server_learning_rate=RATE, model=model, state=state
        )
        done = run(work, change)
        for i, gradient in enumerate(-m for m in mean({step: 1})):
            if optimizer == "sgd":
                expected[i] -= RATE * gradient
            elif optimizer == "momentum":
                first[i] = 0.9 * first[i] + gradient
                expected[i] -= RATE * first[i]
            else:
                first[i] = 0.9 * first[i] + 0.1 * gradient
                second[i] = 0.999 * second[i] + 0.001 * gradient**2
                corrected = np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                expected[i] -= RATE * corrected * first[i] / (np.sqrt(second[i]) + 1e-7)
        model = store.put(f"model{step}", store.objects["next"])
        state = store.ref("state") if done.state else None
        assert (state is None) == (optimizer == "sgd")
    for new, due in zip(weights_from_file(store.objects["next"]), expected, strict=True):
        np.testing.assert_allclose(new, due, atol=1e-4)


def test_finalizer__in_this_process__equals_tffs_own_executor(tffs_executor: None) -> None:
    """What is taken out of TFF's computation does what TFF's executor does with it."""
    import tensorflow_federated as tff

    learning = tff.learning
    types = tff.types.to_type(
        learning.models.ModelWeights([tff.TensorType(np.float32, s) for s in SHAPES], [])
    )
    process = learning.templates.build_apply_optimizer_finalizer(learning.optimizers.build_adam(RATE), types)
    weights = learning.models.ModelWeights(arrays(0), [])
    found = process.next(process.initialize(), weights, [-a for a in arrays(1)])
    finalizer = finalizer_for("adam", RATE, SHAPES)
    _, ours = finalizer.step(finalizer.initial_state(), arrays(0), arrays(1))
    for mine, theirs in zip(ours, found.result.trainable, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_finalizer__many_steps__starts_no_process() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    finalizer = finalizer_for("momentum", RATE, SHAPES)
    state, weights = finalizer.initial_state(), arrays(0)
    for step in range(5):
        state, weights = finalizer.step(state, weights, arrays(step))
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before


def test_averaged_weights__under_adam__are_only_averaged(store: Store, work: AggregatorWork) -> None:
    asked = task(store, {1: 1, 2: 1}, server_optimizer="adam", server_learning_rate=0.01, averaged=(1, 3))
    run(work, asked)
    after = weights_from_file(store.objects["next"])
    for i in (1, 3):
        np.testing.assert_allclose(after[i], arrays(0)[i] + mean({1: 1, 2: 1})[i], atol=1e-6)
    for i in (0, 2):
        assert np.abs(after[i] - arrays(0)[i]).max() < 0.011


@pytest.mark.parametrize(
    "bad",
    [
        [np.full(s, np.inf, np.float32) for s in SHAPES],
        [np.zeros(s, np.float32) for s in SHAPES[:-1]],
        [np.zeros(s, np.float64) for s in SHAPES],
    ],
)
def test_aggregate__malformed_update__is_refused(
    store: Store, work: AggregatorWork, bad: list[np.ndarray]
) -> None:
    update = WeightedUpdate(store.put("bad", to_file({f"w{i:03d}": a for i, a in enumerate(bad)})), 10)
    with pytest.raises(Refused) as caught:
        run(work, task(store, {1: 1}, updates=(update,)))
    assert caught.value.code == "aggregate.update"


def test_aggregate__no_weight_or_foreign_state__is_refused(store: Store, work: AggregatorWork) -> None:
    with pytest.raises(Refused, match="weights"):
        run(work, task(store, {1: 0}))
    foreign = store.put("s", to_file({"s000": np.zeros(3, np.float32)}))
    with pytest.raises(TensorsInvalid, match="state"):
        run(work, task(store, {1: 1}, server_optimizer="momentum", state=foreign))
