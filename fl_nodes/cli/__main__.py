"""`ecodml node`: run a node of the market. Exit status: 0 done, 1 failed, 2 the input cannot be accepted, 3 unreachable."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fl_nodes.cli.terminal import complain
from fl_nodes.errors import NodeError, Refused, Unreachable

DEFAULT_API = "http://127.0.0.1:8600"
API_VARIABLE = "ECODML_API_URL"
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="ecodml node", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    default_api = os.environ.get(API_VARIABLE)

    def command(name: str, about: str, wallet: bool) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.add_argument("--home", type=Path, default=Path.home() / ".ecodml" / "node", help="the node's folder")
        made.add_argument("--api", default=default_api, metavar="URL", help=f"address of the market (or {API_VARIABLE})")
        made.add_argument("--json", action="store_true", help="print JSON")
        if name != "run":
            made.add_argument("--rpc", metavar="URL", help="address of the market chain, instead of the one the API names")
        if wallet:
            made.add_argument("--keystore", type=Path, metavar="FILE", help="the provider's encrypted wallet")
            made.add_argument("--private-key-env", metavar="VAR", help="environment variable with the provider's key")
        return made

    joining = command("join", "Lock a deposit and register a node.", wallet=True)
    joining.add_argument("--name", required=True, help="the node's public name")
    joining.add_argument("--role", required=True, choices=("trainer", "validator"), help="what it does")
    joining.add_argument("--deposit", metavar="ETH", help="what it stakes; the minimum unless given")
    joining.set_defaults(api=default_api or DEFAULT_API)
    running = command("run", "Connect and work until stopped.", wallet=False)
    running.add_argument("--adversary", metavar="FILE.py:CLASS", help="misbehave as this class does (for tests)")
    running.add_argument("--zone", default="", help="energy zone, such as DE or US-CAL-CISO")
    running.add_argument("--threads", type=int, help="threads of one TensorFlow operation")
    command("status", "Show deposit, rating, earnings and jobs.", wallet=False)
    command("leave", "Take no more jobs and ask for the deposit back.", wallet=True)
    command("withdraw", "Withdraw earnings, shares and a free deposit.", wallet=True)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        _command(options.command)(options)
    except NodeError as error:
        complain(options.json, error.code, error.message)
        if isinstance(error, Unreachable):
            return 3
        return 2 if isinstance(error, Refused) else 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _command(name: str) -> Callable[[argparse.Namespace], None]:
    """Imported when used: `run` needs TensorFlow, the others must not wait for it."""
    if name == "run":
        from fl_nodes.cli.run import run

        return run
    from fl_nodes.cli import commands

    chosen: Callable[[argparse.Namespace], None] = getattr(commands, name)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
