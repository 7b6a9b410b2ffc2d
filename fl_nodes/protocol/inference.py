"""The energy of predicting with one form of a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InferenceEnergy:
    """What 1 000 predictions with a form took where it was measured: microjoules (class, band in ppm, method) and microseconds,
    over so many `predictions` in batches of `batch` rows in one `runtime`.

    `ratio_ppm` is the energy as a part of the float32 form's, measured side by side in the same runtime; `ratio_band_ppm` half of
    its 95 % interval.
    """

    microjoules_per_1000: int
    kind: str
    band_ppm: int
    method: str
    microseconds_per_1000: int
    predictions: int
    batch: int
    runtime: str
    ratio_ppm: int
    ratio_band_ppm: int
