"""`ecodml node join|attach|run|status|earnings|energy|contest|leave|withdraw`.

Exit codes: 0 done, 1 failure, 2 bad input, 3 cannot reach the other side.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fl_nodes.cli import earnings, energy, membership
from fl_nodes.cli.home import DEFAULT_HOME, Home
from fl_nodes.errors import NodeError, Refused, Unreachable
from fl_nodes.trust import ca_file_option, trusting

DEFAULT_API = "http://127.0.0.1:8600"
EXIT_FAILED = 1
EXIT_REFUSED = 2
EXIT_UNREACHABLE = 3


def main(argv: list[str] | None = None) -> int:
    """Run one command."""
    options = _parser().parse_args(argv)
    try:
        trusting(options.ca_file)
        return int(options.command(options))
    except NodeError as error:
        if options.json:
            sys.stdout.write(json.dumps({"error": {"code": error.code, "message": error.message}}) + "\n")
        else:
            sys.stderr.write(f"{error.message} [{error.code}]\n")
        if isinstance(error, Unreachable):
            return EXIT_UNREACHABLE
        return EXIT_REFUSED if isinstance(error, Refused) else EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecodml node", description="Earn by training: join, run, watch, leave."
    )
    commands = parser.add_subparsers(
        required=True, metavar="join|attach|run|status|earnings|energy|contest|leave|withdraw"
    )
    api = os.environ.get("ECODML_API_URL", DEFAULT_API)

    join = _command(
        commands, "join", "register a node and pay its deposit", _telling(membership.join), wallet=True
    )
    join.add_argument(
        "--name", required=True, help="unique: 1 to 40 letters, digits, dots, dashes, underscores"
    )
    join.add_argument(
        "--role", choices=("trainer", "validator"), default="trainer", help="what it does (trainer)"
    )
    join.add_argument(
        "--deposit", metavar="COINS", help="in the chain's native coin (the least that is allowed)"
    )
    join.add_argument("--api", default=api, metavar="URL", help=f"the market ({api})")

    attach = _command(
        commands, "attach", "join with a wallet that is not on this machine, and serve until stopped", _attach
    )
    attach.add_argument("--api", default=api, metavar="URL", help=f"the market ({api})")
    attach.add_argument(
        "--provider", required=True, metavar="ADDRESS", help="the wallet that pays the deposit"
    )
    attach.add_argument("--name", required=True, help="as the page's command has it")
    attach.add_argument("--role", choices=("trainer", "validator"), default="trainer")
    attach.add_argument("--invitation", metavar="TOKEN", help="from the market's page, good for an hour")
    _serving(attach)

    run = _command(commands, "run", "serve until stopped", _run)
    run.add_argument("--api", metavar="URL", help="the market (the one joined)")
    _serving(run)

    supply = _command(
        commands,
        "forecast",
        "what the site's sun and wind give, and which forecast says so",
        _telling(_forecast, _forecast_lines),
    )
    supply.add_argument(
        "--site", type=Path, required=True, metavar="FILE", help="describes it (TOML or JSON)"
    )
    supply.add_argument(
        "--judge",
        action="store_true",
        help="choose the forecast anew, on held-out weeks of the site's weather",
    )
    supply.add_argument(
        "--models",
        nargs="+",
        default=["ridge", "boosting", "lstm"],
        metavar="NAME",
        help="with --judge: which to try",
    )
    supply.add_argument("--epochs", type=int, default=6, help="how often the network sees each hour (6)")
    supply.add_argument("--seed", type=int, default=1)

    contest = _command(
        commands, "contest", "contest an accusation", _telling(membership.contest), wallet=True
    )
    contest.add_argument("job", metavar="JOB", help="the job's id (0x...)")
    contest.add_argument(
        "--reason",
        metavar="TEXT_OR_FILE",
        help="why; its SHA-256 goes on chain, itself to the arbiter by you",
    )
    contest.add_argument("--api", metavar="URL", help="the market (the one joined)")

    for name, text, command in (
        ("status", "standing, earnings, jobs and accusations", membership.status),
        ("leave", "ask to exit", membership.leave),
        ("withdraw", "take out earnings, and the deposit when unbonding is over", membership.withdraw),
    ):
        sub = _command(commands, name, text, _telling(command), wallet=name != "status")
        sub.add_argument("--api", metavar="URL", help="the market (the one joined)")

    paid = _command(
        commands,
        "earnings",
        "what jobs paid, and why so much",
        _telling(earnings.earnings, earnings.lines),
    )
    paid.add_argument("job", nargs="?", metavar="JOB", help="a job's id: explain its pay part by part")
    paid.add_argument("--api", metavar="URL", help="the market (the one joined)")

    drawn = _command(
        commands, "energy", "what the node has drawn, by use and day", _telling(energy.energy, energy.lines)
    )
    drawn.add_argument("job", nargs="?", metavar="JOB", help="of this job alone")
    return parser


def _command(
    commands: Any, name: str, text: str, command: Callable[[argparse.Namespace], int], wallet: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument(
        "--home", type=Path, default=DEFAULT_HOME, metavar="DIR", help=f"its folder ({DEFAULT_HOME})"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    ca_file_option(parser)
    if wallet:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--keystore", type=Path, metavar="FILE", help="the staking wallet's encrypted keystore"
        )
        which.add_argument(
            "--private-key-env", metavar="VAR", help="variable that holds the wallet's private key"
        )
    parser.set_defaults(command=command, said=name)
    return parser


def _serving(run: argparse.ArgumentParser) -> None:
    """How a node serves."""
    run.add_argument("--rpc", metavar="URL", help="the market chain (as the market says)")
    run.add_argument("--zone", default="", help="energy zone, such as ES or US-CAL-CISO")
    run.add_argument(
        "--site", type=Path, metavar="FILE", help="describes its panels, turbine and weather (TOML or JSON)"
    )
    run.add_argument("--threads", type=int, help="threads of one TensorFlow operation")
    run.add_argument(
        "--machine-share",
        type=_share,
        default=1.0,
        metavar="PART",
        help="part of the machine that is kept for this node, above 0 up to 1: its idle power is counted (1)",
    )
    run.add_argument(
        "--rest-command",
        metavar="COMMAND",
        help="what to run when nobody is expected to need this machine for {seconds}, "
        "such as 'sudo rtcwake -m mem -s {seconds}'",
    )
    run.add_argument(
        "--adversary", metavar="FILE.py:CLASS", help="misbehave as this class does, to try the checks"
    )


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most 1, not {text}")
    return share


def _fields(facts: dict[str, Any]) -> list[str]:
    return [f"{name.replace('_', ' '):18} {value}" for name, value in facts.items()]


def _telling(
    command: Callable[[argparse.Namespace], dict[str, Any]],
    lines: Callable[[dict[str, Any]], list[str]] = _fields,
) -> Callable[[argparse.Namespace], int]:
    def tell(options: argparse.Namespace) -> int:
        began_s = time.monotonic()
        facts = command(options)
        if "keystore" in options:
            _book(options, began_s)
        if options.json:
            print(json.dumps(facts, default=str))
        else:
            print("\n".join(lines(facts)))
        return 0

    return tell


def _book(options: argparse.Namespace, began_s: float) -> None:
    """A command that may sign transactions is chain work; that it cannot be counted does not undo it."""
    try:
        energy.book_transaction(Home(options.home), options.said, began_s)
    except OSError as error:
        sys.stderr.write(f"What this took could not be put on record: {error}.\n")


def _forecast(options: argparse.Namespace) -> dict[str, Any]:
    from fl_nodes.cli import forecast

    return forecast.forecast(options)


def _forecast_lines(facts: dict[str, Any]) -> list[str]:
    from fl_nodes.cli import forecast

    return forecast.lines(facts)


def _attach(options: argparse.Namespace) -> int:
    from fl_nodes.cli.attach import attach

    return attach(options, _run)


def _run(options: argparse.Namespace) -> int:
    from fl_nodes.cli.running import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
