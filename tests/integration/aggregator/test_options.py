"""TFF's zeroing, clipping and differential privacy, run in this process: against formulas and against TFF's executor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import psutil
import pytest

from fl_nodes.aggregator.averaging import Averaging, Options, averaging_for
from fl_nodes.errors import Refused
from fl_nodes.protocol.operator_tasks import Aggregated, PrivacyTerms
from fl_nodes.training.tensors import weights_from_file
from tests.integration.fl_nodes.object_server import Store

SHAPES = ((30, 20), (20,), (20, 4), (4,))
SIZE = sum(int(np.prod(s)) for s in SHAPES)

Arrays = list[np.ndarray]


def update(seed: int, length: float = 0.5) -> Arrays:
    random = np.random.default_rng(seed)
    arrays = [random.normal(size=s) for s in SHAPES]
    scale = length / np.sqrt(sum(float((a**2).sum()) for a in arrays))
    return [(a * scale).astype(np.float32) for a in arrays]


def flat(arrays: Arrays) -> np.ndarray:
    return np.concatenate([np.asarray(a, np.float64).reshape(-1) for a in arrays])


def no_noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.zeros(shape, np.float32)


def rounds(averaging: Averaging, told: list[list[tuple[Arrays, float]]], draw=no_noise):
    """Mean and measurements of each round, state handed on."""
    state = averaging.initial_state()
    for given in told:
        running = averaging.start(state)
        for arrays, weight in given:
            running.add(arrays, weight)
        mean, state, measured = running.result(draw)
        yield flat(mean), measured, running.clip


def test_clipping__longest_update__is_shortened_to_the_estimate() -> None:
    averaging = averaging_for(Options(clipping=True), SHAPES)
    given = [(update(1), 10.0), (update(2, 40.0), 30.0)]

    ((mean, measured, _),) = rounds(averaging, [given])

    # TFF's estimate of the 0.8 quantile starts at 1.
    due = (10 * flat(update(1)) + 30 * flat(update(2, 1.0))) / 40
    np.testing.assert_allclose(mean, due, atol=1e-6)
    assert measured["clipping_norm"] == 1.0
    assert measured["clipped_count"] == 1.0


def test_clipping__rounds_of_short_updates__estimate_follows_by_andrews_formula() -> None:
    averaging = averaging_for(Options(clipping=True), SHAPES)
    told = [[(update(r * 10 + i), 1.0) for i in range(4)] for r in range(3)]

    norms = [measured["clipping_norm"] for _, measured, _ in rounds(averaging, told)]

    # All four lie below the estimate: it shrinks by exp(-0.2 (1 - 0.8)) a round until half of it is passed.
    np.testing.assert_allclose(norms, [np.exp(-0.2 * 0.2 * r) for r in range(3)], rtol=1e-5)


def test_zeroing__value_far_beyond_all_before__counts_as_nothing() -> None:
    averaging = averaging_for(Options(zeroing=True), SHAPES)
    huge = update(3, 1e6)

    ((mean, measured, _),) = rounds(averaging, [[(update(1), 1.0), (huge, 1.0)]])

    # Its weight stays, as TFF has it.
    np.testing.assert_allclose(mean, flat(update(1)) / 2, atol=1e-6)
    assert measured["zeroed_count"] == 1.0


def test_robust_mean__in_this_process__equals_tffs_own_executor(tffs_executor: None) -> None:
    import tensorflow_federated as tff

    told = [[(update(r * 10 + i, 0.4 * (i + 1)), float(i + 1)) for i in range(4)] for r in range(3)]
    value = tff.types.to_type([tff.TensorType(np.float32, s) for s in SHAPES])
    process = tff.learning.robust_aggregator().create(value, tff.TensorType(np.float32))
    state, theirs = process.initialize(), []
    for given in told:
        done = process.next(state, [a for a, _ in given], [w for _, w in given])
        state = done.state
        theirs.append(flat(done.result))

    ours = [mean for mean, _, _ in rounds(averaging_for(Options(zeroing=True, clipping=True), SHAPES), told)]

    for mine, due in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, due, atol=1e-6)


def test_private_mean__without_its_noise__is_the_sum_of_clipped_updates_by_all_participants() -> None:
    averaging = averaging_for(Options(noise_multiplier=1.0, clip=0.3, participants=4), SHAPES)
    given = [(update(1), 1000.0), (update(2, 0.1), 1.0)]

    ((mean, _, clip),) = rounds(averaging, [given])

    np.testing.assert_allclose(mean, (flat(update(1, 0.3)) + flat(update(2, 0.1))) / 4, atol=1e-6)
    assert clip == pytest.approx(0.3)


@pytest.mark.parametrize(
    "options", [Options(clipping=True), Options(noise_multiplier=1.0, clip=1.0, participants=2)]
)
def test_any_clip__length_beyond_float32__is_shortened_like_any_other(options: Options) -> None:
    huge = [a * np.float32(1e35) for a in update(2)]

    ((mean, _, _),) = rounds(averaging_for(options, SHAPES), [[(update(1), 1.0), (huge, 1.0)]])

    np.testing.assert_allclose(mean, (flat(update(1)) + flat(update(2, 1.0))) / 2, atol=1e-6)


def test_private_mean__its_noise__has_the_promised_size_on_every_coordinate() -> None:
    averaging = averaging_for(Options(noise_multiplier=2.0, clip=0.3, participants=4), SHAPES)
    random = np.random.default_rng(0)
    drawn = []

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        drawn.append(random.normal(size=shape).astype(np.float32))
        return drawn[-1]

    ((mean, _, _),) = rounds(averaging, [[(update(1), 1.0)]], draw)

    noise = mean - flat(update(1, 0.3)) / 4
    np.testing.assert_allclose(noise, 2.0 * 0.3 / 4 * flat(drawn), atol=1e-6)
    assert sorted(d.shape for d in drawn) == sorted(SHAPES)


def test_adaptive_clip__all_updates_longer__grows_by_andrews_formula() -> None:
    options = Options(noise_multiplier=0.5, clip=0.1, adaptive=True, participants=4)
    told = [[(update(r * 10 + i), 1.0) for i in range(4)] for r in range(3)]

    clips = [clip for _, _, clip in rounds(averaging_for(options, SHAPES), told)]

    # None lies below: exp(-0.2 (0 - 0.5)) a round.
    np.testing.assert_allclose(clips, [0.1 * np.exp(0.2 * 0.5 * r) for r in range(3)], rtol=1e-5)


def test_adaptive_clip__its_count_is_noised_too__and_both_cost_what_was_said() -> None:
    noise = 0.5
    averaging = averaging_for(
        Options(noise_multiplier=noise, clip=0.1, adaptive=True, participants=4), SHAPES
    )
    drawn: list[tuple[int, ...]] = []

    def ones(shape: tuple[int, ...]) -> np.ndarray:
        drawn.append(shape)
        return np.ones(shape, np.float32)

    ((mean, _, _),) = rounds(averaging, [[(update(i), 1.0) for i in range(4)]], ones)

    values = (mean - sum(flat(update(i, 0.1)) for i in range(4)) / 4) * 4 / 0.1
    on_values, on_count = float(values.mean()), noise
    # Andrew et al. 2021, theorem 1: z = (z_values^-2 + (2 z_count)^-2)^(-1/2).
    assert (on_values**-2 + (2 * on_count) ** -2) ** -0.5 == pytest.approx(noise, rel=1e-4)
    assert drawn.count(()) == 1


def terms(**changes) -> PrivacyTerms:
    return PrivacyTerms(
        **({"noise_multiplier": 1.0, "clip": 0.5, "delta": 1e-5, "participants": 4} | changes)
    )


def test_aggregate__privacy_over_rounds__reports_what_it_has_cost(
    store: Store, aggregate: Callable[..., Aggregated]
) -> None:
    model, updates = update(0), [update(i) for i in range(1, 5)]

    first = aggregate(updates, [10, 20, 30, 40], model, privacy=terms())
    kept = store.put("kept", store.objects["state"])
    second = aggregate(updates, [10, 20, 30, 40], model, privacy=terms(), round=2, state=kept)

    assert first.privacy is not None
    assert second.privacy is not None
    assert first.privacy.epsilon == pytest.approx(4.377178, rel=1e-5)
    assert second.privacy.epsilon > first.privacy.epsilon
    assert first.privacy.row_epsilon > first.privacy.epsilon
    assert (second.privacy.rounds, second.privacy.clip) == (2, 0.5)
    assert first.shares == ()


def test_aggregate__privacy_twice__draws_fresh_noise_of_the_right_size(
    store: Store, aggregate: Callable[..., Aggregated]
) -> None:
    model, updates = update(0), [update(i) for i in range(1, 5)]
    seen = []
    for _ in range(2):
        aggregate(updates, [1] * 4, model, privacy=terms())
        seen.append(flat(weights_from_file(store.objects["next"])))

    apart = (seen[0] - seen[1]) / np.sqrt(2)

    assert np.std(apart) == pytest.approx(1.0 * 0.5 / 4, rel=0.15)


def test_aggregate__clipping_over_rounds__goes_on_from_its_state(
    store: Store, aggregate: Callable[..., Aggregated]
) -> None:
    model, updates = update(0), [update(i) for i in range(1, 5)]

    first = aggregate(updates, [1] * 4, model, clipping=True, server_optimizer="momentum")
    kept = store.put("kept", store.objects["state"])
    second = aggregate(updates, [1] * 4, model, clipping=True, server_optimizer="momentum", state=kept)

    assert second.measured["clipping_norm"] < first.measured["clipping_norm"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rule": "median", "clipping": True}, "aggregate.rule"),
        ({"rule": "mode"}, "aggregate.rule"),
        ({"privacy": terms(), "zeroing": True}, "aggregate.privacy"),
        ({"privacy": terms(participants=1)}, "aggregate.privacy"),
        ({"rule": "multi_krum", "tolerated": 1}, "aggregate.tolerated"),
        ({"rule": "fltrust"}, "aggregate.root"),
    ],
)
def test_aggregate__options_that_do_not_go_together__are_refused(
    aggregate: Callable[..., Aggregated], changes: dict, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        aggregate([update(1), update(2)], [1, 1], update(0), **changes)
    assert refused.value.code == code


def test_aggregate__a_value_not_finite_under_clipping__names_the_update(
    aggregate: Callable[..., Aggregated],
) -> None:
    bad = update(2)
    bad[1][0] = np.nan
    with pytest.raises(Refused) as refused:
        aggregate([update(1), bad], [1, 1], update(0), clipping=True)
    assert refused.value.code == "aggregate.update"


@pytest.mark.parametrize("rule", ["median", "trimmed_mean", "multi_krum", "fltrust"])
def test_aggregate__rule_over_files__withstands_what_the_mean_does_not(
    store: Store, aggregate: Callable[..., Aggregated], rule: str
) -> None:
    model, good = update(0), flat(update(1))
    honest = [[a + 0.01 * b for a, b in zip(update(1), update(i), strict=True)] for i in range(2, 7)]
    wild = [np.float32(-1e6) * a for a in update(1)]
    root = None
    if rule == "fltrust":
        from fl_nodes.training.tensors import weights_to_file

        root = store.put("root", weights_to_file(update(1)))

    done = aggregate([*honest, wild], [10] * 6, model, rule=rule, tolerated=1, root_update=root)

    moved = flat(weights_from_file(store.objects["next"])) - flat(model)
    assert np.linalg.norm(moved - good) < 0.05
    assert done.shares == () or done.shares[-1] == 0


def test_options__many_rounds__start_no_process() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    averaging = Averaging(Options(zeroing=True, clipping=True), ((5,), (2, 2)))
    for _ in range(3):
        running = averaging.start(averaging.initial_state())
        running.add([np.ones(5, np.float32), np.ones((2, 2), np.float32)], 1.0)
        running.result(no_noise)
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before
