"""`ecodml credits ...`: what an account holds, what was used up, and using it up. Only the carbon chain is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from backend.domain.credits import (
    LONGEST_BENEFICIARY_BYTES,
    LONGEST_REASON_BYTES,
    UNIT,
    Certificate,
    Holding,
    credit_id,
)
from backend.errors import Conflict, Invalid
from fl_nodes.protocol.wire import to_wire

ALL = "all"


class Books(Protocol):
    """The credits on the carbon chain."""

    def holdings(self, account: str) -> tuple[Holding, ...]:
        """What an account holds."""

    def certificates(self, account: str | None = None) -> tuple[Certificate, ...]:
        """What was used up."""

    def certificate(self, number: int) -> Certificate:
        """One of them."""


def listed(books: Books, account: str) -> dict[str, Any]:
    """What an account holds and has used up."""
    return {
        "unit": UNIT,
        "account": account,
        "holdings": [to_wire(h) for h in books.holdings(account)],
        "certificates": [to_wire(c) for c in books.certificates(account)],
    }


def chosen(books: Books, account: str, zone: str, vintage: str, amount: str) -> tuple[int, int]:
    """The token and how many µgCO2e of it; Invalid `credits.vintage`, `credits.amount`, Conflict `credits.none`."""
    token = _token(zone, vintage)
    held = {int(h.id, 16): h.held_ug for h in books.holdings(account)}.get(token, 0)
    if amount != ALL and not (amount.isdecimal() and int(amount) > 0):
        raise Invalid(
            "credits.amount", f"AMOUNT is a whole number of µgCO2e above zero, or {ALL}, not {amount!r}."
        )
    wanted = held if amount == ALL else int(amount)
    if held == 0 or wanted > held:
        raise Conflict("credits.none", f"{account} holds {held} µgCO2e of {zone} {vintage}.")
    return token, wanted


def texts(beneficiary: str, reason: str) -> tuple[str, str]:
    """As the certificate takes them; Invalid `credits.text`."""
    for name, text, most in (
        ("--beneficiary", beneficiary, LONGEST_BENEFICIARY_BYTES),
        ("--reason", reason, LONGEST_REASON_BYTES),
    ):
        if len(text.encode()) > most:
            raise Invalid("credits.text", f"{name} has more than {most} bytes.")
    return beneficiary, reason


def lines(document: Mapping[str, Any]) -> list[str]:
    """For a person."""
    held = [
        f"{h['zone']} {h['vintage']}: {h['held_ug']} µgCO2e held of {h['issued_ug']} issued"
        for h in document["holdings"]
    ]
    return [
        f"Eco Credits of {document['account']} (internal unit, not a carbon offset):",
        *(held or ["none"]),
        *(certificate_line(c) for c in document["certificates"]),
    ]


def certificate_line(certificate: Mapping[str, Any]) -> str:
    """One retirement, for a person."""
    said = f", for {certificate['beneficiary']}" if certificate["beneficiary"] else ""
    why = f" ({certificate['reason']})" if certificate["reason"] else ""
    return (
        f"certificate {certificate['number']}: {certificate['micrograms']} µgCO2e of {certificate['zone']} "
        f"{certificate['vintage']} retired by {certificate['holder']}{said}{why}, transaction {certificate['tx']}"
    )


def _token(zone: str, vintage: str) -> int:
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", vintage)
    try:
        if found:
            return credit_id(zone, int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise Invalid("credits.vintage", f"{zone!r} {vintage!r} is no zone and month, such as ES 2026-11.")
