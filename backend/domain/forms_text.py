"""What predicting with each form of a model took, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend.domain.eco_text import PPM_PER_PERCENT


def predicting(variants: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Lines about the forms (`operator_tasks.Variant` as JSON) whose predictions were metered; none where none was.

    A part of float32's whose interval holds 100 % is no difference.
    """
    forms = {name: v["inference"] for name, v in variants.items() if v.get("inference")}
    if not forms:
        return
    some = next(iter(forms.values()))
    yield ""
    yield (
        f"What predicting took in {some['runtime']}, {some['batch']} rows at a time, on the operator's evaluator "
        f"({some['kind']} ±{some['band_ppm'] // PPM_PER_PERCENT} %: {some['method']}), the forms in turns; the part of "
        "float32's energy is with its 95 % interval:"
    )
    yield ""
    for name, form in forms.items():
        yield f"- {of_form(name, form)}"


def of_form(name: str, inference: Mapping[str, Any]) -> str:
    """One form's energy (`inference.InferenceEnergy` as JSON)."""
    ratio, band = (inference[key] / PPM_PER_PERCENT for key in ("ratio_ppm", "ratio_band_ppm"))
    part = "" if name == "float32" else f", {ratio:.0f} % ±{band:.0f} of float32's"
    return f"{name}: {inference['microjoules_per_1000'] / 1000:.3g} mJ for 1 000 predictions{part}"
