"""Orders to kill, handed to running processes through a folder: a part carries out whichever it comes to first, and then no other
before it is handed the rest again.

`DIR/PART.json` holds the orders that wait, `DIR/fired/ID.json` says that one was carried out. Standard library only.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.chaos.points import Point

SELF = ""


@dataclass(frozen=True)
class Order:
    """When `part` comes to `point`, kill `victim`: another part by its name, or the part itself."""

    id: str
    part: str
    point: Point
    victim: str = SELF

    @property
    def dies(self) -> str:
        """The part that is killed."""
        return self.victim or self.part


class Orders:
    """The folder that campaign and processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "fired").mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Forget an earlier campaign: its orders have the names that the same seed gives again."""
        for path in (*self.folder.iterdir(), *(self.folder / "fired").iterdir()):
            if path.is_file():
                path.unlink()

    def give(self, part: str, orders: Sequence[Order]) -> None:
        """Let a part find its orders; they replace those that wait."""
        _write(self._waiting(part), [{**asdict(order), "point": str(order.point)} for order in orders])

    def withdraw(self, part: str) -> None:
        """Take back what waits."""
        self._waiting(part).unlink(missing_ok=True)

    def read(self, part: str) -> tuple[Order, ...]:
        """The orders that wait for a part."""
        try:
            found = json.loads(self._waiting(part).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()
        return tuple(Order(o["id"], o["part"], Point.read(o["point"]), o["victim"]) for o in found)

    def stamp(self, part: str) -> int:
        """Changes when other orders wait; 0 while none do."""
        try:
            return self._waiting(part).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def fire(self, order: Order) -> bool:
        """Say that the order is being carried out; false when another one of the part's was, or they were withdrawn."""
        try:
            self._waiting(order.part).rename(self.folder / f".{order.id}.taken")
        except FileNotFoundError:
            return False
        _write(self._fired(order.id), {"at": time.time(), "pid": os.getpid()})
        return True

    def fired(self, order_id: str) -> bool:
        """Whether an order was carried out."""
        return self._fired(order_id).exists()

    def _waiting(self, part: str) -> Path:
        return self.folder / f"{part}.json"

    def _fired(self, order_id: str) -> Path:
        return self.folder / "fired" / f"{order_id}.json"


def _write(path: Path, document: object) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(document), encoding="utf-8")
    draft.replace(path)
