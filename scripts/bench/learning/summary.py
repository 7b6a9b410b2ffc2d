"""From cells to figures, part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, stdev
from typing import Any

from scripts.bench.learning import attacks, audits
from scripts.bench.learning.cells import Record

Row = dict[str, Any]

IID_POINTS, SKEWED_POINTS = 1.0, 3.0


def accuracy(records: Iterable[Record]) -> list[Row]:
    """Federated against central, over the seeds; `lost` in points."""
    alone: dict[tuple[str, str], list[float]] = {}
    found: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    passes: dict[tuple[str, str], int] = {}
    for r in records:
        c = r["config"]
        if c["kind"] == "central":
            alone.setdefault((c["dataset"], c["model"]), []).append(r["result"]["accuracy"])
            passes[c["dataset"], c["model"]] = r["result"]["passes"]
        else:
            found[c["dataset"], c["model"], c["scheme"], c["nodes"]].append(r)
    rows = []
    for (dataset, model, scheme, nodes), runs in found.items():
        if (dataset, model) not in alone:
            continue
        reached = [r["result"]["accuracy"] for r in runs]
        lost = 100 * (mean(alone[dataset, model]) - mean(reached))
        goal = IID_POINTS if scheme == "iid" else SKEWED_POINTS
        rows.append(
            {
                "dataset": dataset,
                "model": model,
                "scheme": scheme,
                "nodes": nodes,
                "seeds": len(reached),
                "central": 100 * mean(alone[dataset, model]),
                "central_sd": 100 * _spread(alone[dataset, model]),
                "central_passes": passes[dataset, model],
                "federated": 100 * mean(reached),
                "federated_sd": 100 * _spread(reached),
                "passes": runs[0]["result"]["passes"],
                "macro_f1": 100 * mean(r["result"]["macro_f1"] for r in runs),
                "lost": lost,
                "goal": goal,
                "met": lost <= goal,
                "settings": runs[0]["config"]["settings"],
            }
        )
    return rows


def source(records: Iterable[Record]) -> list[Row]:
    """The source's setting: accuracy by model, batch and how its epochs are spread."""
    rows = []
    for r in records:
        c, settings = r["config"], r["config"]["settings"]
        how = (
            f"central, {settings['passes']} epochs"
            if c["kind"] == "central"
            else f"{settings['rounds']} round(s) of {settings['local_epochs']} local epoch(s)"
        )
        rows.append(
            {
                "model": c["model"],
                "batch": settings["batch"],
                "how": how,
                "accuracy": 100 * r["result"]["accuracy"],
            }
        )
    return rows


def detection(records: Iterable[Record]) -> list[Row]:
    """By attack: how many cheats were named and when, and what the scores alone would have said."""
    rows = []
    for attack, runs in _grouped(records, lambda r: r["config"]["attack"]).items():
        rounds = [n for r in runs for n in r["result"]["caught_in_round"]]
        begin = attacks.BEGINS.get(attack, 1)
        cheats = _total(runs, "cheats")
        rows.append(
            {
                "attack": attack,
                "cells": len(runs),
                "cheats": cheats,
                "named": len(rounds),
                "recall": len(rounds) / cheats,
                "recall_at_once": sum(n == begin for n in rounds) / cheats,
                "rounds_until_named": mean(n - begin + 1 for n in rounds) if rounds else None,
                "honest_node_rounds": _total(runs, "honest_node_rounds"),
                "honest_named": sum(len(r["result"]["honest_named"]) for r in runs),
                "inconclusive": _total(runs, "inconclusive"),
                "honest_distance": max(r["result"]["honest_distance"] for r in runs),
                "cheat_distance": min(
                    (d for r in runs if (d := r["result"]["cheat_distance"]) is not None), default=None
                ),
                "suspected_cheats": _total(runs, "suspected_cheats") / _total(runs, "cheating_node_rounds"),
                "suspected_honest": _total(runs, "suspected_honest") / _total(runs, "honest_node_rounds"),
            }
        )
    return rows


def recovery(remaining: Iterable[Record], unchecked: Iterable[Record]) -> list[Row]:
    """By scheme and number of cheats: accuracy once they are gone, in points lost against no attack."""
    gone = _grouped(
        remaining, lambda r: (r["config"]["scheme"], r["config"]["malicious"], r["config"]["rows"])
    )
    rows = []
    for (scheme, malicious, kept), runs in gone.items():
        clean = gone.get((scheme, 0, "lost"))
        if clean is None or malicious == 0:
            continue
        rows.append(
            {
                "scheme": scheme,
                "malicious": malicious,
                "rows": kept,
                "seeds": len(runs),
                "clean": 100 * _accuracy(clean),
                "accuracy": 100 * _accuracy(runs),
                "lost": 100 * (_accuracy(clean) - _accuracy(runs)),
            }
        )
    for (scheme, attack), runs in _grouped(
        unchecked, lambda r: (r["config"]["scheme"], r["config"]["attack"])
    ).items():
        clean = gone.get((scheme, 0, "lost"))
        if clean is not None:
            rows.append(
                {
                    "scheme": scheme,
                    "malicious": runs[0]["config"]["malicious"],
                    "rows": f"unchecked: {attack}",
                    "seeds": len(runs),
                    "clean": 100 * _accuracy(clean),
                    "accuracy": 100 * _accuracy(runs),
                    "lost": 100 * (_accuracy(clean) - _accuracy(runs)),
                    "mark_works": 100 * mean(r["result"]["mark_works"] for r in runs),
                }
            )
    return rows


