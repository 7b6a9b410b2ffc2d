"""A federation on real hosts: the product's workers in their own environments, asked by the dispatcher's own stages."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from backend.dispatch.job import Job
from backend.dispatch.job_loop import run_round
from fl_nodes.protocol import verdict
from scripts.bench.learning import attacks
from scripts.bench.learning.accuracy import job_spec
from scripts.bench.learning.crew import Crew
from scripts.bench.learning.data import Data
from scripts.bench.learning.federation import Federation, Players, trainer_name

SETTINGS = {
    "optimizer": "sgd",
    "lr": 0.1,
    "batch": 16,
    "rounds": 2,
    "local_epochs": 2,
    "server": "momentum",
    "server_lr": 1.0,
}
NODES = 4


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    made = Crew(folder / "scratch", folder / "logs")
    yield made
    made.close()


@pytest.fixture(scope="module")
def data() -> Data:
    """Four blobs that a small model can tell apart."""
    random = np.random.default_rng(0)
    y = random.integers(0, 4, 400).astype(np.int32)
    x = (random.normal(0, 1, (4, 8))[y] + random.normal(0, 0.5, (400, 8))).astype(np.float32)
    rows = np.arange(400)
    return Data(x, y, 4, rows[:240], rows[240:300], rows[300:])


def federation(crew: Crew, data: Data, players: Players | None = None) -> Federation:
    spec = job_spec("logistic", SETTINGS, 1, NODES, segment_steps=2, replayed_segments=2)
    return Federation(crew, data, spec, [data.train[i::NODES] for i in range(NODES)], players or Players())


def final_model(played: Federation) -> bytes:
    return played.objects.path(played.job.key("rounds", 2, "model.safetensors")).read_bytes()


def test_unchecked_rounds__learn_and_keep_the_servers_momentum(crew: Crew, data: Data) -> None:
    played = federation(crew, data)
    for number in (1, 2):
        assert len(played.play_unchecked(number)) == NODES
    assert played.measure(2, data.test).accuracy > 0.8
    assert played.ticket.rounds[-1].state_key is not None


def test_sign_flip__named_as_the_jobs_own_loop_names_it__and_nobody_else(crew: Crew, data: Data) -> None:
    players = Players({2: attacks.source("sign flip")})
    checked = federation(crew, data, players)
    submissions = checked.submit(1)
    assert verdict.culprits(checked.validate(1, submissions)) == (trainer_name(2),)
    looped = federation(crew, data, players)
    plan = replace(looped.plan, test_key=looped.plan.validation_key)
    _, said = run_round(Job(looped.ticket, looped.job.parts), plan, 1, [])
    assert verdict.culprits(said.reports) == (trainer_name(2),)


def test_cheat_dropped_in_its_first_round__what_follows__is_training_without_it(
    crew: Crew, data: Data
) -> None:
    attacked = federation(crew, data, Players({1: attacks.source("label flip")}))
    honest = tuple(s for i, s in enumerate(attacked.plan.shards) if i != 1)
    found = attacked.submit(1)
    culprits = verdict.culprits(attacked.validate(1, found))
    attacked.close_round(1, [s for s in found if s.commitment.trainer not in culprits])
    attacked.keep(honest)
    attacked.play_unchecked(2)
    left_out = federation(crew, data)
    left_out.keep(tuple(s for i, s in enumerate(left_out.plan.shards) if i != 1))
    for number in (1, 2):
        left_out.play_unchecked(number)
    assert culprits == (trainer_name(1),)
    assert final_model(attacked) == final_model(left_out)


def test_lying_validator__frames_everybody__nobody_is_named_and_all_are_cleared(
    crew: Crew, data: Data
) -> None:
    played = federation(crew, data, Players(frames={0: [trainer_name(i) for i in range(NODES)]}))
    reports = played.validate(1, played.submit(1))
    assert any(not r.matches for report in reports for r in report.replays)
    assert verdict.culprits(reports) == ()
    assert verdict.doubted(reports) == frozenset()


def test_trainer_and_validator__in_other_arithmetic__agree_to_rounding(crew: Crew, data: Data) -> None:
    played = federation(crew, data)
    distances = [r.distance_ppm for report in played.validate(1, played.submit(1)) for r in report.replays]
    assert len(distances) == NODES * 3
    assert max(distances) < 100
