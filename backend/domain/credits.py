"""Eco Credits as somebody holds or has used them up. An Eco Credit is an internal unit, not a carbon offset: one µgCO2e avoided."""

from __future__ import annotations

from dataclasses import dataclass

UNIT = "µgCO2e; an Eco Credit is an internal unit, not a carbon offset"
MONTH_BYTES = 4
LONGEST_BENEFICIARY_BYTES = 100
LONGEST_REASON_BYTES = 200


@dataclass(frozen=True)
class Holding:
    """What an account holds of one token (`id`, hex), in µgCO2e, and what it was ever issued of it. `vintage` is `2026-11`."""

    zone: str
    vintage: str
    id: str
    held_ug: int
    issued_ug: int


@dataclass(frozen=True)
class Certificate:
    """Credits that were used up for ever; `retired_at` in Unix seconds."""

    number: int
    holder: str
    retired_at: int
    zone: str
    vintage: str
    id: str
    micrograms: int
    beneficiary: str
    reason: str
    tx: str


def credit_id(zone: str, year: int, month: int) -> int:
    """The token of a month in a zone: the zone's characters, then year x 100 + month in the last four bytes; ValueError for a zone
    that does not fit.
    """
    raw = zone.encode("ascii")
    if not 0 < len(raw) <= 32 - MONTH_BYTES or b"\0" in raw:
        raise ValueError(f"{zone!r} is no zone")
    return int.from_bytes(raw.ljust(32, b"\0"), "big") + year * 100 + month


def zone_and_vintage(token: int) -> tuple[str, str]:
    """Of a token: `ES`, `2026-11`."""
    raw = token.to_bytes(32, "big")
    year, month = divmod(int.from_bytes(raw[-MONTH_BYTES:], "big"), 100)
    return raw[:-MONTH_BYTES].rstrip(b"\0").decode("ascii"), f"{year:04}-{month:02}"
