"""Which chains this database belongs to: what was followed on one chain must never be mixed with what another says."""

from __future__ import annotations

from backend.errors import Unrecoverable
from backend.ports import Cursors


class Identities:
    """Remembers each chain's identity when it is met first."""

    def __init__(self, cursors: Cursors) -> None:
        self._cursors = cursors

    def recognise(self, chain: str, found: int) -> None:
        """Unrecoverable `chain.reset` where another chain of this name was met before."""
        name = f"{chain}/identity"
        known = self._cursors.load(name)
        if known is None:
            self._cursors.save(name, found)
        elif known != found:
            raise Unrecoverable(
                "chain.reset",
                f"The {chain} chain is not the one that this database has followed: it was reset or exchanged, or the contracts "
                "were deployed anew. Connect the old chain with its deployments, or start again with a fresh database.",
            )
