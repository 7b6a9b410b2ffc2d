"""Every page of the site, by the address of `frontend/routes.js`, and who is to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Who = Literal["passer-by", "customer", "provider", "admin"]


@dataclass(frozen=True)
class Place:
    """`path` names in braces what a stack has to show: {ticket} {job} {provider} {certificate}. `who` sees most there."""

    name: str
    path: str
    who: Who


PLACES = (
    Place("network", "/", "passer-by"),
    Place("train", "/train", "customer"),
    Place("tickets", "/tickets", "customer"),
    Place("ticket", "/tickets/{ticket}", "customer"),
    Place("receipt", "/tickets/{ticket}/receipt", "customer"),
    Place("provide", "/provide", "provider"),
    Place("node", "/nodes/{provider}", "passer-by"),
    Place("jobs", "/jobs", "passer-by"),
    Place("job", "/jobs/{job}", "passer-by"),
    Place("credits", "/credits", "provider"),
    Place("credit-certificate", "/credits/certificates/{certificate}", "passer-by"),
    Place("certificates", "/certificates", "passer-by"),
    Place("ledger", "/ledger", "passer-by"),
    Place("sign-in", "/sign-in", "passer-by"),
    Place("account", "/account", "customer"),
    Place("verify", "/verify", "passer-by"),
    Place("reset", "/reset", "passer-by"),
    Place("admin", "/admin", "admin"),
)
