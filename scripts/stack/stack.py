"""A whole stack: started in order, each part waited for, stopped in reverse."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from scripts.stack import nodes, probes
from scripts.stack.children import Child, Children
from scripts.stack.config import StackConfig
from scripts.stack.deploy import DeployFailed, deploy, fund_roles
from scripts.stack.keys import make_keys
from scripts.stack.nodes import JoinFailed
from scripts.stack.parts import NotInstalled, Part, check_installed, make_parts
from scripts.stack.process import end, read_tail
from scripts.stack.record import Record, read_record, this_process, write_record
from scripts.stack.rpc import RpcError

# Stopped together, group after group: who uses a part goes before the part.
_DATABASE_AND_CHAINS = ("queue", "mongod", "carbon", "market")
_LOOK_SECONDS = 0.1
_ORPHAN_SECONDS = 5.0


class StackFailed(Exception):
    """The stack could not be started; one sentence, and the end of the log that tells why."""


class Stack:
    """The parts of `config` as processes of this one. They end with it, whatever ends it.

    `say` receives a line for each thing that became ready. Usable as a context manager.
    """

    def __init__(self, config: StackConfig, say: Callable[[str], None] = print) -> None:
        self.config = config
        self._say = say
        self._parts: dict[str, Part] = {}
        self._children: Children | None = None
        self._status = "stopped"
        self._message = ""

    @property
    def urls(self) -> dict[str, str]:
        """Where a person or a test reaches the stack."""
        config = self.config
        return {
            "api": config.api_url,
            "mail": config.mail_page_url,
            "market": config.market_rpc_url,
            "carbon": config.carbon_rpc_url,
            "mongodb": config.database_uri,
        }

    @property
    def children(self) -> dict[str, Child]:
        """Every started part by name."""
        return self._children.all() if self._children else {}

    def start(self) -> Stack:
        """Return when everything is ready; StackFailed, with nothing left running, when it cannot be."""
        self._refuse_double_start()
        self._children = Children(
            self.config.logs, self._say, self._changed, longest_pause_s=self.config.longest_pause_s
        )
        self._status = "starting"
        try:
            self._start()
        except (DeployFailed, JoinFailed, NotInstalled, RpcError, StackFailed) as error:
            self._fail(str(error))
            raise StackFailed(str(error)) from error
        except BaseException:
            self._fail("It was interrupted while starting.")
            raise
        # What dies while starting is a fault to show, not to paper over.
        self._children.restart = self.config.restart
        self._status = "ready"
        self._changed()
        return self

    def stop(self) -> None:
        """End every part, in reverse order. Does nothing when nothing runs."""
        if self._children is None:
            return
        self._status = "stopping"
        kinds = (("aggregator", "evaluator"), ("dispatcher", "settler"), ("front",), ("api",))
        groups = (
            tuple(name for name, _ in self.config.nodes),
            *(
                tuple(name for name in self.config.servers if name.partition("-")[0] in kind)
                for kind in kinds
            ),
            ("mailsink",),
            *((name,) for name in _DATABASE_AND_CHAINS),
        )
        for group in groups:
            self._children.stop(group)
        self._children.close()
        self._status = "stopped"
        self._changed()
        self._children = None

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Signal a part, which is then not brought back; KeyError for a part that was not started."""
        self._running().kill(name, number)

    def stop_parts(self, *names: str) -> None:
        """End single parts and leave them down."""
        self._running().stop(names)

    def start_parts(self, *names: str) -> None:
        """Bring single parts back and wait until they are ready."""
        for name in names:
            self._running().start(self._parts[name])
        self._await(*names)

    def restart_node(self, name: str, *arguments: str) -> None:
        """End a node and start it again with other arguments after `run`, such as `--adversary FILE.py:CLASS`."""
        self.stop_parts(name)
        told = {**self.config.node_arguments, name: arguments}
        self._parts[name] = make_parts(replace(self.config, node_arguments=told))[name]
        self._running().start(self._parts[name])

    def admit(self, name: str, *arguments: str) -> None:
        """Let a latecomer join the market and start it, with more arguments after `run`; JoinFailed."""
        nodes.join(self.config, [self._parts[name]])
        self.restart_node(name, *arguments)

    def __enter__(self) -> Stack:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- starting ------------------------------------------------------------------------------

    def _start(self) -> None:
        config = self.config
        check_installed()
        for folder in ("market", "carbon", "mongo", "objects", "logs", "nodes"):
            (config.state / folder).mkdir(parents=True, exist_ok=True)
        addresses = make_keys(config.keys)
        self._parts = make_parts(config)
        database = () if config.mongodb_uri else ("mongod",)

        # TensorFlow takes its time: these import it while the rest comes up, then try until the API answers.
        queue = ("queue",) if config.is_spread else ()
        workers = [name for name in config.servers if name.startswith(("aggregator", "evaluator"))]
        apis = [name for name in config.servers if name.startswith(("api", "front"))]
        others = [name for name in config.servers if name not in (*workers, *apis)]
        self._launch("market", "carbon", *database, *queue, "mailsink", *workers)
        self._await("market", "carbon")
        fund_roles(config, addresses)
        deploy(config, addresses, self._say)

        present = [name for name, _ in config.nodes if name not in config.latecomers]
        newcomers = [name for name in present if not nodes.has_joined(config, name)]
        self._launch(*(name for name in present if name not in newcomers))
        self._await(*database, *queue, "mailsink")
        self._launch(*apis, *others)
        self._await(*apis)
        if newcomers:
            self._say(f"joining the market: {', '.join(newcomers)}")
            nodes.join(config, [self._parts[name] for name in newcomers])
            self._launch(*newcomers)
        self._await(*others, *workers, *present)

    def _launch(self, *names: str) -> None:
        for name in names:
            self._running().start(self._parts[name])

    def _await(self, *names: str) -> None:
        """Wait until these are ready, telling of each; StackFailed for one that died or takes too long."""
        waiting = [self._running().get(name) for name in names]
        began = time.monotonic()
        while waiting:
            for child in tuple(waiting):
                if child.part.ready():
                    waiting.remove(child)
                    self._say(f"{child.part.name}: ready after {time.monotonic() - child.since:.1f} s")
                else:
                    # One that nobody asked before may need a first question to become ready (mongod does).
                    self._check(child, max(began, child.since))
            if waiting:
                time.sleep(_LOOK_SECONDS)

    def _check(self, child: Child, since: float) -> None:
        name = child.part.name
        log = self.config.logs / f"{name}.log"
        if not child.alive:
            raise StackFailed(
                f"{name} ended with {child.returncode} before it was ready; {log} says:\n{read_tail(log, 1_500)}"
            )
        if time.monotonic() - since > child.part.ready_within_s:
            waited = child.part.ready_within_s
            raise StackFailed(
                f"{name} was not ready after {waited:.0f} s; {log} says:\n{read_tail(log, 1_500)}"
            )

    def _refuse_double_start(self) -> None:
        record = read_record(self.config.state)
        if record and record.running and record.supervisor != this_process():
            raise StackFailed(
                f"This stack already runs (PID {record.supervisor.pid}): stop it first, with make down."
            )
        end_orphans(record)
        for name, port in self.config.used_ports.items():
            if probes.listens(port):
                setting = self.config.ports.env_name(name)
                raise StackFailed(
                    f"Another program listens on port {port}: stop it, or choose another with {setting}."
                )

    # --- the record ----------------------------------------------------------------------------

    def _fail(self, message: str) -> None:
        self.stop()
        self._status, self._message = "failed", message
        self._changed()

    def _changed(self) -> None:
        parts = {name: child.known for name, child in self.children.items() if child.alive}
        write_record(self.config.state, Record(self._status, this_process(), self.urls, parts, self._message))

    def _running(self) -> Children:
        if self._children is None:
            raise StackFailed("The stack is not running.")
        return self._children


def end_orphans(record: Record | None) -> list[str]:
    """End what a supervisor left behind; the names of the parts that still ran."""
    left = [name for name, known in reversed(record.parts.items()) if known.alive] if record else []
    for name in left:
        known = record.parts[name] if record else None
        if known:
            end(known.pid, known.ticks, _ORPHAN_SECONDS)
    return left
