"""The names of effects by the chain they go to."""

from __future__ import annotations

import typing

from backend.domain import effects as fx
from backend.domain.credit_effects import FixBaseline

KINDS = tuple(kind.__name__ for kind in typing.get_args(fx.ChainEffect))
CARBON_KINDS = tuple(kind.__name__ for kind in typing.get_args(fx.CarbonEffect))
MARKET_KINDS = tuple(kind for kind in KINDS if kind not in CARBON_KINDS)
BASELINE_KINDS = (FixBaseline.__name__,)
OTHER_CARBON_KINDS = tuple(kind for kind in CARBON_KINDS if kind not in BASELINE_KINDS)
