"""Every form of a study says what makes it again, and a goal that was missed is said to be missed."""

import csv
import json
import math
from pathlib import Path

import pytest

from scripts.experiments import __main__ as runner
from scripts.experiments import report
from scripts.experiments.study import Chart, DataMissing, Goal, Options, Study

STUDY = Study(
    "small_one",
    {"days": 3, "zones": ["ES"]},
    [
        {"policy": "standard & all", "kWh": 2.5, "kWh_low": 2.0, "kWh_high": 3.0, "tasks": 7},
        {"policy": "ours", "kWh": 1.0, "kWh_low": 0.9, "kWh_high": 1.1, "tasks": 7},
    ],
    [Goal("less energy", 85, 60, "%", why="idle is counted")],
    chart=Chart("policy", ["kWh"]),
)


def test_write__a_study__all_four_forms_name_config_seed_and_commit(tmp_path: Path):
    paths = report.write(STUDY, 5, tmp_path)

    assert [p.suffix for p in paths] == [".json", ".csv", ".tex", ".png"]
    for path in paths:
        content = path.read_bytes().decode("latin-1")
        assert report.commit() in content, path
        assert '"days": 3' in content or '"days":3' in content, path
        assert "seed" in content, path
    found = json.loads(paths[0].read_text(encoding="utf-8"))
    assert (found["seed"], found["rows"][1]["kWh"]) == (5, 1.0)
    lines = [line for line in paths[1].read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert [row["policy"] for row in csv.DictReader(lines)] == ["standard & all", "ours"]
    assert r"standard \& all & 2.5 [2, 3] & 7" in paths[2].read_text(encoding="utf-8")


def test_markdown__a_missed_goal__is_said_to_be_missed_and_why():
    text = report.markdown(STUDY)

    assert "| less energy | ≥ 85 % | 60 % | **missed** | -25 | idle is counted |" in text


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("at least", 10, 10), True),
        (Goal("at most", 10, 10.1, at_least=False), False),
        (Goal("interval reaches zero", 10, 12, interval=(-1, 20)), False),
        (Goal("interval beyond zero", 10, 12, interval=(1, 20)), True),
        (Goal("interval below one", 1, 0.9, at_least=False, interval=(0.8, 0.95), beyond=1), True),
        (Goal("nothing was measured", 10, math.nan), False),
    ],
)
def test_goal__reached_and_interval__met_only_where_both_hold(goal: Goal, met: bool):
    assert goal.met is met


def test_fill__a_page_with_the_mark__keeps_what_is_around_it(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- study: small_one -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")

    assert report.fill(STUDY, 1, page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- study: small_one -->\n")
    assert text.endswith("<!-- end -->\nafter\n")
    assert "old" not in text
    assert "--only small_one --seed 1" in text


def test_main__one_study_fails_another_misses_a_goal__the_other_is_written_and_the_failure_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def study(name: str, options: Options) -> Study:
        if name == "broken":
            raise ValueError("a bug")
        return STUDY

    monkeypatch.setattr(runner, "STUDIES", {"broken": "", "small_one": ""})
    monkeypatch.setattr(runner, "_study", study)

    assert runner.main(["--folder", str(tmp_path)]) == runner.EXIT_FAILED
    assert (tmp_path / "small_one.png").exists()
    told = capsys.readouterr()
    assert "broken: failed: ValueError: a bug" in told.err
    assert "**missed**" in told.out
    assert runner.main(["--folder", str(tmp_path), "--only", "small_one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["study"] == "small_one"


def test_main__data_is_missing__is_refused_with_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def study(name: str, options: Options) -> Study:
        raise DataMissing(f"There is no {options.data / 'carbon'}.")

    monkeypatch.setattr(runner, "STUDIES", {"small_one": ""})
    monkeypatch.setattr(runner, "_study", study)

    assert runner.main(["--folder", str(tmp_path), "--data", str(tmp_path)]) == runner.EXIT_REFUSED
    assert "There is no" in capsys.readouterr().err
