"""`python -m scripts.backup save|restore PATH`: everything an operator must not lose, in one folder or tar file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from backend import config
from backend.errors import Conflict, EcoError, Invalid
from fl_nodes.trust import trust
from scripts.backup.places import Places
from scripts.backup.restore import restore
from scripts.backup.save import save
from scripts.stack.config import ROOT

EXIT_REFUSED = 2


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 it went wrong and can be tried again, 2 refused."""
    options = _parser().parse_args(argv)
    try:
        trust()
        places = Places(config.load()) if options.environment else Places.of_stack(options.state.resolve())
        if options.command == "save":
            done = save(places, options.path, options.with_keys, _say)
        else:
            done = restore(places, options.path, options.force, _say)
    except (EcoError, OSError, ValueError) as error:
        code, message = (
            (error.code, error.message) if isinstance(error, EcoError) else ("backup.failed", f"{error}.")
        )
        if options.json:
            print(json.dumps({"error": {"code": code, "message": message}}))
        else:
            _say(f"{message} [{code}]")
        return EXIT_REFUSED if isinstance(error, Invalid | Conflict) else 1
    if options.json:
        print(json.dumps(done, indent=1))
    else:
        print("\n".join(_lines(done)))
    return 0


def _lines(done: dict[str, object]) -> list[str]:
    lines = [f"{name.replace('_', ' '):16} {told}" for name, told in done.items() if told != []]
    if done.get("keys_left_out"):
        lines.append("Keys are not in it: keep them elsewhere, or save with --with-keys.")
    if done.get("keys_missing"):
        lines.append("Put the missing keys back before you start: nothing else can make them anew.")
    return lines


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.backup",
        description="Save or restore database, objects and the state of local chains. Public chains are never copied: they are "
        "their own backup, and must answer when a backup is restored.",
        epilog="Exit status: 0 done, 1 it went wrong and can be tried again, 2 refused.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="save|restore")
    saving = commands.add_parser("save", help="write a backup; everything may run meanwhile")
    saving.add_argument(
        "--with-keys", action="store_true", help="the keys too: whoever has the backup has the money then"
    )
    restoring = commands.add_parser("restore", help="put a backup back; nothing may run meanwhile")
    restoring.add_argument("--force", action="store_true", help="replace what is there, which is lost")
    usual = Path(os.environ.get("ECODML_STATE_DIR") or ROOT / "run" / "stack")
    for command in (saving, restoring):
        command.add_argument("path", type=Path, metavar="FOLDER|FILE.tar", help="the backup")
        where = command.add_mutually_exclusive_group()
        where.add_argument("--state", type=Path, default=usual, help="the local stack's folder (run/stack)")
        where.add_argument(
            "--environment",
            action="store_true",
            help="the services that the environment names, as servers find them",
        )
        command.add_argument("--json", action="store_true", help="what was done as JSON, progress on stderr")
    return parser


if __name__ == "__main__":
    sys.exit(main())
