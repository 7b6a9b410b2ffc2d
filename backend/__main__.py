"""`python -m backend api|dispatcher|settler|mailsink|settings`: one server process."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from backend import config, log
from backend.errors import EcoError, Invalid, exit_status
from fl_nodes.trust import trust

PROCESSES = {
    "api": "HTTP API, sockets, signed object URLs, pages",
    "dispatcher": "runs jobs and sends mails",
    "settler": "sends chain transactions and mirrors chain events",
    "mailsink": "local mail server that keeps mails for reading",
    "settings": "print every setting with its default and meaning",
}


def main() -> int:
    """Run one process until SIGTERM or SIGINT; exit 0, 1 with one sentence when it cannot start, 78 where a chain is not the one
    that the database belongs to: then starting it again does not help."""
    parser = argparse.ArgumentParser(prog="python -m backend", description=__doc__)
    parser.add_argument(
        "process", choices=PROCESSES, help="; ".join(f"{k}: {v}" for k, v in PROCESSES.items())
    )
    process = parser.parse_args().process
    if process == "settings":
        for env, default, text in config.describe():
            print(f"{env:34} {default:45} {text}")
        return 0
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings = config.load()
        log.configure(process, settings.log_form)
        _trust(settings)
        _run(process, settings, stopping)
    except EcoError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
        return exit_status(error)
    return 0


def _trust(settings: config.Settings) -> None:
    try:
        trust(settings.ca_file)
    except ValueError as error:
        raise Invalid("settings.ca_file", str(error)) from error


def _run(process: str, settings: config.Settings, stopping: threading.Event) -> None:
    if process == "mailsink":
        from backend.adapters.mail.sink import run_sink

        run_sink(settings)
        return
    from backend import bootstrap

    if process == "api":
        from backend.api.server import serve

        serve(bootstrap.api(settings))
    elif process == "dispatcher":
        bootstrap.dispatcher(settings, stopping.is_set)
    else:
        from backend.settlement.process import run_settler

        run_settler(bootstrap.settler(settings, stopping.is_set), stopping.is_set)


if __name__ == "__main__":
    sys.exit(main())
