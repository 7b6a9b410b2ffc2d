"""Who signs an epoch has opened its commitments: each is to the readings that stand in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from backend.domain.certificate import commitment
from backend.energy.epochs import JobPapers, next_epoch
from fl_nodes.protocol.ledger_epoch import GENESIS, EpochContent, objection
from fl_nodes.protocol.reading import LedgerReading
from tests.support.readings import readings

JOB, OTHER = "ab" * 32, "ac" * 32


@pytest.fixture
def content() -> EpochContent:
    papers = [
        JobPapers(job, held, (), {}, commitment=word, salt=hidden)
        for job, held in ((JOB, readings(JOB)), (OTHER, readings(OTHER, count=2)))
        for word, hidden in (made(job, held),)
    ]
    return next_epoch(0, 0, GENESIS, papers, []).content


def made(job: str, held: tuple[LedgerReading, ...]) -> tuple[str, str]:
    found = commitment(b"secret", job, held)
    assert found is not None
    return found


def test_objection__commitments_to_its_readings__none_and_they_are_in_the_summaries(
    content: EpochContent,
) -> None:
    assert objection(content, keccak) == ""
    assert [job.commitment for job in content.jobs] == list(content.commitments.values())
    assert len(set(content.commitments.values())) == 2


def test_objection__no_commitments_at_all__none(content: EpochContent) -> None:
    assert objection(replace(content, commitments={}, salts={}), keccak) == ""


def test_objection__commitment_to_other_readings_or_by_another_salt__objects(content: EpochContent) -> None:
    less = tuple(replace(r, millijoules=r.millijoules - 1) for r in content.readings)
    assert "to others" in objection(replace(content, readings=less), keccak)
    assert "to others" in objection(replace(content, salts=dict.fromkeys(content.salts, "0x07")), keccak)
    swapped = dict(zip(content.commitments, reversed(content.commitments.values()), strict=True))
    assert "to others" in objection(replace(content, commitments=swapped), keccak)


def test_objection__salt_kept_from_the_signers_or_nothing_to_commit_to__objects(
    content: EpochContent,
) -> None:
    assert "hidden" in objection(replace(content, salts={}), keccak)
    absent = replace(content, commitments={"ad" * 32: "0x" + "01" * 32})
    assert "no certificate" in objection(absent, keccak)


def test_commitment__a_job_whose_readings_do_not_fit__none() -> None:
    large = tuple(replace(r, millijoules=1 << 41) for r in readings(JOB))

    assert commitment(b"secret", JOB, large) is None
