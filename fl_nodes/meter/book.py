"""A node's energy on record: an SQLite file in its folder, which outlives the process and takes several of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fl_nodes.meter.account import Account, Use
from fl_nodes.meter.windows import NANO, Booking, Source
from fl_nodes.protocol.node_energy import KINDS, NodeEnergy

FILE = "energy.sqlite"
BUSY_SECONDS = 10.0

_ACCOUNT = "day TEXT, use TEXT, what TEXT, job TEXT, round INTEGER"
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS energy ({_ACCOUNT}, kind TEXT, band_ppm INTEGER, method TEXT, nanojoules INTEGER NOT NULL,
  PRIMARY KEY (day, use, what, job, round, kind, band_ppm, method)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS time ({_ACCOUNT}, nanoseconds INTEGER NOT NULL,
  PRIMARY KEY (day, use, what, job, round)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS node (day TEXT PRIMARY KEY, nanojoules INTEGER NOT NULL, nanoseconds INTEGER NOT NULL)
  WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Entry:
    """Energy of one day on one account from one source."""

    day: str
    account: Account
    source: Source
    nanojoules: int


@dataclass(frozen=True)
class Total:
    """Energy from several sources: of the weakest class, bands as if their errors went the same way."""

    nanojoules: int
    kind: str
    band_ppm: int


class EnergyBook:
    """Bookings by day (UTC)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made = False

    def add(self, day: str, booking: Booking) -> None:
        """Add a booking to a day's, all or nothing. OSError where the file cannot be written."""
        energy = [
            (day, *_columns(a), s.kind, s.band_ppm, s.method, n) for (a, s), n in booking.energy.items() if n
        ]
        spent = [(day, *_columns(a), n) for a, n in booking.time.items() if n]
        with self._connected() as known, known:
            known.executemany(
                "INSERT INTO energy VALUES (?,?,?,?,?,?,?,?,?)"
                " ON CONFLICT DO UPDATE SET nanojoules = nanojoules + excluded.nanojoules",
                energy,
            )
            known.executemany(
                "INSERT INTO time VALUES (?,?,?,?,?,?)"
                " ON CONFLICT DO UPDATE SET nanoseconds = nanoseconds + excluded.nanoseconds",
                spent,
            )
            known.execute(
                "INSERT INTO node VALUES (?,?,?) ON CONFLICT DO UPDATE SET"
                " nanojoules = nanojoules + excluded.nanojoules, nanoseconds = nanoseconds + excluded.nanoseconds",
                (day, booking.nanojoules, booking.nanoseconds),
            )

    def entries(self) -> list[Entry]:
        """All energy, by day."""
        rows = self._rows(
            "SELECT day, use, what, job, round, kind, band_ppm, method, nanojoules FROM energy ORDER BY day"
        )
        return [Entry(r[0], _account(r[1:5]), Source(*r[5:8]), r[8]) for r in rows]

    def times(self) -> list[tuple[str, Account, int]]:
        """All time in nanoseconds, by day."""
        rows = self._rows("SELECT day, use, what, job, round, nanoseconds FROM time ORDER BY day")
        return [(r[0], _account(r[1:5]), r[5]) for r in rows]

    def node(self) -> dict[str, tuple[int, int]]:
        """The node's own totals by day: nanojoules, nanoseconds."""
        rows = self._rows("SELECT day, nanojoules, nanoseconds FROM node ORDER BY day")
        return {day: (nanojoules, nanoseconds) for day, nanojoules, nanoseconds in rows}

    def announced(self) -> NodeEnergy | None:
        """What the node says of itself; None before there is anything."""
        # A sum of nanojoules could outgrow SQLite's integers: wholes and fractions of a joule are summed apart.
        sums = self._rows(
            "SELECT use, kind, band_ppm, SUM(nanojoules / 1000000000), SUM(nanojoules % 1000000000)"
            " FROM energy GROUP BY use, kind, band_ppm"
        )
        spent = dict(self._rows("SELECT use, SUM(nanoseconds / 1000000) / 1000 FROM time GROUP BY use"))
        days = self._rows("SELECT MIN(day) FROM node")
        if not days or days[0][0] is None:
            return None
        drawn = {use: sum(j * NANO + nj for u, _, _, j, nj in sums if u == use) // 1_000_000 for use in Use}
        total = total_of((kind, band, j * NANO + nj) for _, kind, band, j, nj in sums)
        return NodeEnergy(
            *(drawn[use] for use in (Use.JOB, Use.IDLE, Use.CHAIN)),
            *(int(spent.get(use, 0)) for use in (Use.JOB, Use.IDLE, Use.CHAIN)),
            kind=total.kind,
            band_ppm=total.band_ppm,
            since_hour=(date.fromisoformat(days[0][0]) - date(1970, 1, 1)).days * 24,
        )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self._file.is_file():
            return []
        with self._connected() as known:
            return known.execute(query).fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # When which job was worked on is the node's own; SQLite gives its side files the same mode.
            self._file.touch(mode=0o600)
            with closing(sqlite3.connect(self._file, timeout=BUSY_SECONDS)) as known:
                if not self._made:
                    known.executescript("PRAGMA journal_mode=WAL;" + _SCHEMA)
                    self._made = True
                # After a power cut the last seconds may be gone, but never a part of them.
                known.execute("PRAGMA synchronous=NORMAL")
                yield known
        except sqlite3.Error as error:
            raise OSError(f"{self._file}: {error}") from error


def total_of(parts: Iterable[tuple[str, int, int]]) -> Total:
    """The total of `(kind, band_ppm, nanojoules)`."""
    known = [(kind, band, n) for kind, band, n in parts if n]
    whole = sum(n for _, _, n in known)
    band = round(sum(band * n for _, band, n in known) / whole) if whole else 0
    return Total(whole, max((kind for kind, _, _ in known), key=KINDS.index, default=KINDS[0]), band)


def _columns(account: Account) -> tuple[str, str, str, int]:
    return account.use.value, account.what, account.job, account.round


def _account(columns: tuple[Any, ...]) -> Account:
    use, what, job, number = columns
    return Account(Use(use), what, job, number)
