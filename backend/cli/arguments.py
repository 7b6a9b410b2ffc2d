"""The grammar of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from backend.cli import specification
from backend.cli.diagnosis import PEOPLE
from backend.errors import Invalid


class Parser(argparse.ArgumentParser):
    """Refuses like every other part of the product: one sentence with a code."""

    def error(self, message: str) -> NoReturn:
        """Invalid `cli.usage`."""
        raise Invalid("cli.usage", f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def parser() -> Parser:
    """The parser of `ecodml`; each command sets `command`."""
    top = Parser(prog="ecodml", description="Federated training, paid for when it is verified.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _train(commands.add_parser("train", help="pay for a training of a file and hand it over"))
    _ticket(commands.add_parser("ticket", help="how a ticket stands"))
    _fetch(commands.add_parser("fetch", help="download a ticket's files"))
    _reclaim(commands.add_parser("reclaim", help="take the fee of an expired job back, without the operator"))
    _audit(commands.add_parser("audit", help="whether all about a job follows from the chain"))
    _evidence(
        commands.add_parser("evidence", help="download a job's evidence bundles that are yours to read")
    )
    _energy(commands.add_parser("energy", help="whether a job's energy statement follows from its readings"))
    _certificate(commands.add_parser("certificate", help="a job's green certificate, and whether it holds"))
    _faucet(commands.add_parser("faucet", help="coins of a local chain"))
    _credits(commands.add_parser("credits", help="Eco Credits: what an account holds, and using them up"))
    _wallet(commands.add_parser("wallet", help="make an encrypted keystore file, or name the address of one"))
    _intensity(commands.add_parser("intensity", help="what a zone's grid emits, now and in the next hours"))
    _ledger(commands.add_parser("ledger", help="the energy ledger: epochs, proofs, and whether it follows"))
    _doctor(commands.add_parser("doctor", help="what is missing or down"))
    commands.add_parser("verify", help="whether an evidence bundle shows that a node cheated", add_help=False)
    commands.add_parser(
        "node", help="the provider's commands: join, run, status, contest, leave", add_help=False
    )
    return top


def _train(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help="CSV, NPZ, IDX(.gz) or a zip of class folders"
    )
    specification.add_options(command)
    command.add_argument("--email", metavar="ADDR", help="where mails about the ticket go")
    command.add_argument(
        "--deadline", type=int, metavar="SECONDS", help="from the quote on; then the fee can be taken back"
    )
    command.add_argument("--wait", action="store_true", help="follow the ticket to its end")
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--reuse",
        type=Path,
        metavar="DIR",
        help="take a published result of this training, if there is one, for nothing",
    )
    which.add_argument("--retrain", action="store_true", help="train even where such a result was published")
    command.add_argument("--resume", metavar="ID", help="take up a ticket that was paid and not uploaded")
    _api(command)
    _wallet_options(command)
    _json(command)


def _ticket(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID")
    command.add_argument("--wait", action="store_true", help="follow the ticket to its end")
    _api(command)
    _wallet_options(command)
    _json(command)


def _fetch(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID")
    command.add_argument("dir", type=Path, metavar="DIR")
    _api(command)
    _wallet_options(command)
    _json(command)


def _reclaim(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "receipt", metavar="ID_OR_RECEIPT", help="a ticket paid from here, or a receipt file"
    )
    _wallet_options(command)
    _json(command)


def _audit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "job", metavar="JOB", help="a job's id (0x...), or a ticket's, which the API is asked"
    )
    command.add_argument("--rpc", metavar="URL", help="the market chain, by default where the API says")
    command.add_argument(
        "--deployments", type=Path, metavar="FILE", help="the contracts, by default those the API names"
    )
    command.add_argument("--spec", type=Path, metavar="FILE", help="the job's specification, as JSON")
    command.add_argument("--model", type=Path, metavar="FILE", help="the trained model")
    command.add_argument("--verdict", type=Path, metavar="FILE", help="the published verdict: verdict.json")
    command.add_argument("--rounds", type=Path, metavar="FILE", help="the published rounds: rounds.json")
    _api(command)
    _wallet_options(command)
    _json(command)


def _evidence(command: argparse.ArgumentParser) -> None:
    command.add_argument("job", metavar="JOB", help="a job's id (0x...)")
    command.add_argument("dir", type=Path, metavar="DIR")
    _api(command)
    _wallet_options(command)
    _json(command)


def _certificate(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "what", choices=("show", "verify"), help="as the API tells it; as the carbon chain does"
    )
    command.add_argument("job", metavar="JOB", help="a job's id (0x...)")
    command.add_argument("--rpc", metavar="URL", help="the carbon chain, by default where the API says")
    command.add_argument(
        "--deployments", type=Path, metavar="FILE", help="the contracts; the API is then not asked at all"
    )
    _api(command)
    _json(command)


def _energy(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help="energy.json, as `ecodml fetch` downloads it"
    )
    _json(command)


def _faucet(command: argparse.ArgumentParser) -> None:
    command.add_argument("address", metavar="ADDRESS")
    _api(command)
    _json(command)


def _credits(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    held = actions.add_parser("list", help="what an account holds and has used up")
    held.add_argument("account", nargs="?", metavar="ADDRESS", help="whose, by default the wallet's")
    shown = actions.add_parser("show", help="one certificate")
    shown.add_argument("certificate", type=int, metavar="NUMBER")
    retire = actions.add_parser("retire", help="use credits up for ever; leaves a certificate")
    retire.add_argument("zone", metavar="ZONE", help="such as ES")
    retire.add_argument("vintage", metavar="MONTH", help="such as 2026-11")
    retire.add_argument("amount", metavar="AMOUNT", help="µgCO2e, or all")
    retire.add_argument("--beneficiary", default="", metavar="TEXT", help="who may say so, up to 100 bytes")
    retire.add_argument("--reason", default="", metavar="TEXT", help="what for, up to 200 bytes")
    for action in (held, shown, retire):
        action.add_argument("--rpc", metavar="URL", help="the carbon chain, by default where the API says")
        _api(action)
        _wallet_options(action)
        _json(action)


def _wallet(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE")
    _json(command)


def _intensity(command: argparse.ArgumentParser) -> None:
    command.add_argument("zone", metavar="ZONE", help="as Electricity Maps writes it: ES, US-CAL-CISO")
    command.add_argument("--hours", type=int, default=24, metavar="N", help="how many hours from now on (24)")
    _api(command)
    _json(command)


def _ledger(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    epochs = verbs.add_parser("epochs", help="the newest epochs")
    show = verbs.add_parser("show", help="one epoch and its jobs")
    show.add_argument("index", type=int, metavar="INDEX")
    prove = verbs.add_parser("prove", help="that a job or a reading stands in its epoch")
    prove.add_argument("what", metavar="JOB[/ROUND/NODE]")
    audit = verbs.add_parser("audit", help="whether all of it follows from both chains")
    audit.add_argument("--rpc", metavar="URL", help="the market chain, by default where the API says")
    audit.add_argument("--carbon-rpc", metavar="URL", help="the carbon chain, by default where the API says")
    audit.add_argument(
        "--deployments",
        type=Path,
        metavar="FILE",
        help="the contracts; no API is asked, nor readings looked at",
    )
    for verb in (epochs, show, prove, audit):
        _api(verb)
        _json(verb)


def _doctor(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--for",
        dest="person",
        choices=PEOPLE,
        help="explain what stands in this person's way, instead of what is installed and up",
    )
    command.add_argument(
        "--node-home",
        type=Path,
        default=Path("~/.ecodml/node"),
        metavar="DIR",
        help="provider: the node's folder (default ~/.ecodml/node)",
    )
    _api(command)
    _json(command)


def _api(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--api", metavar="URL", help="the API, by default $ECODML_API_URL or http://127.0.0.1:8600"
    )
    command.add_argument(
        "--ca-file",
        type=Path,
        metavar="FILE",
        help="certificates (PEM) to trust beside the system's, by default $ECODML_CA_FILE",
    )


def _wallet_options(command: argparse.ArgumentParser) -> None:
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--keystore", type=Path, metavar="FILE", help="encrypted keystore, by default ~/.ecodml/keystore.json"
    )
    which.add_argument(
        "--private-key-env", metavar="VAR", help="variable of the environment that holds the private key"
    )


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json", action="store_true", help="one JSON document on stdout, progress on stderr"
    )
