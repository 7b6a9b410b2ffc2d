"""What stands in a market's way, for the admin, from the metrics that its API shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backend.cli.client import Api
from backend.cli.installed import Check
from backend.errors import EcoError

_SAMPLE = re.compile(r"^(ecodml_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
Sample = tuple[str, dict[str, str], float]

EFFECT_SECONDS = 900
TICKET_SECONDS = 1_800
MOVED_ON = ("UPLOADED", "VERIFYING", "SETTLING", "REFUNDING")
"""Where a ticket waits for nobody but the operator's processes."""
LEAST = {"trainer": 2, "validator": 3, "aggregator": 1, "evaluator": 1}
"""How many of a role must be there for jobs to run."""
LEAST_FREE = 0.1


def market(api: Api) -> Iterator[Check]:
    """The findings about the market behind an API."""
    try:
        with api.reach("GET", f"{api.url}/metrics") as response:
            samples = samples_of(response.text)
    except EcoError as error:
        yield Check(
            "metrics",
            "admin",
            False,
            error.message,
            "start the API: `make up`",
            "nothing can be said of the market while its API is down",
        )
        return
    yield from judged(samples)


def samples_of(text: str) -> list[Sample]:
    """(name, labels, value) of our metrics."""
    return [
        (name, dict(_LABEL.findall(labels)), float(value)) for name, labels, value in _SAMPLE.findall(text)
    ]


def judged(samples: list[Sample]) -> Iterator[Check]:
    """The findings about a market whose metrics these are, none where they could not be read; the words are those of
    docs/admin.md.
    """
    unread = [of["of"] for name, of, value in samples if name == "ecodml_readable" and value == 0]
    yield _check(
        "database",
        not unread,
        f"{', '.join(unread)} cannot be read" if unread else "readable",
        "the API cannot read what is kept: nothing can be said of it",
        "check MongoDB: is there a primary, is its disk full?",
    )
    for name, of, value in samples:
        judge = _JUDGES.get(name)
        if judge is not None:
            yield from judge(of, value)
    yield from _disk({name: value for name, _, value in samples})


def _effects(of: dict[str, str], number: float) -> Iterator[Check]:
    if of["state"] == "failed":
        yield _check(
            "effects given up",
            not number,
            f"{number:.0f}",
            "a contract refused a transaction for good, or a mail server a letter",
            "open /admin: it says which and why, and tries again",
        )


def _waiting(of: dict[str, str], seconds: float) -> Iterator[Check]:
    if of["state"] == "open":
        yield _check(
            "effects waiting",
            seconds < EFFECT_SECONDS,
            f"the oldest for {seconds:.0f} s",
            "nothing carries out what tickets ask for",
            "is the settler alive, does the chain answer, has the operator's account coin for gas? Read settler.log",
        )


def _tickets(of: dict[str, str], seconds: float) -> Iterator[Check]:
    if of["status"] in MOVED_ON and seconds > TICKET_SECONDS:
        yield _check(
            f"tickets {of['status']}",
            False,
            f"the oldest for {seconds:.0f} s",
            "a process should have moved it on",
            "open /admin, then look for its id in the logs of dispatcher and settler",
        )


def _process(of: dict[str, str], alive: float) -> Iterator[Check]:
    yield _check(
        of["process"],
        alive >= 1,
        f"{alive:.0f} alive",
        "no process of this kind has said a word for 15 s",
        "restart it: every process goes on where it was killed",
    )


def _workers(of: dict[str, str], online: float) -> Iterator[Check]:
    role = of["role"]
    least = LEAST.get(role, 0)
    yield _check(
        f"{role}s",
        online >= least,
        f"{online:.0f} connected",
        f"fewer than {least}: jobs wait, and are refunded at their deadline",
        "start more with `ecodml node run`" if least > 1 else f"restart the {role} and read its log",
    )


def _disk(values: dict[str, float]) -> Iterator[Check]:
    if "ecodml_disk_bytes" in values:
        free = values["ecodml_disk_free_bytes"] / values["ecodml_disk_bytes"]
        yield _check(
            "disk",
            free >= LEAST_FREE,
            f"{free:.0%} free",
            "uploads are refused when it is full",
            "make room where state is kept (ECODML_STATE_DIR)",
        )


def _check(name: str, fine: bool, detail: str, why: str, step: str) -> Check:
    return Check(name, "admin", fine, detail, step, why)


_JUDGES: dict[str, Callable[[dict[str, str], float], Iterator[Check]]] = {
    "ecodml_effects": _effects,
    "ecodml_effects_oldest_seconds": _waiting,
    "ecodml_ticket_oldest_seconds": _tickets,
    "ecodml_processes_alive": _process,
    "ecodml_nodes_online": _workers,
}
