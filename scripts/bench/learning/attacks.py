"""Misbehaving trainers among ten: when they are named, whether anyone else is, and what the model is worth afterwards.

A cell of `attacks` plays checked rounds until every cheat is named, and drops those who are named at once. What would
happen next depends no more on how they cheated, only on who is gone: `remaining` plays that, once for all attacks.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from backend.verification.likeness import Update
from fl_nodes.protocol.tasks import Commitment
from scripts.bench.learning.accuracy import Settings, job_spec
from scripts.bench.learning.cells import Cell, Record
from scripts.bench.learning.crew import Crew
from scripts.bench.learning.data import Data, Rows, deal, read, tensors
from scripts.bench.learning.federation import Federation, Players, trainer_name
from scripts.bench.learning.round_findings import look, read_updates
from scripts.demo.customer import ROOT

ADVERSARIES = ROOT / "examples" / "adversaries"
ATTACKS = {
    "label flip": "label_flip.py:LabelFlip",
    "sign flip": "sign_flip.py:SignFlip",
    "scaled noise": "poison.py:PoisonedUpdate",
    "free ride": "free_ride.py:FreeRider",
    "copy": "copying.py:CopiedUpdate",
    "stale replay": "stale_replay.py:StaleReplay",
    "lazy": "lazy.py:LazyQuarter",
    "small shift": "small_shift.py:SmallShift",
    "backdoor": "backdoor.py:Backdoor",
    "unseen shift": "small_shift.py:UnseenShift",
}
"""`unseen shift` stays below the validators' tolerance on purpose: no replay can find it, its harm is what counts."""
FIRST_SEVEN = tuple(ATTACKS)[:7]
UNSEEN = "unseen shift"
LEAK = "copying.py:Leaker"
BEGINS = {"stale replay": 2}
"""The round in which an attack starts, where that is not the first."""

DATASET, MODEL, NODES = "digits", "mlp", 10
SETTINGS: Settings = {
    "optimizer": "momentum",
    "lr": 0.03,
    "batch": 10,
    "rounds": 20,
    "local_epochs": 2,
    "server": "momentum",
    "server_lr": 1.0,
}
SEGMENT_STEPS, REPLAYED = 1, 2
"""24 steps on a shard of 116 rows, as many segments; two are re-run, the last by two validators: an eighth of the training."""
UNCHECKED_SEGMENT_STEPS = 64
"""Where nobody re-runs anything few checkpoints do; how training is cut changes nothing of its result."""
LAST_ROUNDS = 3
"""Accuracy is the mean over the last rounds: with two classes per node it swings from round to round."""
SCHEMES = ("iid", "two_classes")


def attacked(attack: str, malicious: int, scheme: str, seed: int) -> Cell:
    """Checked rounds until all cheats are named."""
    checks = {"segment_steps": SEGMENT_STEPS, "replayed": REPLAYED}
    return Cell("attacks", _config(attack, malicious, scheme, seed) | checks)


def unchecked(attack: str, malicious: int, scheme: str, seed: int) -> Cell:
    """The same attack with nobody looking: what it does to the model."""
    return Cell("unchecked", _config(attack, malicious, scheme, seed))


def remaining(malicious: int, scheme: str, seed: int, rows: str = "lost") -> Cell:
    """Training without those nodes from the first round on; their `rows` are `lost`, or `dealt` to the others."""
    return Cell("remaining", _config("none", malicious, scheme, seed) | {"rows": rows})


def _config(attack: str, malicious: int, scheme: str, seed: int) -> dict[str, Any]:
    base = {"attack": attack, "malicious": malicious, "scheme": scheme, "seed": seed}
    return base | {"dataset": DATASET, "model": MODEL, "nodes": NODES, "settings": SETTINGS}


def player(folder: Path) -> Callable[[Crew, Cell], Record]:
    """Plays cells of `attacks`, `unchecked` and `remaining`."""
    plays = {"attacks": _attacked, "unchecked": _unchecked, "remaining": _remaining}

    def play(crew: Crew, cell: Cell) -> Record:
        return plays[cell.part](crew, read(cell.config["dataset"], folder), cell.config)

    return play


def cheats_of(malicious: int, seed: int, nodes: int = NODES) -> tuple[int, ...]:
    """Who misbehaves: the same nodes whatever the attack, never the first, who leaks to copiers."""
    return tuple(sorted(random.Random(f"cheats {seed}").sample(range(1, nodes), malicious)))


def source(attack: str) -> str:
    """An adversary as `--adversary` names it."""
    return str(ADVERSARIES / ATTACKS.get(attack, attack))


def _federation(crew: Crew, data: Data, config: dict[str, Any], validators: int) -> Federation:
    spec = job_spec(
        config["model"],
        config["settings"],
        config["seed"],
        config["nodes"],
        segment_steps=config.get("segment_steps", UNCHECKED_SEGMENT_STEPS),
        replayed_segments=config.get("replayed", 1),
    )
    shards = deal(data, data.train, config["nodes"], config["scheme"], config["seed"])
    attack = config["attack"]
    adversaries = (
        {i: source(attack) for i in cheats_of(config["malicious"], config["seed"])}
        if attack != "none"
        else {}
    )
    if attack == "copy":
        adversaries[0] = source(LEAK)
    return Federation(crew, data, spec, shards, Players(adversaries), validators)


