"""What a node says that its site's own sun and wind give: an announcement, in whole watts by hour.

It is a claim: nobody else measures it. So it is `modelled` at best and stands on a line of its own; a job's emissions are no less
for it, and no credit is more (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fl_nodes.protocol.wire import WireError, from_wire, to_wire

MOST_HOURS = 72
MOST_WATTS = 1_000_000_000
MOST_TEXT = 300
MODELLED = "modelled"
MILLIJOULES_PER_JOULE = 1000
PPM = 1_000_000
LEAST_BAND_PPM = 250_000
"""No forecast of sun or wind is better than this, whatever it says of itself."""


@dataclass(frozen=True)
class SiteSupply:
    """`watts[i]` is the mean power of the site's own supply in hour `from_hour` + i (Unix seconds // 3600). `kind` is `modelled`,
    `band_ppm` how far it may be off in millionths of it, `method` what it was reckoned with, in words.
    """

    from_hour: int
    watts: tuple[int, ...]
    kind: str
    band_ppm: int
    method: str

    def watts_at(self, hour: int) -> int:
        """What it gives in an hour; nothing in hours that it does not speak of."""
        place = hour - self.from_hour
        return self.watts[place] if 0 <= place < len(self.watts) else 0

    def least_milliwatts_at(self, hour: int) -> int:
        """The low end of what it gives in an hour, by its band or `LEAST_BAND_PPM`, whichever is wider."""
        return 1000 * self.watts_at(hour) * max(0, PPM - max(self.band_ppm, LEAST_BAND_PPM)) // PPM

    def announced(self) -> dict[str, Any]:
        """As a node's hello and beats carry it in `forecast`."""
        return {"supply": to_wire(self)}


def claimed(forecast: Mapping[str, Any]) -> SiteSupply | None:
    """The supply in a node's `forecast`; None where there is none, or none that can be."""
    try:
        said = from_wire(SiteSupply, forecast.get("supply"))
    except WireError:
        return None
    if not 0 < len(said.watts) <= MOST_HOURS or said.kind != MODELLED or len(said.method) > MOST_TEXT:
        return None
    sound = all(0 <= watts <= MOST_WATTS for watts in said.watts)
    return said if sound and said.band_ppm >= 0 else None


def site_millijoules(watts: int, seconds: float, millijoules: int) -> int:
    """How much of a window's energy a supply of `watts` can have given over its `seconds`: never more than the window used."""
    return min(millijoules, int(watts * max(seconds, 0.0) * MILLIJOULES_PER_JOULE))
