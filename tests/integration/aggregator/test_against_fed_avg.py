"""The remote result against TFF's own: `build_weighted_fed_avg` on the same shards, batches and settings.

Clients train in numpy, their updates travel as files to the aggregator; TFF trains and averages by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fl_nodes.protocol.operator_tasks import Aggregated
from fl_nodes.training.tensors import weights_from_file
from tests.integration.fl_nodes.object_server import Store

FEATURES, HIDDEN, CLASSES = 6, 5, 3
SHARD_ROWS = (40, 24, 9)
BATCH, LOCAL_EPOCHS, RATE = 8, 2, 0.1
ROUNDS = 4
SERVER_RATES = {"sgd": 1.0, "momentum": 0.5, "adam": 0.05}

Arrays = list[np.ndarray]


def shards() -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(4)
    made = []
    for i, rows in enumerate(SHARD_ROWS):
        x = random.normal(loc=0.3 * i, size=(rows, FEATURES)).astype(np.float32)
        made.append((x, (np.abs(x).sum(axis=1) * 2 % CLASSES).astype(np.int32)))
    return made


def initial() -> Arrays:
    random = np.random.default_rng(5)
    shapes = ((FEATURES, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,))
    return [random.normal(scale=0.3, size=s).astype(np.float32) for s in shapes]


def trained(weights: Arrays, x: np.ndarray, y: np.ndarray) -> Arrays:
    """The update of one client: plain SGD on a network with one tanh layer, batches in order."""
    a, b, c, d = (w.copy() for w in weights)
    for _ in range(LOCAL_EPOCHS):
        for start in range(0, len(y), BATCH):
            rows, labels = x[start : start + BATCH], y[start : start + BATCH]
            hidden = np.tanh(rows @ a + b)
            logits = hidden @ c + d
            likely = np.exp(logits - logits.max(axis=1, keepdims=True))
            likely /= likely.sum(axis=1, keepdims=True)
            likely[np.arange(len(labels)), labels] -= 1
            likely /= np.float32(len(labels))
            back = (likely @ c.T) * (1 - hidden**2)
            gradients = (rows.T @ back, back.sum(axis=0), hidden.T @ likely, likely.sum(axis=0))
            a, b, c, d = (w - np.float32(RATE) * g for w, g in zip((a, b, c, d), gradients, strict=True))
    return [after - before for after, before in zip((a, b, c, d), weights, strict=True)]


def tffs_rounds(server: str) -> list[Arrays]:
    """The global weights after each round of TFF's own federated averaging."""
    import tensorflow as tf
    import tensorflow_federated as tff

    first = initial()

    def model() -> Any:
        layers = [
            tf.keras.layers.Dense(HIDDEN, activation="tanh", input_shape=(FEATURES,)),
            tf.keras.layers.Dense(CLASSES),
        ]
        return tff.learning.models.from_keras_model(
            tf.keras.Sequential(layers),
            input_spec=(
                tf.TensorSpec((None, FEATURES), tf.float32),
                tf.TensorSpec((None,), tf.int32),
            ),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )

    optimizers = tff.learning.optimizers
    rate = SERVER_RATES[server]
    process = tff.learning.algorithms.build_weighted_fed_avg(
        model,
        client_optimizer_fn=optimizers.build_sgdm(RATE),
        server_optimizer_fn={
            "sgd": lambda: optimizers.build_sgdm(rate),
            "momentum": lambda: optimizers.build_sgdm(rate, 0.9),
            "adam": lambda: optimizers.build_adam(rate),
        }[server](),
    )
    clients = [tf.data.Dataset.from_tensor_slices(s).batch(BATCH).repeat(LOCAL_EPOCHS) for s in shards()]
    state = process.set_model_weights(process.initialize(), tff.learning.models.ModelWeights(first, []))
    after = []
    for _ in range(ROUNDS):
        state = process.next(state, clients).state
        after.append([np.asarray(w) for w in process.get_model_weights(state).trainable])
    return after


@pytest.mark.parametrize("server", list(SERVER_RATES))
def test_remote_rounds__same_shards_batches_and_settings__are_tffs_rounds(
    store: Store, aggregate: Callable[..., Aggregated], tffs_executor: None, server: str
) -> None:
    model, state = initial(), None
    for number, theirs in enumerate(tffs_rounds(server), 1):
        updates = [trained(model, x, y) for x, y in shards()]
        done = aggregate(
            updates,
            list(SHARD_ROWS),
            model,
            round=number,
            server_optimizer=server,
            server_learning_rate=SERVER_RATES[server],
            state=state,
        )
        model = weights_from_file(store.objects["next"])
        state = store.put(f"kept{number}", store.objects["state"]) if done.state else None
        apart = max(float(np.abs(a - b).max()) for a, b in zip(model, theirs, strict=True))
        assert apart <= 1e-5
    moved = max(float(np.abs(a - b).max()) for a, b in zip(model, initial(), strict=True))
    assert moved > 0.05
