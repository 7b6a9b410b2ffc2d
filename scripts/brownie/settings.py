"""What a deployment is made with: the environment as checked values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scripts.brownie.arguments import address, commission_bps, whole_number
from scripts.brownie.refused import Refused

HOUR_S, DAY_S = 3_600, 86_400
MAX_COMMISSION_BPS = 500
LOCAL_DEFAULTS = {
    "MIN_DEPOSIT_WEI": 10**17,
    "UNBONDING_SECONDS": 60,
    "CONTEST_SECONDS": 8,
    "COMMISSION_BPS": 200,
    "CHALLENGE_SECONDS": 5,
    "PROPOSER_SECONDS": 3,
    "RECOVERY_SECONDS": 120,
}
LONGEST_UNBONDING_S = 365 * DAY_S
LONGEST_CONTEST_S = 30 * DAY_S
PUBLIC_SHORTEST_CONTEST_S = HOUR_S
PUBLIC_UNBONDING_MARGIN_S = DAY_S
"""Time beyond the contest window in which a leaving node can still be named for work it did before."""
KEYS_BELOW = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1."""
_KEY = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class MarketSettings:
    """Who holds which role, and the numbers that can never be changed (all but the commission)."""

    operator: str
    treasury: str
    arbiter: str
    minter: str
    rater: str | None
    min_deposit_wei: int
    unbonding_s: int
    contest_s: int
    commission_bps: int


def market_settings(environment: Mapping[str, str], deployer: str, local: bool) -> MarketSettings:
    """The market's settings; on a public chain nothing but the rater has a default."""
    settings = MarketSettings(
        operator=_address(environment, "OPERATOR_ADDRESS"),
        treasury=_address(environment, "TREASURY_ADDRESS"),
        arbiter=_address(environment, "ARBITER_ADDRESS"),
        minter=_address(environment, "MINTER_ADDRESS", deployer if local else None),
        rater=_address(environment, "RATER_ADDRESS") if environment.get("RATER_ADDRESS") else None,
        min_deposit_wei=_number(environment, "MIN_DEPOSIT_WEI", local),
        unbonding_s=_number(environment, "UNBONDING_SECONDS", local),
        contest_s=_number(environment, "CONTEST_SECONDS", local),
        commission_bps=commission_bps(str(_number(environment, "COMMISSION_BPS", local)), MAX_COMMISSION_BPS),
    )
    _require_operator_alone(settings, deployer)
    _require_sensible_times(settings, local)
    return settings


@dataclass(frozen=True)
class LedgerSettings:
    """Who holds which role in the energy ledger, and its times, which can never be changed."""

    keeper: str
    arbiter: str
    challenge_s: int
    proposer_s: int
    recovery_s: int


def ledger_settings(environment: Mapping[str, str], local: bool) -> LedgerSettings:
    """The energy ledger's settings; the keeper is KEEPER_ADDRESS, else the operator."""
    settings = LedgerSettings(
        keeper=_address(
            environment, "KEEPER_ADDRESS" if environment.get("KEEPER_ADDRESS") else "OPERATOR_ADDRESS"
        ),
        arbiter=_address(environment, "ARBITER_ADDRESS"),
        challenge_s=_number(environment, "CHALLENGE_SECONDS", local),
        proposer_s=_number(environment, "PROPOSER_SECONDS", local),
        recovery_s=_number(environment, "RECOVERY_SECONDS", local),
    )
    shortest_challenge_s = 1 if local else PUBLIC_SHORTEST_CONTEST_S
    if settings.challenge_s < shortest_challenge_s:
        raise Refused(
            "deploy.challenge",
            f"CHALLENGE_SECONDS is {settings.challenge_s}; it must be {shortest_challenge_s} at least.",
        )
    if not 1 <= settings.proposer_s < settings.recovery_s:
        raise Refused(
            "deploy.proposer",
            f"PROPOSER_SECONDS is {settings.proposer_s}; it must be 1 at least and less than RECOVERY_SECONDS.",
        )
    return settings


def private_key(environment: Mapping[str, str], *names: str) -> str:
    """The first of these variables that is set."""
    for name in names:
        if key := environment.get(name):
            if not _KEY.fullmatch(key) or not 0 < int(key, 16) < KEYS_BELOW:
                raise Refused("admin.key", f"{name} is not a private key: 64 hexadecimal digits.")
            return key
    raise Refused("admin.setting", f"{names[0]} is not set.")


def _require_operator_alone(settings: MarketSettings, deployer: str) -> None:
    holders = {
        "the deployer": deployer,
        "TREASURY_ADDRESS": settings.treasury,
        "ARBITER_ADDRESS": settings.arbiter,
        "MINTER_ADDRESS": settings.minter,
        "RATER_ADDRESS": settings.rater,
    }
    for name, holder in holders.items():
        if holder == settings.operator:
            raise Refused(
                "deploy.operator",
                f"OPERATOR_ADDRESS must hold no other role, but is {name} too: it may not mint, slash, rate or earn fees.",
            )


def _require_sensible_times(settings: MarketSettings, local: bool) -> None:
    if settings.min_deposit_wei < 1:
        raise Refused("deploy.deposit", "MIN_DEPOSIT_WEI must be above zero.")
    shortest_contest_s = 1 if local else PUBLIC_SHORTEST_CONTEST_S
    if not shortest_contest_s <= settings.contest_s <= LONGEST_CONTEST_S:
        raise Refused(
            "deploy.contest",
            f"CONTEST_SECONDS is {settings.contest_s}; it must be {shortest_contest_s} to {LONGEST_CONTEST_S}.",
        )
    shortest_unbonding_s = settings.contest_s + (0 if local else PUBLIC_UNBONDING_MARGIN_S)
    if not shortest_unbonding_s <= settings.unbonding_s <= LONGEST_UNBONDING_S:
        raise Refused(
            "deploy.unbonding",
            f"UNBONDING_SECONDS is {settings.unbonding_s}; with this contest window it must be {shortest_unbonding_s} "
            f"to {LONGEST_UNBONDING_S}.",
        )


def _address(environment: Mapping[str, str], name: str, default: str | None = None) -> str:
    text = environment.get(name) or default
    if not text:
        raise Refused("admin.setting", f"{name} is not set.")
    return address(name, text)


def _number(environment: Mapping[str, str], name: str, local: bool) -> int:
    text = environment.get(name)
    if text:
        return whole_number(name, text)
    if not local:
        raise Refused("admin.setting", f"{name} is not set: a public chain takes no defaults.")
    return LOCAL_DEFAULTS[name]
