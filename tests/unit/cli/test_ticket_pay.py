"""How `ecodml ticket` tells what was paid and why."""

from __future__ import annotations

from dataclasses import replace

from backend.api.shown import ticket_json
from backend.cli.ticket import lines
from fl_nodes.protocol.inference import InferenceEnergy
from fl_nodes.protocol.operator_tasks import Variant
from fl_nodes.protocol.wire import to_wire
from tests.support.jobs import quoted_ticket, settle_verdict

TRAINERS = ("0xA1", "0xA2")


def test_lines__a_settled_ticket__names_each_payee_with_its_parts() -> None:
    ticket = quoted_ticket("one", "0x" + "cc" * 20, 2_000_000_000)
    settled = replace(ticket, spec=replace(ticket.spec, scheme="accuracy"), verdict=settle_verdict(TRAINERS))
    shown = lines(ticket_json(settled))
    for trainer in TRAINERS:
        place = next(i for i, text in enumerate(shown) if text.startswith(f"Share     {trainer}"))
        assert "accuracy" in shown[place + 1]
        assert "weight 100 %" in shown[place + 1]


def test_lines__amounts_that_are_not_explained__are_told_all_the_same() -> None:
    ticket = quoted_ticket("one", "0x" + "cc" * 20, 2_000_000_000)
    shown = lines(ticket_json(replace(ticket, verdict=settle_verdict(TRAINERS))))
    assert next(text for text in shown if text.startswith("Share")).startswith("Share     0xA1 ")


def test_lines__forms_that_were_metered__are_told_with_their_accuracy() -> None:
    ticket = quoted_ticket("one", "0x" + "cc" * 20, 2_000_000_000)
    drawn = InferenceEnergy(2_540, "modelled", 400_000, "m", 300, 90_000, 32, "r", 330_000, 23_000)
    forms = {
        "int8": Variant("model.tflite", 0.7, 0.69, 900, inference=drawn),
        "pruned": Variant("p", 0.6, 0.6, 9),
    }
    shown = lines(ticket_json(replace(ticket, metrics={"accuracy": 0.7, "variants": to_wire(forms)})))
    told = [text for text in shown if text.startswith("Predicts")]
    assert told == ["Predicts  int8: 2.54 mJ for 1 000 predictions, 33 % ±2 of float32's, accuracy 0.7000"]
