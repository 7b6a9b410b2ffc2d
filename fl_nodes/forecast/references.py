"""The forecasts that need no learning, which every other one is judged against. Pure: arrays in, arrays out.

*Persistence*: the next hour is like this one. *Smart persistence*: what is left when the part that is known beforehand is taken
out persists. For sun that is the clear-sky index, the share of clear-sky irradiance that arrives (Inman, Pedro and Coimbra
2013). Wind has no clear sky: there its mean, approached as fast as the past year's hours forgot each other, stands in (the
"new reference" of Nielsen, Joensen, Madsen, Landberg and Giebel 1998).

Every function gives, for each hour t, a forecast of hour t + 1 from hours up to t.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOW_SUN = 30.0
"""W/m2 of clear sky below which the index says little: an hour of so little sun keeps the last index before it."""
MOST_INDEX = 1.3
USUAL_INDEX = 0.7
"""Where no hour of sun came before."""


def persistence(series: Floats) -> Floats:
    """Hour t's value for hour t + 1."""
    return series.copy()


def clear_sky_index(ghi: Floats, clear: Floats) -> Floats:
    """The share of clear-sky irradiance that arrives, by hour: the last one known where the sun is low."""
    seen = np.where(clear > LOW_SUN, ghi / np.maximum(clear, LOW_SUN), np.nan)
    known = np.isfinite(seen)
    last = np.maximum.accumulate(np.where(known, np.arange(len(seen)), -1))
    index = np.where(last >= 0, seen[np.maximum(last, 0)], USUAL_INDEX)
    return np.clip(index, 0.0, MOST_INDEX)


def smart_sun(ghi: Floats, clear: Floats) -> Floats:
    """This hour's clear-sky index under the next hour's sun; W/m2. The last hour's next clear sky is its own day's."""
    following = np.append(clear[1:], clear[-24] if len(clear) >= 24 else clear[-1])
    return clear_sky_index(ghi, clear) * following


def smart_wind(power: Floats, training: npt.NDArray[np.bool_]) -> Floats:
    """Persistence drawn to the mean by the correlation of one hour with the next, both of the hours marked `training`."""
    kept, mean = wind_memory(power, training)
    return kept * power + (1 - kept) * mean


def wind_memory(power: Floats, training: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """(correlation of one hour with the next, from 0 to 1; mean) of the hours marked `training`."""
    pairs = training[1:] & training[:-1]
    before, after = power[:-1][pairs], power[1:][pairs]
    spread = float(before.std() * after.std())
    kept = float(((before - before.mean()) * (after - after.mean())).mean() / spread) if spread > 0 else 0.0
    return min(max(kept, 0.0), 1.0), float(power[training].mean())
