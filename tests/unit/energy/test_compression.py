"""Which form of a model is recommended: only what earlier jobs measured counts."""

from typing import Any

from backend.domain.spec import JobSpec
from backend.energy.compression import recommended
from tests.support.tickets import new_ticket


def job(model: str = "mlp", accuracy: float = 0.95, **forms: tuple[float, float, float] | None) -> Any:
    """A finished job whose forms took (part of the energy, half interval) at an accuracy."""
    variants = {
        name: {
            "accuracy": form[2],
            "inference": {"ratio_ppm": round(form[0] * 1e6), "ratio_band_ppm": round(form[1] * 1e6)},
        }
        if form
        else {"accuracy": 0.1, "inference": None}
        for name, form in forms.items()
    }
    return new_ticket(spec=JobSpec(model=model), metrics={"accuracy": accuracy, "variants": variants})


def test_recommended__nothing_measured__recommends_nothing():
    unmeasured = [job("cnn", int8=(0.5, 0.1, 0.95)), job(int8=None), new_ticket()]

    assert recommended("mlp", unmeasured).form == ""
    assert "No earlier job" in recommended("mlp", unmeasured).why


def test_recommended__8_bit_takes_half_and_is_as_accurate__is_recommended_with_its_figures():
    found = recommended("mlp", [job(int8=(0.5, 0.1, 0.949), pruned=(0.9, 0.05, 0.95))] * 3)

    assert found.form == "int8"
    assert "3 earlier jobs" in found.why
    assert "60 % of the energy" in found.why


def test_recommended__the_interval_reaches_the_plain_models__is_not():
    assert recommended("mlp", [job(int8=(0.95, 0.1, 0.95))]).form == "float32"


def test_recommended__it_costs_more_than_a_point_of_accuracy__is_not():
    assert recommended("mlp", [job(int8=(0.3, 0.01, 0.9))]).form == "float32"
