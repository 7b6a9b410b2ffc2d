"""The served API under schemathesis, driven by the API's own description: every operation, by nobody, by customer and provider,
by the arbiter, by the holder of a link, and by a browser whose request our page did not send. A crash is a status or a body that
the description does not have, a refusal without code and sentence, malformed input that is taken, a bug of the server's, or a
change made by a cookie alone.

Prints JSON by itself: python -m scripts.fuzz.api --minutes 5. Exit 0: no crash; 1: some.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from backend.api.auth import CSRF_HEADER
from scripts.fuzz.api_bodies import BODIES, mixed
from scripts.fuzz.api_market import Market, market
from scripts.fuzz.part import Budget, Crash, Outcome

ASKING = ("nobody", "customer", "provider", "arbiter", "link", "cookie alone")
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
EXAMPLES_AT_ONCE = 3
TIMEOUT_SECONDS = 20.0
TOO_LONG = (413, 414, 431)
MOST_CRASHES = 50
PAGE = "/train"
"""The one address of many that answer with the same page."""
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def run(budget: Budget) -> Outcome:
    """The API's part of the campaign."""
    with tempfile.TemporaryDirectory(prefix="ecodml-fuzz-api-") as folder, market(Path(folder)) as served:
        return Campaign(served).run(budget)


class Campaign:
    """Rounds over all operations, each round asked by others, until the budget is used up; the same rounds each time."""

    def __init__(self, served: Market) -> None:
        self._market = served
        description = requests.get(f"{served.url}/api/openapi.json", timeout=TIMEOUT_SECONDS).json()
        pages = {
            path for path, of in description["paths"].items() if of.get("get", {}).get("tags") == ["pages"]
        }
        for path in pages - {PAGE, "/static/{name}", "/vendor/{name}"}:
            del description["paths"][path]
        schema = schemathesis.openapi.from_dict(description)
        self._operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        self._crashes: dict[str, Crash] = {}
        self._inputs = 0
        self.tried: set[tuple[str, str]] = set()
        """Operations by who asked."""

    def run(self, budget: Budget) -> Outcome:
        """Until the time or the inputs are used up."""
        until = time.monotonic() + budget.seconds
        number = 0
        while not self._is_over(budget, until):
            for place, operation in enumerate(self._operations):
                for mode in MODES:
                    if not self._is_over(budget, until):
                        self._try(operation, ASKING[(place + number) % len(ASKING)], mode, number)
            number += 1
            budget.progress(f"api: round {number}, {self._inputs} inputs, {len(self._crashes)} crashes")
        return Outcome(self._inputs, tuple(self._crashes.values()))

    def _is_over(self, budget: Budget, until: float) -> bool:
        if len(self._crashes) >= MOST_CRASHES:
            return True
        return self._inputs >= budget.inputs if budget.inputs is not None else time.monotonic() > until

    def _try(self, operation: Any, asking: str, mode: Any, number: int) -> None:
        """A few generated requests to one operation."""
        headers, cookies, query = self._said(asking)
        knowing = st.sampled_from([True, True, False])

        @seed(number)
        @settings(
            max_examples=EXAMPLES_AT_ONCE, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode), picked=st.integers(0, 99), known=knowing)
        def one(case: Any, picked: int, known: bool) -> None:
            if known and mode is schemathesis.GenerationMode.POSITIVE:
                self._lead_somewhere(case, picked)
            self._inputs += 1
            self.tried.add((operation.label, asking))
            self._send(case, asking, headers, cookies, query)

        with contextlib.suppress(Unsatisfiable), _quiet():
            one()

    def _send(
        self, case: Any, asking: str, headers: dict[str, str], cookies: dict[str, str], query: dict[str, str]
    ) -> None:
        if asking == "cookie alone":
            for name in ("Authorization", CSRF_HEADER):
                (case.headers or {}).pop(name, None)
        try:
            answer = case.call(
                base_url=self._market.url, headers=headers, cookies=cookies, params=query or None, timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )  # fmt: skip
        except (requests.exceptions.InvalidHeader, UnicodeError):
            return  # no client can send that
        except requests.RequestException as error:
            self._keep(case, asking, f"no answer: {error!r}")
            return
        except Exception as error:  # noqa: BLE001 - how the library tells of a failed call
            self._keep(case, asking, f"no answer: {error!r}")
            return
        # The check knows no refusal of what is too long to be looked at.
        refused_anyway = asking == "cookie alone" or answer.status_code in TOO_LONG
        checks = [*_CHECKS] if refused_anyway else [*_CHECKS, negative_data_rejection]
        try:
            case.validate_response(answer, checks=checks)
        except BaseException as failure:
            if isinstance(failure, KeyboardInterrupt):
                raise
            told = "; ".join(str(one) for one in getattr(failure, "exceptions", [failure]))
            self._keep(case, asking, told)
        changes = case.method.upper() not in ("GET", "HEAD", "OPTIONS") and case.path.startswith("/api/")
        if asking == "cookie alone" and changes and answer.status_code not in (403, 401):
            self._keep(case, asking, f"{answer.status_code}: a cookie alone was enough")

    def _keep(self, case: Any, asking: str, said: str) -> None:
        where = f"{case.method} {case.path} by {asking}"
        brief = " ".join(said.split())[:600]
        self._crashes.setdefault(
            f"{case.method} {case.path} {brief[:60]}", Crash(where, brief, case.as_curl_command())
        )

    def _said(self, asking: str) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        """Headers, cookies and query of who asks."""
        match asking:
            case "nobody":
                return {}, {}, {}
            case "link":
                return {}, {}, self._market.link()
            case "cookie alone":
                return {}, self._market.cookie(), {}
            case _:
                return self._market.bearer(asking), {}, {}

    def _lead_somewhere(self, case: Any, picked: int) -> None:
        """Let a request be about something that there is, with a body of which most would be taken, or by a signed URL."""
        for name in case.path_parameters or {}:
            if name in self._market.known:
                values = self._market.known[name]
                case.path_parameters[name] = values[picked % len(values)]
        taken = BODIES.get(f"{case.method.upper()} {case.path}")
        if taken is not None and isinstance(case.body, dict):
            case.body = mixed(taken(self._market.world), case.body, picked)
        if case.path == "/objects/{key}" and case.method.upper() in ("GET", "PUT"):
            key, query = self._market.signed(case.method.upper())
            case.path_parameters["key"], case.query = key, {**(case.query or {}), **query}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz.api", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--inputs", type=int, help="in place of a time")
    options = parser.parse_args(arguments)
    progress: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    outcome = run(Budget(60 * options.minutes, options.inputs, progress))
    print(
        json.dumps(
            {"inputs": outcome.inputs, "crashes": [asdict(crash) for crash in outcome.crashes]}, indent=2
        )
    )
    return 1 if outcome.crashes else 0


if __name__ == "__main__":
    raise SystemExit(main())
