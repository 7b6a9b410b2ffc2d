"""Which source answers, and what the packaged factors are."""

import json

from backend.adapters.intensity import PreferredIntensities, YearlyFactors
from backend.adapters.intensity.yearly_factors import FILE
from backend.bootstrap.chains import intensities
from backend.config import Settings, load
from tests.support.grid_data import unix, write_hours

WHEN = unix("2023-05-03T12:00")


class Silent:
    """A source that has nothing."""

    def knows(self, zone):
        return False

    def at(self, zone, when):
        return None

    def ahead(self, zone, when, hours):
        return None


def test_preferred__a_source_without_figures__is_passed_over():
    chain = PreferredIntensities([Silent(), YearlyFactors()])
    assert chain.at("PL", WHEN).mg_per_kwh == 661_926
    assert len(chain.ahead("PL", WHEN, 5)) == 5


def test_yearly__a_zone_inside_a_country__is_the_countrys_and_says_which():
    figure = YearlyFactors().at("US-CAL-CISO", WHEN)
    assert figure is not None
    assert figure.zone == "US-CAL-CISO"
    assert "United States" in figure.source
    assert "CodeCarbon" in figure.source
    assert figure.dated == "2023"


def test_yearly__the_file__names_source_licence_and_plausible_figures():
    document = json.loads(FILE.read_text(encoding="utf-8"))
    assert document["source"]
    assert document["licence"]
    assert len(document["countries"]) > 200
    for code, (name, g_per_kwh, year) in document["countries"].items():
        assert len(code) == 2, name
        assert 0 <= g_per_kwh < 1_500, name
        assert 2000 <= year <= 2026, name


def test_bootstrap__a_folder_is_set__is_preferred_to_factors(tmp_path):
    write_hours(tmp_path / "ES.csv", "ES", "2023-05-03T00:00", [7.0] * 24)
    chain = intensities(Settings(intensity_dir=tmp_path))
    assert chain.at("ES", WHEN).mg_per_kwh == 7_000
    assert chain.at("FR", WHEN).mg_per_kwh == 56_039


def test_settings__the_token__is_in_no_text_of_theirs():
    settings = load({"ECODML_ELECTRICITYMAPS_TOKEN": "very-secret"})
    assert settings.electricitymaps_token == "very-secret"
    assert "very-secret" not in repr(settings)
