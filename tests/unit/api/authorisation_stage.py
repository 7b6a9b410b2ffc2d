"""A market in which everybody is there: one job with its customer, its nodes and its overseers, and what each of them sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from flask.testing import FlaskClient

from backend.adapters.tokens import SESSION_SECONDS
from backend.api.account_rules import user_of_wallet
from backend.api.auth import cookie_name
from backend.api.links import link_token
from backend.domain.task import Task
from backend.domain.ticket import Contested, RefundCredited, Refusal, Ticket, VerdictRecord, VerdictSigned
from backend.domain.user import User
from backend.ports import Roles
from fl_nodes.protocol.tasks import Role, TaskKind
from tests.support.api_world import (
    ARBITER,
    CSV,
    CUSTOMER,
    ESCROW,
    STRANGER,
    FixedMarket,
    World,
    node_of,
    quote_body,
)

PROVIDER, KEY, VALIDATOR, ADMIN, OTHER_KEY = (Account.from_key(f"0x{n:064x}") for n in range(21, 26))
OWN_SECRETS = ("harvest-of-nobody.csv", "class-of-nobody", "customer@harvest.example", "sig=")
"""What is in answers about the customer's ticket only: name and classes of the dataset, e-mail, signed URLs."""
ROLES = (
    *("nobody", "ended", "expired", "mail", "no_csrf", "foreign", "link", "other", "key", "accused"),
    *("validator", "arbiter", "admin", "page", "owner"),
)
"""Those who may least come first: what somebody may do must not change what the next is refused."""
MAY_READ = frozenset({"link", "owner", "page", "no_csrf", "foreign"})
"""Whose answers may hold the customer's secrets. Another site's page may ask, but browsers keep the answer from it."""


class PeopledMarket(FixedMarket):
    """With an admin too."""

    escrow_address = ESCROW

    def roles(self, account: str) -> Roles:
        """One account each."""
        return Roles(arbiter=account == ARBITER.address, admin=account == ADMIN.address)


@dataclass
class Stage:
    """`ticket` is refused over an accusation that is contested, with its bundle; `fresh` waits to be paid, `paid` for its dataset;
    `one_more` is a session of the customer's."""

    folder: Path
    sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.folder, changes={"market": PeopledMarket(), "faucet": lambda address: (1, 2)})
        world, parts = self.world, self.world.parts
        secret = {
            "dataset": {"name": OWN_SECRETS[0], "classes": ["x", OWN_SECRETS[1]]},
            "email": OWN_SECRETS[2],
        }
        self.fresh = world.quote(**secret)
        self.paid = world.funded(**secret)
        parts.objects.put(f"datasets/{self.paid.id}", CSV)
        self.ticket = self._accused(world.running((PROVIDER.address,), (VALIDATOR.address,)))
        world.nodes.mirror(node_of(KEY, PROVIDER))
        world.nodes.mirror(node_of(OTHER_KEY, STRANGER, name="wind-1"))
        by_mail = User("u_mail", world.clock(), email="mail@example.org", email_verified_at=1.0)
        parts.users.add(by_mail)
        accounts = {
            "owner": CUSTOMER,
            "other": STRANGER,
            "accused": PROVIDER,
            "validator": VALIDATOR,
            "key": KEY,
            "arbiter": ARBITER,
            "admin": ADMIN,
        }
        for role, account in accounts.items():
            self.sessions[role] = self._open(user_of_wallet(parts, account.address).id, account.address)
        self.sessions["mail"] = self._open("u_mail", None)
        owner = user_of_wallet(parts, CUSTOMER.address).id
        self.sessions["ended"] = self._open(owner, CUSTOMER.address)
        parts.sessions.close(self.sessions["ended"])
        self.sessions["expired"] = self._open(owner, CUSTOMER.address, ago=SESSION_SECONDS + 1)
        self.sessions["page"] = self._open(owner, CUSTOMER.address)
        another = parts.sessions.find(self._open(owner, CUSTOMER.address), world.clock())
        self.one_more = another.id if another else ""

    def ask(self, role: str, method: str, path: str, body: Any = None) -> Any:
        """What this role is answered."""
        client: FlaskClient = self.world.client
        headers: dict[str, str] = {}
        if role in self.sessions and role != "page":
            headers["Authorization"] = f"Bearer {self.sessions[role]}"
        if role in ("page", "no_csrf", "foreign"):
            client.set_cookie(
                cookie_name(self.world.parts.settings), self.sessions["page"], domain="localhost"
            )
        if role in ("page", "foreign"):
            headers["X-CSRF-Token"] = client.get("/api/auth/session").json["csrf"] or ""
        if role == "foreign":
            headers["Origin"] = "https://evil.example"
        if role == "link":
            until = int(self.world.clock()) + 60
            path += f"?token={link_token(self.world.parts.secret, self.ticket.id, until)}"
        return client.open(path, method=method, json=body, headers=headers)

    def task(self) -> str:
        """The id of an open task of the accused's node."""
        payload, deadline = {"job_id": self.ticket.job_id}, self.world.clock() + 60
        task = Task("k1", self.ticket.id, PROVIDER.address, Role.TRAINER, TaskKind.TRAIN, payload, deadline)
        self.world.tasks.put([task])
        return task.id

    def _open(self, user: str, address: str | None, ago: float = 0.0) -> str:
        return self.world.parts.sessions.open(user, address, self.world.clock() - ago)

    def _accused(self, ticket: Ticket) -> Ticket:
        name = PROVIDER.address
        stored = self.world.parts.objects.put(f"jobs/{ticket.id}/evidence/{name}.tar", b"bundle")
        facts = {"key": stored.key, "sha256": stored.sha256, "size": stored.size, "bundle": "b"}
        verdict = VerdictRecord("fail", "0" * 64, "cc", (), (), (), (name,), ("0xs1",))
        for change in (
            VerdictSigned(verdict, Refusal("job.cheated", "Cheated."), files={f"evidence-{name}.tar": facts}),
            RefundCredited("failed", 5, "0xf", (name,)),
            Contested(name),
        ):
            ticket = self.world.tickets.advance(ticket.id, change)
        return ticket


