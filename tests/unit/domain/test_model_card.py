"""What a model card says, and that nothing which somebody else named can change how it reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.domain.model_card import CardFacts, by_class, model_card
from backend.domain.model_card_text import MOST_CONFUSED, model_card_text
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.ticket import RoundRecord, Ticket
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.inference import InferenceEnergy
from fl_nodes.protocol.operator_tasks import Exported, Metrics, Variant
from fl_nodes.protocol.wire import to_wire

pytestmark = pytest.mark.unit

SPENT = {
    "epsilon": 8.0, "row_epsilon": 16.0, "delta": 1e-5, "noise_multiplier": 2.0, "clip": 1.0, "rounds": 1,
}  # fmt: skip
COLUMN = {"kind": "number", "clip": 10.0}


def card_of(classes: tuple[str, ...] = ("no", "yes"), **changes: Any) -> dict[str, Any]:
    spec = JobSpec(model="logistic", rounds=1, trainers=2, aggregation="auto")
    count = len(classes)
    aggregation = {"rule": "mean", "left_out": ["T2"]}
    record = RoundRecord(
        1, "aa" * 32, "m", "bb" * 32, {"examples": 7}, (), 1.0, aggregation=aggregation, privacy=changes.pop("spent", None)
    )  # fmt: skip
    facts = DatasetFacts("d.csv", 10, "cc" * 32, "csv", 100, 3, classes, (2,), "label")
    ticket = Ticket(
        id="t", ref="r", job_id="0xjob", customer="c", spec=spec, dataset=facts, quote=Quote(0, 0, 1),
        architecture=preset("logistic", [2], count), deadline=1, rounds=(record,), validators=("V1",),
    )  # fmt: skip
    confusion = tuple(tuple(3 if i == j else 1 for j in range(count)) for i in range(count))
    exported = Exported(
        {}, Metrics(0.5, 0.75, 0.74, confusion, 8), {"int8": Variant("model.tflite", 0.7, 0.69, 900)}
    )
    recipe = {
        "source": "csv", "target": "label", "classes": list(classes), "columns": [COLUMN, COLUMN],
        "dropped": ["id"], "has_header": True, "delimiter": ",",
    }  # fmt: skip
    energy = {
        "T1": {"joules": 10.0, "kind": "measured", "band_ppm": 50_000, "seconds": 1.0},
        "T2": {"joules": 20.0, "kind": "modelled", "band_ppm": 500_000, "seconds": 2.0},
        "T3": {"joules": 30.0, "kind": "modelled", "band_ppm": 500_000, "seconds": 3.0},
    }
    carbon = {
        "micrograms": 2_500, "band_ppm": 550_000, "eco": {"score": 61.5},
        "sci": {"micrograms": 7_000, "operational_ug": 3_000, "embodied_ug": 4_000, "unit": "trained model"},
    }  # fmt: skip
    known = CardFacts(
        exported, {"model.tflite": {"key": "k", "sha256": "dd" * 32, "size": 1000}}, {"T1": 40, "T2": 45},
        recipe, energy, "ee" * 32, 31337, "0xescrow", 0.0, carbon,
    )  # fmt: skip
    return model_card(ticket, replace(known, **changes))


def test_by_class__confusion__gives_precision_recall_and_f1() -> None:
    first, second, third = by_class(["a", "b", "c"], [[3, 1, 0], [2, 4, 0], [0, 0, 0]])
    assert (first["rows"], first["precision"], first["recall"]) == (4, 3 / 5, 3 / 4)
    assert first["f1"] == pytest.approx(2 * (3 / 5) * (3 / 4) / (3 / 5 + 3 / 4))
    assert (second["precision"], second["recall"]) == (4 / 5, 4 / 6)
    assert (third["rows"], third["precision"], third["recall"], third["f1"]) == (0, None, None, None)


def test_model_card__energy__is_never_one_sum_across_classes() -> None:
    assert card_of()["energy"]["classes"] == {
        "measured": {"joules": 10.0, "band_joules": 0.5, "nodes": 1, "seconds": 1.0},
        "modelled": {"joules": 50.0, "band_joules": 25.0, "nodes": 2, "seconds": 5.0},
    }
    text = model_card_text(card_of())
    assert "It emitted 2.5 mg CO2e" in text
    assert "SCI (ISO/IEC 21031): 7 mg CO2e per trained model" in text
    assert "Eco Score 62 of 100" in text


def test_model_card__splits_rules_and_variants__are_what_was_done() -> None:
    card = card_of()
    assert card["data"]["splits"] == {"training": 85, "validation": 7, "test": 8}
    assert (card["training"]["rules"], card["training"]["updates_left_out"]) == (["mean"], 1)
    assert card["variants"]["int8"] == {
        "file": "model.tflite", "accuracy": 0.7, "macro_f1": 0.69, "packed_bytes": 900, "zeros": None,
        "sha256": "dd" * 32, "size": 1000, "inference": None,
    }  # fmt: skip


def test_text__energy_of_predicting__is_told_where_it_was_measured() -> None:
    assert "What predicting took" not in model_card_text(card_of())
    card = card_of()
    card["variants"]["int8"]["inference"] = to_wire(
        InferenceEnergy(
            2_540, "modelled", 400_000, "a model", 300, 90_000, 32, "an interpreter", 330_000, 23_000
        )
    )
    text = model_card_text(card)
    assert "an interpreter, 32 rows at a time" in text
    assert "(modelled ±40 %: a model)" in text
    assert "- int8: 2.54 mJ for 1 000 predictions, 33 % ±2 of float32's" in text


def test_text__privacy__says_what_it_cost_or_that_there_is_none() -> None:
    assert "- Differential privacy: none" in model_card_text(card_of())
    told = model_card_text(card_of(spent=SPENT))
    assert "epsilon 8 for a node's whole shard, 16 for one row, at delta 1e-05" in told
    assert "not preprocessing, metrics" in told


def test_text__names_of_others__cannot_add_markup() -> None:
    hostile = "x|y`\n# Title <script>[a](http://b)"
    told = model_card_text(card_of(classes=("no", hostile)))
    assert "<script>" not in told
    assert "\n# Title" not in told
    assert "x\\|y\\`" in told
    rows = [line for line in told.splitlines() if "Title" in line and line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (4, 6) for line in rows)
    assert rows


def test_text__many_classes__leaves_the_confusion_to_the_json() -> None:
    many = card_of(classes=tuple(f"c{i}" for i in range(MOST_CONFUSED + 1)))
    assert "`model_card.json` has the confusion matrix" in model_card_text(many)
    assert "predicted class across" not in model_card_text(many)
    assert "predicted class across" in model_card_text(card_of())


def test_text__file_that_is_not_there__says_why() -> None:
    left = Exported(
        {}, Metrics(0.5, 0.75, 0.74, ((1, 0), (0, 1)), 2), left_out={"model.tflite": "no form of Elu"}
    )
    told = model_card_text(card_of(exported=left))
    assert "There is no `model.tflite`: no form of Elu." in told
    assert "tf.lite" not in told
