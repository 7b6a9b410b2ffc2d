"""`python -m scripts.stack up|down|status`: the local stack from a terminal."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from scripts.stack.config import ROOT, Ports, StackConfig
from scripts.stack.process import send
from scripts.stack.record import Record, read_record
from scripts.stack.stack import Stack, StackFailed, end_orphans

_LOOK_SECONDS = 0.1
_DOWN_SECONDS = 45.0
REPLICAS = ("backends", "dispatchers", "settlers", "aggregators")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 0 when it did what was asked (`status`: when the stack is ready), 1 with a sentence when not."""
    options = _parser().parse_args(arguments)
    command = {"up": _up, "down": _down, "status": _status}[options.command]
    try:
        return command(options)
    except (StackFailed, ValueError) as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the stack and stay in front of it until Ctrl-C")
    up.add_argument("--detach", action="store_true", help="return once it is ready and leave it running")
    up.add_argument("--trainers", type=int, default=4, help="number of trainer processes (4)")
    up.add_argument("--validators", type=int, default=3, help="number of validator processes (3)")
    for kind in REPLICAS:
        up.add_argument(f"--{kind}", type=int, default=1, help=f"number of {kind[:-1]} processes (1)")
    up.add_argument("--no-restart", action="store_true", help="leave parts that die down")
    up.add_argument(
        "--adversary",
        action="append",
        default=[],
        metavar="NODE=FILE:CLASS",
        help="let a node misbehave, as this class does",
    )
    for port in fields(Ports):
        help_text = f"{port.default}, or {Ports.env_name(port.name)}"
        up.add_argument(f"--{port.name.replace('_', '-')}-port", type=int, metavar="PORT", help=help_text)
    down = commands.add_parser("down", help="stop the stack; its state is kept")
    status = commands.add_parser("status", help="show which parts run")
    for each in (up, down, status):
        each.add_argument(
            "--state", type=Path, default=_default_state(), help="the stack's folder (run/stack)"
        )
        each.add_argument("--json", action="store_true", help="print the record as JSON in the end")
    return parser


def _default_state() -> Path:
    return Path(os.environ.get("ECODML_STATE_DIR") or ROOT / "run" / "stack")


def _config(options: argparse.Namespace) -> StackConfig:
    chosen = {
        port.name: number for port in fields(Ports) if (number := getattr(options, f"{port.name}_port"))
    }
    adversaries = dict(each.split("=", 1) for each in options.adversary)
    return StackConfig(
        state=options.state,
        ports=replace(Ports.from_environment(os.environ), **chosen),
        trainers=options.trainers,
        validators=options.validators,
        **{kind: getattr(options, kind) for kind in REPLICAS},
        restart=not options.no_restart,
        mongodb_uri=os.environ.get("MONGODB_URI") or None,
        node_arguments={node: ("--adversary", source) for node, source in adversaries.items()},
    )


def _up(options: argparse.Namespace) -> int:
    config = _config(options)
    record = read_record(config.state)
    if record and record.running and record.status == "ready":
        return _tell(record, options.json)
    if options.detach:
        return _up_detached(options, config)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _interrupt(stopping))
    stack = Stack(config, _say)
    try:
        stack.start()
        _tell(read_record(config.state), options.json)
        stopping.wait()
    except KeyboardInterrupt:
        _say("stopping")
    stack.stop()
    return 0


def _interrupt(stopping: threading.Event) -> None:
    if not stopping.is_set():
        stopping.set()
        raise KeyboardInterrupt


def _up_detached(options: argparse.Namespace, config: StackConfig) -> int:
    """Start a supervisor that outlives this process, and tell what it tells until it is ready."""
    config.logs.mkdir(parents=True, exist_ok=True)
    log = config.logs / "supervisor.log"
    again = [argument for argument in sys.argv[1:] if argument not in ("--detach", "--json")]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "scripts.stack", *again],
            cwd=Path.cwd(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with log.open(encoding="utf-8") as told:
        while supervisor.poll() is None:
            record = read_record(config.state)
            ready = (
                record is not None and record.supervisor.pid == supervisor.pid and record.status == "ready"
            )
            _pass_on(told.read(), options.json)
            if ready:
                return _tell(record, True) if options.json else 0
            time.sleep(_LOOK_SECONDS)
        _pass_on(told.read(), options.json)
    return 1


def _pass_on(text: str, to_stderr: bool) -> None:
    print(text, end="", flush=True, file=sys.stderr if to_stderr else sys.stdout)


def _down(options: argparse.Namespace) -> int:
    record = read_record(options.state)
    if record and record.running:
        send_to = record.supervisor
        _say(f"stopping {len(record.parts)} parts")
        os.kill(send_to.pid, signal.SIGTERM)
        until = time.monotonic() + _DOWN_SECONDS
        while send_to.alive and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        if send_to.alive:
            send(send_to.pid, send_to.ticks, signal.SIGKILL)
            record = read_record(options.state)
    left = end_orphans(record)
    _say(f"ended what was left: {', '.join(left)}" if left else "nothing of the stack runs")
    return 0


def _status(options: argparse.Namespace) -> int:
    record = read_record(options.state)
    if record is None:
        raise StackFailed(f"No stack was started in {options.state} yet: run make up.")
    if not options.json:
        for name, known in record.parts.items():
            print(f"{name:14} {'runs' if known.alive else 'ended'} (PID {known.pid})")
    _tell(record, options.json)
    return 0 if record.running and record.status == "ready" else 1


def _tell(record: Record | None, as_json: bool) -> int:
    if record is None:
        return 1
    status = record.status if record.running else "stopped"
    alive = {name: known.pid for name, known in record.parts.items() if known.alive}
    if as_json:
        print(
            json.dumps(
                {"status": status, "pids": alive, "urls": record.urls, "message": record.message}, indent=1
            )
        )
    else:
        print(f"stack: {status}, {len(alive)} parts run")
        for name, url in record.urls.items() if record.running else ():
            print(f"  {name:8} {url}")
    return 0


def _say(line: str) -> None:
    print(f"stack: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
