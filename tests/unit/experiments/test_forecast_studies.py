"""The studies of forecasts and of grid figures that stand in, on little and made-up data."""

import numpy as np
import pytest

from scripts.experiments import forecast, intensity_bands
from scripts.experiments.study import DataMissing, Options
from tests.support.grid_data import write_hours


def test_intensity_bands__two_years_of_a_zone__are_held_against_each_other(tmp_path):
    folder = tmp_path / "carbon"
    folder.mkdir()
    draw = np.random.default_rng(1)
    for year in (2022, 2023):
        grams = [
            float(g) for g in 200 + 50 * np.sin(np.arange(8760) / 24 * 2 * np.pi) + draw.normal(0, 5, 8760)
        ]
        write_hours(folder / f"ES_{year}.csv", "ES", f"{year}-01-01T00:00", grams)
    study = intensity_bands.run(Options(tmp_path, quick=True))
    inside = {row["figure"]: row["inside the band"] for row in study.rows}
    assert len(inside) == 3
    assert inside["a day ahead, from the hours before"] == 1.0
    assert inside["the year before stands in"] == 1.0


def test_intensity_bands__no_second_year__says_what_is_missing(tmp_path):
    with pytest.raises(DataMissing, match="no zone with two years"):
        intensity_bands.run(Options(tmp_path))


def test_forecast__what_the_judge_told__becomes_rows_goals_and_reasons(monkeypatch, tmp_path):
    def row(name: str, over_smart: float, best: bool) -> dict[str, object]:
        scores = {
            "rmse": 90.0,
            "mae": 60.0,
            "skill": 0.4,
            "smart_skill": over_smart,
            "leak": over_smart > 0.25,
        }
        return {
            "place": "12839.tm2", "what": "sun", "forecast": name, "unit": "W/m2", "best": best, "hours_judged": 9,
            **scores,
        }  # fmt: skip

    rows = [row("smart persistence", 0.0, False), row("ridge", 0.08, True), row("lstm", 0.3, False)]
    told = {
        "config": {"seed": 1},
        "places": [{"place": "12839.tm2", "rows": rows, "why": {"sun": "ridge has"}}],
    }
    monkeypatch.setattr(forecast, "_judged", lambda asked: told)
    study = forecast.run(Options(tmp_path))
    assert [r["place"] for r in study.rows] == ["Miami"] * 3
    assert [goal.met for goal in study.goals] == [True, False]
    assert "Miami, sun: ridge has." in study.notes
