"""What an administrator types, as values; Refused with a sentence for what cannot be one."""

from __future__ import annotations

import re

from eth_utils.address import is_checksum_address

from scripts.brownie.refused import Refused

WEI_PER_DML = 10**18
ALL_BPS = 10_000
OUTCOMES = {"guilty": True, "innocent": False}
ZERO_ADDRESS = "0x" + "0" * 40
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_AMOUNT = re.compile(r"([0-9]{1,60})(?:\.([0-9]{1,18}))?")
_WHOLE = re.compile(r"[0-9]{1,60}")


def address(name: str, text: str) -> str:
    """A checksum address; the checksum is demanded because a mistyped digit loses money."""
    if not _ADDRESS.fullmatch(text):
        raise Refused("admin.address", f"{name}: {text!r} is not an address.")
    if not is_checksum_address(text):
        raise Refused(
            "admin.checksum",
            f"{name}: {text} does not carry a right checksum; copy it as wallets and explorers show it.",
        )
    if text == ZERO_ADDRESS:
        raise Refused("admin.address", f"{name}: the zero address belongs to nobody.")
    return text


def whole_number(name: str, text: str) -> int:
    """A number of digits only."""
    if not _WHOLE.fullmatch(text):
        raise Refused("admin.number", f"{name}: {text!r} is not a whole number.")
    return int(text)


def dml_wei(text: str) -> int:
    """DML, whole or with at most 18 decimals, as wei above zero."""
    amount = _AMOUNT.fullmatch(text)
    if not amount:
        raise Refused("admin.amount", f"{text!r} is not an amount of DML, such as 250 or 0.5.")
    wei = int(amount[1]) * WEI_PER_DML + int((amount[2] or "").ljust(18, "0"))
    if wei == 0:
        raise Refused("admin.amount", "The amount of DML must be above zero.")
    return wei


def commission_bps(text: str, highest: int) -> int:
    """Basis points, at most `highest`."""
    bps = whole_number("The commission", text)
    if bps > highest:
        raise Refused(
            "admin.commission",
            f"A commission of {bps} basis points is above the cap of {highest} ({highest * 100 / ALL_BPS:g} %).",
        )
    return bps


def job_id(text: str) -> str:
    """A job's id, in lower case."""
    if not _HASH.fullmatch(text):
        raise Refused("admin.job_id", f"{text!r} is not a job's id: 0x and 64 hexadecimal digits.")
    return text.lower()


def outcome(text: str) -> bool:
    """Whether the accused is guilty."""
    if text not in OUTCOMES:
        raise Refused("admin.outcome", f"The outcome is either guilty or innocent, not {text!r}.")
    return OUTCOMES[text]
