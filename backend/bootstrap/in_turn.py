"""Handing out coins in turn: API processes share the faucet's key, and an account has one next transaction."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from backend.errors import Recoverable
from backend.ports import Tickets

LEASE_SECONDS = 60.0
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.05

Faucet = Callable[[str], tuple[int, int]]


def in_turn(faucet: Faucet | None, tickets: Tickets, name: str) -> Faucet | None:
    """The same faucet, one hand-out at a time of all processes; Recoverable `faucet.busy`."""
    if faucet is None:
        return None

    def given(address: str) -> tuple[int, int]:
        owner, until = secrets.token_hex(8), time.monotonic() + PATIENCE_SECONDS
        while not tickets.claim(name, owner, LEASE_SECONDS):
            if time.monotonic() > until:
                raise Recoverable("faucet.busy", "Too many ask for coins: try again shortly.")
            time.sleep(LOOK_SECONDS)
        try:
            return faucet(address)
        finally:
            tickets.release(name, owner)

    return given
