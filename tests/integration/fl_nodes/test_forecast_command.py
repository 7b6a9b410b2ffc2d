"""`python -m fl_nodes.forecast judge` and `ecodml node forecast` as they are typed, on a typical year that pvlib brings."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pvlib
import pytest

from fl_nodes.cli.__main__ import main

MIAMI = Path(pvlib.__file__).parent / "data" / "12839.tm2"


def test_judge__ridge_on_a_typical_year__is_better_than_smart_persistence_and_no_leak():
    ended = subprocess.run(
        [sys.executable, "-m", "fl_nodes.forecast", "judge", str(MIAMI), "--models", "ridge", "--folds", "0"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    told = json.loads(ended.stdout)
    scores = {(row["what"], row["forecast"]): row for row in told["places"][0]["rows"]}
    for what in ("sun", "wind"):
        ridge = scores[what, "ridge"]
        assert 0.0 < ridge["smart_skill"] < 0.25
        assert 0.0 < ridge["skill"] < 0.6
        assert not ridge["leak"]
    assert told["places"][0]["best"] == {"sun": "ridge", "wind": "ridge"}


def test_forecast__a_site_of_its_own__is_judged_once_and_told_with_why(tmp_path, capsys):
    shutil.copy(MIAMI, tmp_path)
    site = tmp_path / "site.toml"
    site.write_text('latitude = 25.8\nlongitude = -80.3\nweather = "12839.tm2"\n[solar]\nkwp = 5\n')
    asked = ["forecast", "--home", str(tmp_path / "home"), "--site", str(site), "--json"]
    assert main([*asked, "--judge", "--models", "ridge"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert main(asked) == 0
    again = json.loads(capsys.readouterr().out)
    assert judged["chosen"]["sun"]["forecast"] == again["chosen"]["sun"]["forecast"] == "ridge"
    assert "over smart persistence" in again["chosen"]["sun"]["why"]
    assert again["supply"]["kind"] == "modelled"
    assert len(again["supply"]["watts"]) == 24


@pytest.mark.parametrize("text", ["latitude = 1", "not toml ="])
def test_forecast__a_site_that_does_not_fit__is_one_sentence_and_status_two(tmp_path, capsys, text):
    site = tmp_path / "site.toml"
    site.write_text(text)
    assert main(["forecast", "--home", str(tmp_path), "--site", str(site)]) == 2
    assert "[site.file]" in capsys.readouterr().err
