"""Grid intensity for tests: hourly files of the form Electricity Maps publishes, and a server that speaks its API."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HEADER = (
    "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),"
    "Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,Data Estimated,"
    "Data Estimation Method"
)


def unix(text: str) -> float:
    """Unix time of an ISO time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def write_hours(file: Path, zone: str, first: str, grams: list[float | None]) -> Path:
    """A file of consecutive hours from `first` (ISO, UTC); None leaves a row without a figure."""
    start = unix(first)
    rows = [HEADER]
    for later, g in enumerate(grams):
        stamp = datetime.fromtimestamp(start + 3600 * later, UTC).strftime("%Y-%m-%d %H:%M:%S")
        figures = "," if g is None else f"{g / 2},{g}"
        rows.append(f"{stamp},Spain,Spain,{zone},{figures},60,40,entsoe.eu,false,")
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


class GridServer:
    """What the API answers: `routes` maps an endpoint to (status, document) or a function of the query."""

    def __init__(self) -> None:
        self.routes: dict[str, tuple[int, Any] | Callable[[dict[str, str]], tuple[int, Any]]] = {}
        self.asked: list[tuple[str, dict[str, str], str | None]] = []
        self.url = ""

    def answer(self, path: str, token: str | None) -> tuple[int, Any]:
        """The answer to a GET."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        endpoint = parts.path.removeprefix("/v3/carbon-intensity/")
        self.asked.append((endpoint, query, token))
        found = self.routes.get(endpoint, (404, {"error": f"no {endpoint}"}))
        return found(query) if callable(found) else found


def entry(zone: str, when: float, grams: float, estimated: bool = False) -> dict[str, Any]:
    """One figure as `latest` and `history` give it."""
    return {
        "zone": zone,
        "carbonIntensity": grams,
        "datetime": _stamp(when),
        "updatedAt": _stamp(when + 2700),
        "createdAt": _stamp(when - 250_000),
        "emissionFactorType": "lifecycle",
        "isEstimated": estimated,
        "estimationMethod": "TIME_SLICER_AVERAGE" if estimated else None,
    }


def forecast(zone: str, made: float, grams: list[float]) -> dict[str, Any]:
    """A forecast from the hour of `made` on."""
    hours = [
        {"carbonIntensity": g, "datetime": _stamp(made // 3600 * 3600 + 3600 * later)}
        for later, g in enumerate(grams)
    ]
    return {"zone": zone, "forecast": hours, "updatedAt": _stamp(made)}


@contextmanager
def grid_server() -> Iterator[GridServer]:
    """A server on a free port of the loopback interface."""
    grid = GridServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = grid.answer(self.path, self.headers.get("auth-token"))
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", grid.url + "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    grid.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield grid
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _stamp(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
