"""Checks with sixteen segments: how many lazy nodes they catch, what they cost, and what one lying validator can cover."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from pathlib import Path
from typing import Any

from fl_nodes.protocol import verdict
from scripts.bench.learning.accuracy import Settings, job_spec
from scripts.bench.learning.attacks import source
from scripts.bench.learning.cells import Cell, Record
from scripts.bench.learning.crew import Crew
from scripts.bench.learning.data import Data, deal, read
from scripts.bench.learning.federation import Federation, Players, trainer_name
from scripts.bench.learning.round_findings import look

SEGMENTS_REPLAYED = 16
NODES = 10
LAZY_SETTINGS: Settings = {
    "optimizer": "momentum",
    "lr": 0.03,
    "batch": 16,
    "rounds": 10,
    "local_epochs": 15,
    "server": "sgd",
    "server_lr": 1.0,
}
"""120 steps on a shard of 116 digits, in as many segments; sixteen of them, the last by two validators, are a seventh."""

LAZY_SEGMENTS = 120

COST_NODES, COST_ROWS, COST_VALIDATION = 4, 12_000, 1500
COST_SETTINGS: Settings = LAZY_SETTINGS | {"batch": 32, "rounds": 1, "local_epochs": 5}
COST_SEGMENT_STEPS = 4
"""470 steps on a shard of 3 000 MNIST rows, in 118 segments; sixteen of them, the last by two validators, are 14.4 %."""

COLLUSION_SETTINGS: Settings = LAZY_SETTINGS | {"rounds": 6, "local_epochs": 2}
COVERED_ROUNDS = 3


def sixteen(attack: str, scheme: str, seed: int, rounds: int) -> Cell:
    """Ten nodes that all skip a quarter of their segments (`lazy`), or are all honest (`none`); nobody is dropped."""
    return _cell(
        "sixteen", attack=attack, scheme=scheme, seed=seed, settings=LAZY_SETTINGS | {"rounds": rounds}
    )


def chance_of_naming(
    segments: int = LAZY_SEGMENTS, skipped: int = LAZY_SEGMENTS // 4, replayed: int = SEGMENTS_REPLAYED
) -> float:
    """That one of the segments re-run was skipped, where the last is always re-run and never skipped: by counting."""
    others = segments - 1
    return 1 - comb(others - skipped, replayed - 1) / comb(others, replayed - 1)


def cost(model: str, replayed: int, dataset: str = "mnist") -> Cell:
    """One honest round, in CPU seconds."""
    return _cell("cost", model=model, replayed=replayed, dataset=dataset, settings=COST_SETTINGS)


def collusion(seed: int) -> Cell:
    """Two trainers who always turn their update round, and one of three validators who says that they did not."""
    return _cell("collusion", seed=seed, settings=COLLUSION_SETTINGS)


def covered(seed: int) -> Cell:
    """Ten nodes that all skip a quarter of their segments, sixteen re-run, and one of three validators covers them all."""
    return _cell("covered", seed=seed, settings=LAZY_SETTINGS | {"rounds": COVERED_ROUNDS})


def framing(seed: int) -> Cell:
    """One of three validators says of every honest node it re-runs that its work does not follow."""
    return _cell("framing", seed=seed, settings=COLLUSION_SETTINGS)


def _cell(part: str, **config: Any) -> Cell:
    return Cell(part, config)


def player(folder: Path) -> Callable[[Crew, Cell], Record]:
    """Plays cells of `sixteen`, `cost`, `collusion`, `covered` and `framing`."""
    plays = {
        "sixteen": _sixteen,
        "cost": _cost,
        "collusion": _collusion,
        "covered": _covered,
        "framing": _framing,
    }

    def play(crew: Crew, cell: Cell) -> Record:
        return plays[cell.part](crew, folder, cell.config)

    return play


def _sixteen(crew: Crew, folder: Path, config: dict[str, Any]) -> Record:
    data = read("digits", folder)
    everybody = range(NODES) if config["attack"] != "none" else ()
    federation = _digits(
        crew,
        data,
        config,
        Players({i: source(config["attack"]) for i in everybody}),
        model="logistic",
        replayed=SEGMENTS_REPLAYED,
    )
    cheats = frozenset(trainer_name(i) for i in everybody)
    caught = trained = replayed = mismatches = 0
    distance = 0.0
    for number in range(1, config["settings"]["rounds"] + 1):
        submissions = federation.submit(number)
        seen = look(federation, submissions, federation.validate(number, submissions), cheats, {}, [])
        caught += len(seen.culprits)
        trained, replayed = trained + seen.steps_trained, replayed + seen.steps_replayed
        mismatches += seen.mismatches_of_honest
        distance = max(distance, seen.honest_distance)
        # Nobody is dropped: the next round's question is the same again, with another seed and model.
        federation.close_round(number, submissions)
    return {
        "node_rounds": config["settings"]["rounds"] * NODES,
        "named": caught,
        "mismatches_of_honest": mismatches,
        "honest_distance": distance,
        "steps_trained": trained,
        "steps_replayed": replayed,
        "cpu_seconds": {kind: round(s, 3) for kind, s in federation.tasks.seconds.items()},
    }


def _cost(crew: Crew, folder: Path, config: dict[str, Any]) -> Record:
    # Convolutions take longer without oneDNN: trainers and validators must compute alike to be compared.
    crew.alike = True
    try:
        return _measured(crew, folder, config)
    finally:
        crew.alike = False


def _measured(crew: Crew, folder: Path, config: dict[str, Any]) -> Record:
    data = read(config["dataset"], folder).first(COST_ROWS, COST_VALIDATION)
    spec = job_spec(
        config["model"],
        config["settings"],
        1,
        COST_NODES,
        segment_steps=COST_SEGMENT_STEPS,
        replayed_segments=config["replayed"],
    )
    federation = Federation(crew, data, spec, deal(data, data.train, COST_NODES, "iid", 1))
    # What is built at first use is not what a round costs.
    _warm_up(federation, crew)
    submissions = federation.submit(1)
    seen = look(federation, submissions, federation.validate(1, submissions), frozenset(), {}, [])
    return {
        "segments": submissions[0].commitment.segments,
        "steps_trained": seen.steps_trained,
        "steps_replayed": seen.steps_replayed,
        "honest_distance": seen.honest_distance,
        "cpu_seconds": {kind: round(s, 3) for kind, s in federation.tasks.seconds.items()},
    }


def _warm_up(federation: Federation, crew: Crew) -> None:
    for host in (crew.trainers, crew.validators):
        host.ask("warm_up", architecture=federation.architecture, optimizer=federation.ticket.spec.optimizer)


def _collusion(crew: Crew, folder: Path, config: dict[str, Any]) -> Record:
    cheats = {1: trainer_name(1), 5: trainer_name(5)}
    players = Players(dict.fromkeys(cheats, source("sign flip")), covers={0: list(cheats.values())})
    federation = _digits(crew, read("digits", folder), config, players, model="mlp", replayed=2)
    named: dict[str, int] = {}
    for number in range(1, config["settings"]["rounds"] + 1):
        submissions = federation.submit(number)
        for name in verdict.culprits(federation.validate(number, submissions)):
            named.setdefault(name, number)
        federation.close_round(number, submissions)
    return {
        "cheats": len(cheats),
        "caught_in_round": [named[name] for name in cheats.values() if name in named],
        "honest_named": sorted(set(named) - set(cheats.values())),
    }


def _covered(crew: Crew, folder: Path, config: dict[str, Any]) -> Record:
    everybody = [trainer_name(i) for i in range(NODES)]
    players = Players(dict.fromkeys(range(NODES), source("lazy")), covers={0: everybody})
    federation = _digits(
        crew, read("digits", folder), config, players, model="logistic", replayed=SEGMENTS_REPLAYED
    )
    named = 0
    rounds = config["settings"]["rounds"]
    for number in range(1, rounds + 1):
        submissions = federation.submit(number)
        named += len(verdict.culprits(federation.validate(number, submissions)))
        federation.close_round(number, submissions)
    return {"node_rounds": rounds * NODES, "named": named, "honest_named": []}


def _framing(crew: Crew, folder: Path, config: dict[str, Any]) -> Record:
    data = read("digits", folder)
    everybody = [trainer_name(i) for i in range(NODES)]
    federation = _digits(crew, data, config, Players(frames={0: everybody}), model="mlp", replayed=2)
    named: set[str] = set()
    accused = doubted = 0
    for number in range(1, config["settings"]["rounds"] + 1):
        submissions = federation.submit(number)
        reports = federation.validate(number, submissions)
        named |= set(verdict.culprits(reports))
        doubted += len(verdict.doubted(reports))
        accused += len({r.trainer for report in reports for r in report.replays if not r.matches})
        federation.close_round(number, submissions)
    rounds = config["settings"]["rounds"]
    return {
        "node_rounds": rounds * NODES,
        "accused": accused,
        "doubted": doubted,
        "honest_named": sorted(named),
    }


def _digits(
    crew: Crew, data: Data, config: dict[str, Any], players: Players, *, model: str, replayed: int
) -> Federation:
    spec = job_spec(
        model, config["settings"], config["seed"], NODES, segment_steps=1, replayed_segments=replayed
    )
    shards = deal(data, data.train, NODES, config.get("scheme", "iid"), config["seed"])
    return Federation(crew, data, spec, shards, players)
