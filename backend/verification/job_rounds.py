"""Audits the way from the first model to the last: each round's root, what was trained on what, and what each round led to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backend.domain import job as words
from backend.domain.spec import JobSpec, training_spec
from backend.verification.job_history import JobHistory
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol import challenge
from fl_nodes.protocol.binding import work_digest
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.tasks import Commitment
from fl_nodes.protocol.verdict_tasks import VerdictTask

NAME = "lineage"
_MEANING = "The model did not come about as it was published, or the rounds were changed afterwards: ask the validators."


@dataclass(frozen=True)
class JobRounds:
    """The published rounds of a job (`rounds.json`): where they began, each trainer's shard, and what was said in each."""

    initial_model_sha256: str
    shards: dict[str, str]
    architecture: dict[str, Any]
    rounds: tuple[RoundEvidence, ...]


def lineage(
    history: JobHistory, rounds: JobRounds | None, spec: JobSpec | None, said: VerdictTask | None
) -> Finding:
    """The rounds on chain are these; each trained the model of the one before, and the last one's is the result."""
    if rounds is None:
        return unchecked(
            NAME,
            "What was said in each round was not handed over.",
            "Name the published rounds with --rounds.",
        )
    if not rounds.rounds:
        return judged(NAME, ["No round was handed over."], "", _MEANING)
    problems = [*_on_chain(history, rounds), *_challenges(rounds)]
    if spec is not None:
        problems += _work(rounds, spec)
    if said is not None:
        problems += _same_statements(rounds, said)
    closed = [r for r in rounds.rounds if r.model_sha256]
    on_what = (
        "each commitment is to the specified training of the model before on its trainer's shard"
        if spec is not None
        else "what was trained on what takes the specification: --spec"
    )
    fine = f"{len(closed)} rounds have the roots on chain and lead to {_last(rounds)}; {on_what}."
    return judged(NAME, problems, fine, _MEANING)


def _last(rounds: JobRounds) -> str:
    models = [r.model_sha256 for r in rounds.rounds if r.model_sha256]
    return "0x" + (models[-1] if models else rounds.initial_model_sha256)


def _on_chain(history: JobHistory, rounds: JobRounds) -> Iterable[str]:
    numbers = [r.round for r in rounds.rounds]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"The rounds handed over are {numbers}."
    for said in rounds.rounds[:-1]:
        if not said.model_sha256:
            yield f"Round {said.round} led to no model, and others came after it."
    published = {e.args["round"]: e.args["root"] for e in history.named("RoundRecorded")}
    found = {r.round: "0x" + r.root() for r in rounds.rounds if r.model_sha256}
    for number in sorted(published.keys() | found.keys()):
        if published.get(number) != found.get(number):
            yield f"The root of round {number} is {found.get(number)}, on chain {published.get(number)}."
    if history.end is not None and history.status == words.SETTLED:
        due = history.end.args["resultHash"]
        if _last(rounds) != due:
            yield f"The last round led to {_last(rounds)}; the validators signed {due} as the result."


def _challenges(rounds: JobRounds) -> Iterable[str]:
    for said in rounds.rounds:
        published = challenge.commit(said.nonce)
        for c in (*said.commitments, *said.unrevealed):
            if c.challenge != published or c.round != said.round:
                yield f"{c.trainer} committed to another challenge than that of round {said.round}."
        seed = said.seed()
        for c in said.commitments:
            opened = tuple(sorted(o.segment for o in said.openings if o.trainer == c.trainer))
            due = challenge.segments_to_replay(seed, c.trainer, c.segments, len(opened))
            if opened != due:
                yield f"Segments {list(opened)} of {c.trainer} were opened in round {said.round}; {list(due)} were drawn."
            left = set(due) - _replayed(said, c)
            if left:
                yield f"Nobody re-ran segments {sorted(left)} of {c.trainer} in round {said.round}."


def _replayed(said: RoundEvidence, c: Commitment) -> set[int]:
    return {r.segment for report in said.reports for r in report.replays if r.trainer == c.trainer}


def _work(rounds: JobRounds, spec: JobSpec) -> Iterable[str]:
    model = rounds.initial_model_sha256
    for said in rounds.rounds:
        for c in (*said.commitments, *said.unrevealed):
            shard = rounds.shards.get(c.trainer, "")
            training = training_spec(spec, said.round, c.trainer)
            if c.work_sha256 != work_digest(rounds.architecture, training, model, shard):
                yield (
                    f"{c.trainer} committed to other work in round {said.round} than the specified training of 0x{model} on "
                    f"its shard 0x{shard}."
                )
        model = said.model_sha256


def _same_statements(rounds: JobRounds, said: VerdictTask) -> Iterable[str]:
    reports = Counter(digest(x) for r in rounds.rounds for x in r.reports)
    commitments = Counter(digest(x) for r in rounds.rounds for x in r.commitments)
    if reports != Counter(map(digest, said.reports)):
        yield "The reports of the rounds are not those of the verdict."
    if commitments != Counter(map(digest, said.commitments)):
        yield "The commitments of the rounds are not those of the verdict."
