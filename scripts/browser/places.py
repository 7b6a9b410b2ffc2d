"""Every page of the site, by the address of `frontend/routes.js`, and who is to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Who = Literal["passer-by", "customer", "provider", "admin"]


@dataclass(frozen=True)
class Place:
    """`route` is the pattern in the router, `path` the same with names in braces for what a stack has to show:
    {ticket} {refunded} {job} {provider} {certificate}. `who` sees most there."""

    name: str
    route: str
    path: str
    who: Who


PLACES = (
    Place("network", "/", "/", "passer-by"),
    Place("train", "/train", "/train", "customer"),
    Place("tickets", "/tickets", "/tickets", "customer"),
    Place("ticket", "/tickets/:id", "/tickets/{ticket}", "customer"),
    Place("receipt", "/tickets/:id/receipt", "/tickets/{ticket}/receipt", "customer"),
    Place("provide", "/provide", "/provide", "provider"),
    Place("node", "/nodes/:provider", "/nodes/{provider}", "passer-by"),
    Place("jobs", "/jobs", "/jobs", "passer-by"),
    Place("job", "/jobs/:job", "/jobs/{job}", "passer-by"),
    Place("credits", "/credits", "/credits", "provider"),
    Place(
        "credit-certificate",
        "/credits/certificates/:number",
        "/credits/certificates/{certificate}",
        "passer-by",
    ),
    Place("certificates", "/certificates", "/certificates", "passer-by"),
    Place("ledger", "/ledger", "/ledger", "passer-by"),
    Place("sign-in", "/sign-in", "/sign-in", "passer-by"),
    Place("account", "/account", "/account", "customer"),
    Place("verify", "/verify", "/verify", "passer-by"),
    Place("reset", "/reset", "/reset", "passer-by"),
    Place("admin", "/admin", "/admin", "admin"),
)
