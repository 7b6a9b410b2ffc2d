"""`ecodml node energy`: what the node's processes have drawn, by use, step and day; from its own folder, nobody is asked."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fl_nodes.cli.home import Home
from fl_nodes.meter import process
from fl_nodes.meter.account import Account, Use
from fl_nodes.meter.book import FILE, EnergyBook, Entry, total_of
from fl_nodes.meter.model import ModelCounter
from fl_nodes.meter.windows import NANO, Booking, Source

Facts = dict[str, Any]


def energy(options: argparse.Namespace) -> Facts:
    """Totals by use and step, and by day; with a job, of that job alone."""
    home = Home(options.home)
    home.identity()
    book = EnergyBook(home.work(FILE))
    entries = [e for e in book.entries() if not options.job or e.account.job.lower() == options.job.lower()]
    times = [t for t in book.times() if not options.job or t[1].job.lower() == options.job.lower()]
    spent: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for day, account, nanoseconds in times:
        for key in ((account.use,), (account.use, account.what), (day, account.use)):
            spent[key] += nanoseconds
    by_use = {use: [e for e in entries if e.account.use is use] for use in Use}
    facts: Facts = {
        use.value: _said(mine, spent[use,])
        | {
            "steps": {
                what: _said([e for e in mine if e.account.what == what], spent[use, what])
                for what in sorted({e.account.what for e in mine})
            }
        }
        for use, mine in by_use.items()
    }
    if options.job:
        return {"job": options.job} | facts
    totals = book.node()
    facts["node"] = _said(entries, sum(seconds for _, seconds in totals.values()))
    facts["closes"] = sum(e.nanojoules for e in entries) == sum(joules for joules, _ in totals.values())
    facts["methods"] = sorted({f"{e.source.kind}: {e.source.method}" for e in entries})
    facts["days"] = {
        day: {"node": _said([e for e in entries if e.day == day], totals[day][1])}
        | {
            use.value: _said([e for e in mine if e.day == day], spent[day, use])
            for use, mine in by_use.items()
        }
        for day in sorted(totals)
    }
    return facts


def lines(facts: Facts) -> list[str]:
    """The same for a person."""
    said = []
    for name in (*(use.value for use in Use), "node"):
        if name not in facts:
            continue
        said.append(f"{name:18} {_told(facts[name])}")
        said += [f"  {what:16} {_told(step)}" for what, step in facts[name].get("steps", {}).items()]
    said += [f"{day:18} {_told(parts['node'])}" for day, parts in facts.get("days", {}).items()]
    return [*said, *facts.get("methods", [])]


def summary(home: Home) -> Facts | None:
    """The node's total for its status; None before it ran."""
    entries = EnergyBook(home.work(FILE)).entries()
    return _said(entries, 0, with_time=False) if entries else None


def book_transaction(home: Home, what: str, began_s: float) -> None:
    """Put a command on record as chain work: all CPU time of its process, and the time since `began_s` (monotonic seconds).

    OSError where the record cannot be written.
    """
    counted = ModelCounter().between(process.Moment(began_s, 0.0, None), process.now())
    account = Account(Use.CHAIN, what)
    nanojoules, nanoseconds = round(counted.joules * NANO), round(counted.seconds * NANO)
    booking = Booking(nanojoules=nanojoules, nanoseconds=nanoseconds)
    booking.energy[account, Source(counted.kind, counted.band_ppm, counted.method)] = nanojoules
    booking.time[account] = nanoseconds
    EnergyBook(home.work(FILE)).add(datetime.now(UTC).date().isoformat(), booking)


def _said(entries: Iterable[Entry], nanoseconds: int, with_time: bool = True) -> Facts:
    total = total_of((e.source.kind, e.source.band_ppm, e.nanojoules) for e in entries)
    facts: Facts = {"joules": total.nanojoules / NANO, "kind": total.kind, "band_ppm": total.band_ppm}
    return facts | {"seconds": nanoseconds / NANO} if with_time else facts


def _told(said: Facts) -> str:
    return (
        f"{said['joules']:.3f} J {said['kind']} ±{said['band_ppm'] / 10_000:.0f} % in {said['seconds']:.0f} s"
    )
