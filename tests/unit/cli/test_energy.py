"""`ecodml energy FILE`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.cli.__main__ import main
from backend.energy.statement import statement
from tests.unit.energy.statements import CLEAN, inputs


def test_energy__a_statement_as_made__is_told_with_classes_and_bands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "energy.json"
    path.write_text(json.dumps(statement(inputs())))
    assert main(["energy", str(path)]) == 0
    told = capsys.readouterr().out
    assert "36.0 J measured, give or take 3.6 J" in told
    assert "CO2e, location-based" in told
    assert f"{CLEAN} 36.0 J measured +- 3.6 J + 43.2 J modelled +- 17.3 J" in told
    assert "Eco Score" in told
    assert "All of this follows" in told


def test_energy__a_result_that_was_touched__is_named_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = statement(inputs())
    document["results"]["micrograms"] = 1
    path = tmp_path / "energy.json"
    path.write_text(json.dumps(document))
    assert main(["energy", str(path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["follows"], len(said["problems"])) == (False, 1)


@pytest.mark.parametrize("content", [None, "no json", "{}", "[]"])
def test_energy__no_statement__is_one_sentence(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "energy.json"
    if content is not None:
        path.write_text(content)
    assert main(["energy", str(path)]) == 2
    assert "[energy.not_a_statement]" in capsys.readouterr().err