def sixteen(records: Iterable[Record]) -> list[Row]:
    """Lazy and honest nodes under sixteen replayed segments."""
    rows = []
    for (attack, scheme), runs in _grouped(
        records, lambda r: (r["config"]["attack"], r["config"]["scheme"])
    ).items():
        rows.append(
            {
                "attack": attack,
                "scheme": scheme,
                "node_rounds": _total(runs, "node_rounds"),
                "named": _total(runs, "named"),
                "share": _total(runs, "named") / _total(runs, "node_rounds"),
                "honest_distance": max(r["result"]["honest_distance"] for r in runs),
                "replayed_share": _total(runs, "steps_replayed") / _total(runs, "steps_trained"),
                "chance": audits.chance_of_naming() if attack == "lazy" else None,
            }
        )
    return rows


def cost(records: Iterable[Record]) -> list[Row]:
    """Re-running in steps and CPU seconds, over training; scoring apart, from the difference between 16 and 1 segments."""
    rows = []
    for model, runs in _grouped(records, lambda r: r["config"]["model"]).items():
        by_count = {r["config"]["replayed"]: r["result"] for r in runs}
        if len(by_count) < 2:
            continue
        few, many = by_count[min(by_count)], by_count[max(by_count)]
        checked = many["cpu_seconds"]["validate"] - few["cpu_seconds"]["validate"]
        replays = checked * many["steps_replayed"] / (many["steps_replayed"] - few["steps_replayed"])
        training = mean(r["cpu_seconds"]["train"] for r in by_count.values())
        rows.append(
            {
                "model": model,
                "segments": many["segments"],
                "steps_share": many["steps_replayed"] / many["steps_trained"],
                "seconds_share": replays / training,
                "scoring_share": max(0.0, many["cpu_seconds"]["validate"] - replays) / training,
                "training_seconds": training,
            }
        )
    return rows


def collusion(records: Iterable[Record]) -> list[Row]:
    """What one lying validator of three does; `cases` are cheats, or node-rounds where nobody is dropped once named."""
    rows: list[Row] = []
    for part, runs in _grouped(records, lambda r: r["part"]).items():
        row: Row = {"honest_named": sum(len(r["result"]["honest_named"]) for r in runs)}
        if part == "framing":
            row |= {"what": "accuses every honest node it re-runs", "cases": _total(runs, "node_rounds")}
            row |= {"named": 0, "accused": _total(runs, "accused")}
        elif part == "covered":
            row |= {"what": "covers ten nodes that skip a quarter, 16 segments"}
            row |= {"cases": _total(runs, "node_rounds"), "named": _total(runs, "named")}
        else:
            caught = [n for r in runs for n in r["result"]["caught_in_round"]]
            row |= {"what": "covers two nodes that turn their update round", "cases": _total(runs, "cheats")}
            row |= {"named": len(caught), "last_named_in_round": max(caught, default=None)}
        rows.append(row)
    return rows


def calibration(records: Iterable[Record]) -> list[Row]:
    """Largest honest distance in other arithmetic against the smallest cheat, by model, optimizer and segment length."""
    rows = []
    for r in records:
        honest, cheats = r["result"]["honest"], r["result"]["cheats"]
        rows.append(
            {
                **{k: r["config"][k] for k in ("model", "optimizer", "segment_steps")},
                "segments": r["result"]["segments"],
                "honest_median": max(h["median"] for h in honest.values()),
                "honest_most": max(h["most"] for h in honest.values()),
                "honest_accused": sum(h["accused"] for h in honest.values()),
                "cheats": {name: c["least"] for name, c in cheats.items()},
                "cheats_accused": {
                    name: c["accused"] / r["result"]["segments"] for name, c in cheats.items()
                },
            }
        )
    return rows


def _grouped(records: Iterable[Record], by: Callable[[Record], Any]) -> dict[Any, list[Record]]:
    groups: dict[Any, list[Record]] = defaultdict(list)
    for record in records:
        groups[by(record)].append(record)
    return groups


def _total(records: Iterable[Record], name: str) -> int:
    return sum(r["result"][name] for r in records)


def _accuracy(records: Iterable[Record]) -> float:
    return mean(float(r["result"]["accuracy"]) for r in records)


def _spread(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0
