"""What the pages weigh and how soon they show and answer: JSON on standard output, medians of several visits.

Every visit is a first one: a browser context of its own, nothing cached. `bytes` came over the wire (compressed, with headers) for
the page's own files; `data_bytes` what the API answered. Paints and the time from a click to the next paint are Chromium's own
figures (Paint Timing, Largest Contentful Paint, Event Timing); the click is on the theme switch, which restyles everything.
The stack is one of its own, with a small job that was played to its end.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from scripts.browser.chromium import chromium
from scripts.browser.people import People
from scripts.browser.places import PLACES, Place
from scripts.browser.visitor import Visitor
from scripts.demo.small_jobs import play_settled
from scripts.demo.stage import Stage
from scripts.demo.story import Story
from scripts.stack import StackConfig

LIMIT_BYTES = 400_000
VISITS = 5
# Event Timing tells only of what took at least this long, in steps of 8 ms.
SHORTEST_MS = 16
WATCH = """(() => {
  window.measured = { lcp: null, clicks: [] };
  const on = (type, more, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
  on("largest-contentful-paint", {}, (entry) => (measured.lcp = entry.startTime));
  on("event", { durationThreshold: 16 }, (entry) => entry.interactionId && measured.clicks.push(entry.duration));
})()"""
READ = """() => ({
  ...window.measured, fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
})"""


@dataclass(frozen=True)
class Visit:
    """One first visit to a page: bytes and requests of its files, bytes of data, milliseconds."""

    bytes: int
    requests: int
    data_bytes: int
    fcp_ms: float | None
    lcp_ms: float | None
    interaction_ms: float


def main() -> int:
    """Exit status 0 when everything was measured, met or not."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.web", description=__doc__)
    parser.add_argument("--visits", type=int, default=VISITS, help="how often each page is visited")
    parser.add_argument(
        "--markdown", action="store_true", help="print the table of docs/benchmarks/web.md instead"
    )
    options = parser.parse_args()
    visits = options.visits
    with tempfile.TemporaryDirectory() as folder:
        config = StackConfig(
            state=Path(folder) / "state",
            trainers=2,
            validators=3,
            environment={"ECODML_RATE_LIMIT_FACTOR": "20"},
        ).with_free_ports()
        with Stage(config, Story(out=sys.stderr)) as stage, chromium() as browser:
            people = People(stage, play_settled(stage, Path(folder)))
            pages = [_measured(browser, people, place, visits) for place in PLACES]
            version = browser.version
    heaviest = max(page["bytes"] for page in pages)
    document = {
        "chromium": version,
        "visits": visits,
        "pages": pages,
        "limits": {"bytes": LIMIT_BYTES},
        "met": {"bytes": heaviest <= LIMIT_BYTES, "axe": not any(page["axe_grave"] for page in pages)},
    }
    print(_table(document) if options.markdown else json.dumps(document, indent=2))
    return 0


def _table(document: dict[str, Any]) -> str:
    rows = [
        f"Chromium {document['chromium']}, medians of {document['visits']} first visits.",
        "",
        "| page | seen by | files | kB | data kB | first paint ms | largest paint ms | click ms | axe |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for page in document["pages"]:
        sizes = (page["requests"], f"{page['bytes'] / 1000:.0f}", f"{page['data_bytes'] / 1000:.0f}")
        times = (page["fcp_ms"], page["lcp_ms"], page["interaction_ms"])
        axe = ", ".join(f"{count} {impact}" for impact, count in page["axe"].items()) or "none"
        rows.append("| " + " | ".join(map(str, (page["page"], page["as"], *sizes, *times, axe))) + " |")
    return "\n".join(rows)


def _measured(browser: Browser, people: People, place: Place, visits: int) -> dict[str, Any]:
    print(f"bench: {place.name}", file=sys.stderr)
    seen: list[Visit] = []
    impacts: Counter[str] = Counter()
    for number in range(visits):
        visitor = people.visitor(browser, place.who)
        try:
            seen.append(_visit(visitor, people.path(place)))
            if number == 0:
                impacts = Counter(finding.impact for finding in visitor.findings())
        finally:
            visitor.close()
    return {
        "page": place.name,
        "as": place.who,
        "bytes": _median([visit.bytes for visit in seen]),
        "requests": _median([visit.requests for visit in seen]),
        "data_bytes": _median([visit.data_bytes for visit in seen]),
        "fcp_ms": _median([visit.fcp_ms for visit in seen]),
        "lcp_ms": _median([visit.lcp_ms for visit in seen]),
        "interaction_ms": _median([visit.interaction_ms for visit in seen]),
        "axe": dict(sorted(impacts.items())),
        "axe_grave": impacts["serious"] + impacts["critical"],
    }


def _visit(visitor: Visitor, path: str) -> Visit:
    page = visitor.page
    page.add_init_script(WATCH)
    traffic = page.context.new_cdp_session(page)
    traffic.send("Network.enable")
    asked: dict[str, str] = {}
    received: dict[str, int] = {}
    traffic.on("Network.responseReceived", lambda e: asked.update({e["requestId"]: e["response"]["url"]}))
    traffic.on(
        "Network.loadingFinished", lambda e: received.update({e["requestId"]: int(e["encodedDataLength"])})
    )
    visitor.open(path)
    visitor.shown()
    page.wait_for_load_state("networkidle")
    page.locator("#theme button, #theme select, #theme input").first.click()
    page.wait_for_timeout(200)  # until the browser has told of the paint that followed
    told = page.evaluate(READ)
    data = {i for i, url in asked.items() if urlsplit(url).path.startswith(("/api/", "/socket.io"))}
    files = set(received) - data
    return Visit(
        bytes=sum(received[i] for i in files),
        requests=len(files),
        data_bytes=sum(received.get(i, 0) for i in data),
        fcp_ms=told["fcp"],
        lcp_ms=told["lcp"],
        interaction_ms=max(told["clicks"], default=SHORTEST_MS),
    )


def _median(values: list[Any]) -> int | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known)) if known else None


if __name__ == "__main__":
    raise SystemExit(main())