Told = Callable[[Stage], Any]
BODIES: dict[str, Told] = {
    "POST /api/account/email": lambda s: {"email": "new@example.org"},
    "POST /api/account/password": lambda s: {"password": "a long enough password"},
    "POST /api/account/sessions/end": lambda s: {"id": s.one_more},
    "POST /api/account/wallets": lambda s: {"message": "no sign-in text", "signature": "0x"},
    "POST /api/account/wallets/unlink": lambda s: {"address": CUSTOMER.address},
    "POST /api/account/wallets/use": lambda s: {"address": CUSTOMER.address},
    "POST /api/admin/effects/retry": lambda s: {"key": "none"},
    "POST /api/auth/forgot": lambda s: {"email": "mail@example.org"},
    "POST /api/auth/login": lambda s: {"message": "no sign-in text", "signature": "0x"},
    "POST /api/auth/reset": lambda s: {"token": "none", "password": "a long enough password"},
    "POST /api/auth/sign-in": lambda s: {"email": "mail@example.org", "password": "not the password"},
    "POST /api/auth/sign-up": lambda s: {"email": "new@example.org", "password": "a long enough password"},
    "POST /api/auth/verify": lambda s: {"token": "none"},
    "POST /api/faucet": lambda s: {"address": STRANGER.address},
    "POST /api/invitations/answers": lambda s: {
        "provider": STRANGER.address,
        "name": "sun-2",
        "role": "trainer",
        "invitation": "1.none",
        "key": STRANGER.address,
    },
    "POST /api/prices": lambda s: {name: said for name, said in quote_body().items() if name != "email"},
    "POST /api/provider/invitations": lambda s: {"name": "sun-3", "role": "trainer"},
    "POST /api/quotes": lambda s: quote_body(),
}
"""What a request carries, so well formed that only who asks decides, where that is possible."""


def address(stage: Stage, route: str) -> str:
    """The route's address about the customer's own things."""
    ticket = stage.ticket
    if route.endswith(("/upload", "/uploaded")):
        ticket = stage.paid
    elif route.endswith("/cancel"):
        ticket = stage.fresh
    values = {
        "ticket_id": ticket.id,
        "ticket": ticket.id,
        "job_id": ticket.job_id,
        "job": ticket.job_id,
        "provider": PROVIDER.address,
        "name": f"evidence-{PROVIDER.address}.tar" if route.startswith("GET /t/") else "sun-9",
        "index": "0",
        "number": "1",
        "zone": "DE",
        "key": f"datasets/{stage.paid.id}",
    }
    return route.split(" ", 1)[1].format_map(values)
