"""The model card: what a customer gets with a model, why to trust it and where it ends (Mitchell et al. 2019, arXiv:1810.03993).

Plain values, made of facts that others have established; `model_card_text` writes them for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.domain.ticket import Ticket
from fl_nodes.protocol.architecture import forward_flops, parameters
from fl_nodes.protocol.operator_tasks import Exported
from fl_nodes.protocol.wire import to_wire

FORMAT = "ecodml-model-card/1"
PPM = 1_000_000


@dataclass(frozen=True)
class CardFacts:
    """What a card says beyond the ticket.

    `files` are the model's other files (`sha256`, `size`), `shards` the trainers' rows by trainer, `recipe` the recorded
    preprocessing, `energy` joules, class, band and seconds by trainer (`backend.energy`), `evidence_hash` of the validators'
    signed reports, `made_at` in Unix seconds; `carbon` what came of the job's energy statement (`energy.statement.results`).
    """

    exported: Exported
    files: Mapping[str, Mapping[str, Any]]
    shards: Mapping[str, int]
    recipe: Mapping[str, Any]
    energy: Mapping[str, Mapping[str, Any]]
    evidence_hash: str
    chain_id: int
    escrow: str
    made_at: float
    carbon: Mapping[str, Any]


def model_card(ticket: Ticket, facts: CardFacts) -> dict[str, Any]:
    """The card of a trained model, as JSON values. All metrics are of the test split; fractions lie in [0, 1]."""
    spec, last = ticket.spec, ticket.rounds[-1]
    metrics: dict[str, Any] = to_wire(facts.exported.metrics)
    return {
        "format": FORMAT,
        "made_at": facts.made_at,
        "model": {
            "name": spec.model,
            "parameters": parameters(ticket.architecture),
            "forward_flops": forward_flops(ticket.architecture),
            "layers": [layer["kind"] for layer in ticket.architecture["layers"]],
            "input_shape": list(ticket.architecture["input_shape"]),
            "sha256": last.model_sha256,
        },
        "data": {
            "name": ticket.dataset.name,
            "sha256": ticket.dataset.sha256,
            "format": ticket.dataset.format,
            "rows": ticket.dataset.rows,
            "target": facts.recipe.get("target"),
            "classes": list(facts.recipe["classes"]),
            "splits": {
                "training": sum(facts.shards.values()),
                "validation": last.metrics.get("examples"),
                "test": metrics["examples"],
            },
            "preprocessing": preprocessing(facts.recipe),
        },
        "training": {
            "spec": {name: value for name, value in to_wire(spec).items() if name != "keras_json"},
            "rounds": len(ticket.rounds),
            "trainers": dict(facts.shards),
            "validators": list(ticket.validators),
            "rules": sorted(
                {str((r.aggregation or {}).get("rule", spec.aggregation)) for r in ticket.rounds}
            ),
            "updates_left_out": sum(len((r.aggregation or {}).get("left_out", ())) for r in ticket.rounds),
            "privacy": last.privacy,
        },
        "metrics": {
            **{name: metrics[name] for name in ("loss", "accuracy", "macro_f1", "examples", "confusion")},
            "classes": by_class(facts.recipe["classes"], metrics["confusion"]),
        },
        "variants": {
            name: {**to_wire(variant), **_file(facts.files, variant.file)}
            for name, variant in facts.exported.variants.items()
        },
        "left_out": dict(facts.exported.left_out),
        "energy": energy(facts),
        "provenance": {
            "ticket": ticket.id,
            "job_id": ticket.job_id,
            "chain_id": facts.chain_id,
            "escrow": facts.escrow,
            "dataset_sha256": ticket.dataset.sha256,
            "spec_sha256": spec.hash(),
            "model_sha256": last.model_sha256,
            "round_roots": [r.root for r in ticket.rounds],
            "evidence_hash": facts.evidence_hash,
        },
        "use": {
            "source": facts.recipe["source"],
            "delimiter": facts.recipe.get("delimiter"),
            "has_header": facts.recipe.get("has_header"),
        },
        "files": {name: _file(facts.files, name) for name in sorted(facts.files)},
    }


def by_class(classes: list[str], confusion: list[list[int]]) -> list[dict[str, Any]]:
    """Precision, recall, F1 and number of test rows of each class; a ratio without a denominator is None."""
    told = []
    for i, name in enumerate(classes):
        hits, rows, named = confusion[i][i], sum(confusion[i]), sum(row[i] for row in confusion)
        told.append(
            {
                "class": name,
                "rows": rows,
                "precision": hits / named if named else None,
                "recall": hits / rows if rows else None,
                "f1": 2 * hits / (rows + named) if rows + named else None,
            }
        )
    return told


def preprocessing(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What the recorded preprocessing does, in brief; the record itself is among the files."""
    if "array" in recipe:
        clip = recipe["array"]["clip"]
        return {"kind": "array", "standardised": clip is not None, "clip": clip}
    columns = recipe["columns"]
    return {
        "kind": "columns",
        "numbers": sum(c["kind"] != "category" for c in columns),
        "categories": sum(c["kind"] == "category" for c in columns),
        "dropped": list(recipe["dropped"]),
        "clip": next((c["clip"] for c in columns if c.get("clip")), None),
    }


def energy(facts: CardFacts) -> dict[str, Any]:
    """Joules by how they were obtained (`measured`, `modelled`, `constant`), each with its band; never one sum across classes."""
    classes: dict[str, dict[str, Any]] = {}
    for reading in facts.energy.values():
        of = classes.setdefault(
            reading["kind"], {"joules": 0.0, "band_joules": 0.0, "nodes": 0, "seconds": 0.0}
        )
        of["joules"] += reading["joules"]
        of["band_joules"] += reading["joules"] * reading["band_ppm"] / PPM
        of["nodes"] += 1
        of["seconds"] += reading.get("seconds", 0.0)
    told = {name: facts.carbon[name] for name in ("micrograms", "band_ppm", "sci", "eco")}
    return {"of": "training by all trainers", "classes": classes, "carbon": told}


def _file(files: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    return {"sha256": files[name]["sha256"], "size": files[name]["size"]}