def _attacked(crew: Crew, data: Data, config: dict[str, Any]) -> Record:
    federation = _federation(crew, data, config, validators=3)
    spec = federation.ticket.spec
    cheats = {trainer_name(i) for i in cheats_of(config["malicious"], config["seed"])}
    begins = BEGINS.get(config["attack"], 1)
    shards = {s.trainer: s for s in federation.plan.shards}
    caught: dict[str, int] = {}
    found, accuracies = [], []
    earlier: dict[str, Update] = {}
    committed: list[Commitment] = []
    for number in range(1, spec.rounds + 1):
        misbehaving = frozenset(cheats - set(caught)) if number >= begins else frozenset()
        submissions = federation.submit(number, committed)
        reports = federation.validate(number, submissions)
        seen = look(federation, submissions, reports, misbehaving, earlier, committed)
        found.append((seen, misbehaving, len(submissions)))
        caught |= dict.fromkeys(sorted(seen.culprits), number)
        earlier |= {f"round {number} of {t}": u for t, u in read_updates(federation, submissions).items()}
        committed += [s.commitment for s in submissions]
        accepted = [s for s in submissions if s.commitment.trainer not in seen.doubted]
        federation.close_round(number, accepted)
        federation.keep(tuple(s for name, s in shards.items() if name not in caught))
        if number > spec.rounds - LAST_ROUNDS:
            accuracies.append(federation.measure(number, data.test).accuracy)
        if number >= begins and cheats <= set(caught):
            break
    honest_rounds = sum(count - len(bad) for _, bad, count in found)
    named = [number for _, number in sorted(caught.items()) if _ in cheats]
    return {
        "cheats": len(cheats),
        "caught_in_round": named,
        "honest_named": sorted(set(caught) - cheats),
        "honest_node_rounds": honest_rounds,
        "cheating_node_rounds": sum(len(bad) for _, bad, _ in found),
        "named_node_rounds": len(named),
        "mismatches_of_honest": sum(f.mismatches_of_honest for f, _, _ in found),
        "inconclusive": sum(f.inconclusive for f, _, _ in found),
        "honest_distance": max(f.honest_distance for f, _, _ in found),
        "cheat_distance": _finite(min(f.cheat_distance for f, _, _ in found)),
        "suspected_cheats": sum(len(f.suspected & bad) for f, bad, _ in found),
        "suspected_honest": sum(len(f.suspected - bad) for f, bad, _ in found),
        "steps_trained": sum(f.steps_trained for f, _, _ in found),
        "steps_replayed": sum(f.steps_replayed for f, _, _ in found),
        "rounds_checked": len(found),
        "accuracy": mean(accuracies) if len(accuracies) == LAST_ROUNDS else None,
        "cpu_seconds": {kind: round(s, 3) for kind, s in federation.tasks.seconds.items()},
    }


def _unchecked(crew: Crew, data: Data, config: dict[str, Any]) -> Record:
    federation = _federation(crew, data, config, validators=0)
    return _played_out(federation, data)


def _remaining(crew: Crew, data: Data, config: dict[str, Any]) -> Record:
    federation = _federation(crew, data, config, validators=0)
    gone = set(cheats_of(config["malicious"], config["seed"]))
    stays = [i for i in range(config["nodes"]) if i not in gone]
    federation.keep(tuple(federation.plan.shards[i] for i in stays))
    if config["rows"] == "lost" or not gone:
        return _played_out(federation, data)
    federation.play_unchecked(1)
    dealt = deal(data, data.train, config["nodes"], config["scheme"], config["seed"])
    orphaned = np.concatenate([dealt[i] for i in sorted(gone)])
    extra = deal(data, orphaned, len(stays), "iid", config["seed"])
    federation.redeal(
        {trainer_name(i): np.concatenate([dealt[i], more]) for i, more in zip(stays, extra, strict=True)}
    )
    return _played_out(federation, data)


def _played_out(federation: Federation, data: Data) -> Record:
    """All rounds that are left, unchecked; accuracy over the last ones, and how often the backdoor's mark works."""
    rounds = federation.ticket.spec.rounds
    accuracies, marked = [], []
    for number in range(len(federation.ticket.rounds) + 1, rounds + 1):
        federation.play_unchecked(number)
        if number > rounds - LAST_ROUNDS:
            accuracies.append(federation.measure(number, data.test).accuracy)
            marked.append(federation.measure_file(number, _marked(data, data.test), "marked").accuracy)
    return {
        "accuracy": mean(accuracies),
        "mark_works": mean(marked),
        "examples": sum(s.examples for s in federation.plan.shards),
        "cpu_seconds": {kind: round(s, 3) for kind, s in federation.tasks.seconds.items()},
    }


def _marked(data: Data, rows: Rows) -> bytes:
    """Test rows of other classes with the backdoor's mark, said to be of its class: accuracy on them is its success."""
    file = ADVERSARIES / "backdoor.py"
    spec = importlib.util.spec_from_file_location("backdoor", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be loaded")
    backdoor = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backdoor)
    others = rows[data.y[rows] != backdoor.TARGET]
    return tensors(backdoor.trigger(data.x[others]), np.full(len(others), backdoor.TARGET, np.int32))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
