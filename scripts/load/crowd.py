"""`python -m scripts.load.crowd`: many nodes in one process of the nodes' environment, each with its own key and socket.

Told by lines on standard input (`report`, `here`, or its end to stop), answers with lines of JSON on standard output. With
`--work` tasks are done as a node does them; without it nothing of TensorFlow is loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter, OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from fl_nodes.connection import Introduction, Market
from fl_nodes.protocol.tasks import Role
from fl_nodes.session import KEPT_ANSWERS, RESEND_SECONDS, SHORT, Answer
from fl_nodes.signatures import account_from
from scripts.load.lines import each_line, tell
from scripts.load.member import Member

if TYPE_CHECKING:
    from scripts.load.workbench import Workbench

DIALS_AT_ONCE = 10


class Crowd:
    """The members of this process, and their tasks: one at a time, short ones beside."""

    def __init__(self, api_url: str, people: Sequence[Introduction], bench: Workbench | None) -> None:
        self.members = [Member(api_url, who, self._given, self._cancel) for who in people]
        self.accepted: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self._bench = bench
        self._loop = asyncio.get_running_loop()
        self._long = ThreadPoolExecutor(1, "tasks")
        self._short = ThreadPoolExecutor(1, "short tasks")
        self._pending: set[str] = set()
        self._cancelled: set[str] = set()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._background: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        dials = asyncio.Semaphore(DIALS_AT_ONCE)
        await asyncio.gather(*(member.run(stop, dials) for member in self.members))
        for pool in (self._long, self._short):
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def here(self) -> int:
        """How many have a seat."""
        return sum(member.is_here for member in self.members)

    def report(self) -> dict[str, Any]:
        """How it stands; seconds since the last report."""
        return {
            "here": self.here,
            "joins": sum(member.joins for member in self.members),
            "refusals": dict(Counter(code for member in self.members for code in member.refusals)),
            "join_seconds": [s for member in self.members for s in _taken(member.join_seconds)],
            "beat_seconds": [s for member in self.members for s in _taken(member.beat_seconds)],
            "tasks_accepted": len(self.accepted),
            "tasks_accepted_twice": sum(times > 1 for times in self.accepted.values()),
            "tasks_refused": dict(self.refused),
            "tasks_failed": dict(self.failures),
        }

    def _given(self, member: Member, task: dict[str, Any]) -> None:
        task_id = str(task.get("id"))
        self._cancelled.discard(task_id)
        if task_id in self._answers:
            self._start(self._deliver(member, task_id, self._answers[task_id]))
        elif task_id not in self._pending:
            self._pending.add(task_id)
            self._start(self._work(member, task_id, task))

    def _cancel(self, task_id: str) -> None:
        if task_id in self._pending:
            self._cancelled.add(task_id)

    async def _work(self, member: Member, task_id: str, task: dict[str, Any]) -> None:
        answer: Answer | None = Answer(
            "failed", {"id": task_id, "code": "task.unknown", "message": "This worker only waits."}
        )
        if self._bench is not None:
            pool = self._short if task.get("kind") in SHORT else self._long
            cancelled = lambda: task_id in self._cancelled  # noqa: E731
            answer = await self._loop.run_in_executor(pool, self._bench.answer, member.who, task, cancelled)
        self._pending.discard(task_id)
        if answer is None:
            return
        if answer.event == "failed":
            self.failures[str(answer.message["code"])] += 1
        self._answers[task_id] = answer
        while len(self._answers) > KEPT_ANSWERS:
            self._answers.popitem(last=False)
        await self._deliver(member, task_id, answer)

    async def _deliver(self, member: Member, task_id: str, answer: Answer) -> None:
        """Until the backend has it; where the node lost its seat meanwhile it will be asked again."""
        while (reply := await member.say(answer.event, answer.message)) is None:
            await member.joined(RESEND_SECONDS)
        if reply.get("ok"):
            self.accepted[task_id] += 1
        else:
            self.refused[str(reply.get("code"))] += 1

    def _start(self, work: Any) -> None:
        begun = self._loop.create_task(work)
        self._background.add(begun)
        begun.add_done_callback(self._background.discard)


def _taken(seconds: list[float]) -> list[float]:
    taken = seconds[:]
    seconds.clear()
    return taken


def introductions(people: Sequence[dict[str, str]], described: dict[str, Any]) -> list[Introduction]:
    """Nodes as `registration` wrote them down, on a machine as described."""
    return [
        Introduction(
            account=account_from(one["key"]),
            role=Role(one["role"]),
            name=one["name"],
            provider=one["provider"],
            zone=one["zone"],
            **described,
        )
        for one in people
    ]


async def _serve(options: argparse.Namespace, people: list[Introduction], bench: Workbench | None) -> None:
    stop = asyncio.Event()
    crowd = Crowd(options.api, people, bench)
    running = asyncio.create_task(crowd.run(stop))
    async for line in each_line():
        tell(crowd.report() if line == "report" else {"here": crowd.here})
    stop.set()
    running.cancel()


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.load.crowd", description=__doc__)
    parser.add_argument("--api", required=True, metavar="URL")
    parser.add_argument("--people", required=True, type=Path, metavar="FILE", help="who they are, with keys")
    parser.add_argument("--market", required=True, help="chain id and escrow as JSON")
    parser.add_argument("--folder", required=True, type=Path, help="for the nodes' work")
    parser.add_argument("--work", action="store_true", help="do the tasks that come (loads TensorFlow)")
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    bench, described = None, {}
    if options.work:
        from scripts.load.workbench import Workbench

        bench = Workbench(options.api, Market(**json.loads(options.market)), options.folder)
        described = bench.describes()
    people = introductions(json.loads(options.people.read_text(encoding="utf-8")), described)
    tell({"ready": len(people)})
    asyncio.run(_serve(options, people, bench))
    return 0


if __name__ == "__main__":
    sys.exit(main())
