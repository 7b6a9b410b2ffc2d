"""What JSON can carry and nothing else can is refused at the door: no hash, letter or number meets it later."""

import json
from typing import Any

import pytest

from fl_nodes.protocol.tasks import Commitment, EnergyReading, Stored
from fl_nodes.protocol.wire import WireError, from_wire

READING = {"millijoules": 1, "kind": "measured", "band_ppm": 0, "method": "rapl", "seconds": 1.0}


@pytest.mark.parametrize("seconds", ["1" + "0" * 400, "-1" + "0" * 400, "1e999", "NaN"])
def test_number__without_an_end__is_refused_by_its_field(seconds: str) -> None:
    said = json.loads(json.dumps(READING).replace("1.0", seconds))
    with pytest.raises(WireError, match=r"EnergyReading\.seconds: must be a finite number"):
        from_wire(EnergyReading, said)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_text__half_of_a_pair__is_refused_by_its_field(text: str) -> None:
    with pytest.raises(WireError, match=r"EnergyReading\.method: must be Unicode text"):
        from_wire(EnergyReading, READING | {"method": text})


def test_text__whole_pair__is_one_character() -> None:
    assert (
        from_wire(Stored, json.loads('{"key": "\\ud83d\\ude00", "sha256": "", "size": 1}')).key
        == "\U0001f600"
    )


def test_name_in_an_object__half_of_a_pair__is_refused() -> None:
    from fl_nodes.protocol.tasks import RevealTask

    reveal: dict[str, Any] = {"job_id": "", "round": 1, "trainer": "", "update": None}
    with pytest.raises(WireError, match=r"RevealTask\.checkpoints: must be Unicode text"):
        from_wire(RevealTask, reveal | {"checkpoints": {"\ud800": {"url": "", "key": ""}}})


def test_commitment__energy_inside_it__is_named_by_its_path() -> None:
    with pytest.raises(WireError, match=r"Commitment\.energy: expected an object"):
        from_wire(Commitment, {"job_id": "", "round": 1, "trainer": "", "update_sha256": "", "update_bytes": 1,
                               "checkpoint_root": "", "segments": 1, "steps": 1, "examples": 1, "loss": 0.5,
                               "accuracy_ppm": 1, "energy": 1, "gpu_use_ppm": 0, "environment": ""})  # fmt: skip
