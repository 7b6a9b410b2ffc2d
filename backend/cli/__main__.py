"""The entry point of `ecodml`. Exit status: 0 done, 1 it went wrong or the
fee went back, 2 the input cannot be accepted."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from backend.cli import commands
from backend.cli.arguments import parser
from backend.cli.node import MODULES, run_in_node
from backend.cli.terminal import Terminal
from backend.errors import EcoError, Invalid
from fl_nodes.trust import trust

ROOT = Path(__file__).resolve().parents[2]
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    terminal = Terminal(as_json="--json" in arguments)
    _keep_the_log_off_stdout()
    try:
        if arguments and arguments[0] in MODULES:
            run_in_node(ROOT, arguments[0], arguments[1:])
        return _run(parser().parse_args(arguments), terminal)
    except EcoError as error:
        terminal.complain(error.code, error.message)
        return 2 if isinstance(error, Invalid) else 1
    except KeyboardInterrupt:
        terminal.complain(
            "cli.interrupted", "Stopped here; what was paid stays in escrow, and its ticket goes on."
        )
        return _INTERRUPTED


def _keep_the_log_off_stdout() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    try:
        trust(getattr(options, "ca_file", None))
    except ValueError as error:
        raise Invalid("cli.ca_file", str(error)) from error
    run = {
        "train": commands.train,
        "ticket": commands.ticket,
        "fetch": commands.fetch,
        "reclaim": commands.reclaim,
        "audit": commands.audit,
        "credits": commands.eco_credits,
        "evidence": commands.evidence,
        "energy": commands.energy,
        "certificate": commands.certificate,
        "faucet": commands.faucet,
        "intensity": commands.intensity,
        "ledger": commands.ledger,
        "wallet": commands.wallet,
    }
    if options.command == "doctor":
        return commands.doctor(options, terminal, ROOT)
    return run[options.command](options, terminal)


if __name__ == "__main__":
    raise SystemExit(main())
