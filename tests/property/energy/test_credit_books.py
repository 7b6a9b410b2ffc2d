"""Nobody gets a credit that nobody avoided, whatever is handed in: the contract's rules in memory, under random abuse.

The real contract is held to the same by ten thousand cases in `tests/contracts/forge/carbon/CreditBacking.t.sol`.
"""

from dataclasses import replace

import pytest
from eth_utils import keccak
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.memory.credits import MemoryCredits
from backend.adapters.memory.journal import Journal
from backend.domain.credit_effects import FixBaseline
from backend.energy.credits import batch
from backend.errors import Conflict
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_rule import actual_ug, claims
from fl_nodes.protocol.ledger_epoch import EpochContent, SealedEpoch
from fl_nodes.protocol.reading import KINDS, LedgerReading

JOB, HOUR, GENESIS = "0x" + "a1" * 32, 480_000, "0x" + "00" * 32
FIXED = HOUR * 3600 + 7
BASELINE = CreditBaseline(JOB, 50_000, 5_000, 200_000, 8, "0x" + "d0" * 32)
NODES = ["0x" + f"{n:040x}" for n in (1, 2, 3)]


class Sealed:
    """One final epoch."""

    def __init__(self, content):
        self._sealed = SealedEpoch(content.terms(keccak), NODES[0], FIXED)

    def is_sealed(self, job):
        return False

    def is_final(self, index):
        return index == 0

    def epoch(self, index):
        return self._sealed


made = st.builds(
    LedgerReading,
    job=st.just(JOB),
    round=st.integers(0, 4),
    node=st.sampled_from(NODES),
    hour=st.just(HOUR),
    millijoules=st.integers(0, 60_000),
    site_millijoules=st.just(0),
    kind=st.sampled_from(KINDS),
    band_ppm=st.integers(0, 600_000),
    zone=st.sampled_from(["ES", "PL"]),
    intensity=st.integers(0, 400_000),
)
readings = st.lists(made, min_size=1, max_size=8, unique_by=lambda r: (r.round, r.node))
abuses = st.sampled_from(
    [
        *(f"reading.{field}" for field in ("millijoules", "intensity", "node", "round")),
        *(f"claim.{field}" for field in ("uncertainty_ug", "chain_ug", "excess_ug", "node", "started")),
        *(f"claim.{field}" for field in ("baseline_ug", "actual_ug")),
    ]
)


def _world(made):
    found = claims(made, BASELINE, FIXED, 30, lambda _zone, _hour: 50_000, keccak)
    content = EpochContent(0, 0, GENESIS, tuple(made), found, (BASELINE,))
    books = MemoryCredits(Sealed(content), lambda _index: content, Journal(), lambda: float(FIXED))
    books.fix(FixBaseline("t", JOB, BASELINE))
    return books, batch(content, JOB, keccak)


def _altered(proven, where):
    part, name = where.split(".")
    value = getattr(getattr(proven, part), name)
    changed = NODES[2] if name == "node" and value != NODES[2] else NODES[1]
    other = changed if name == "node" else value - 1 if value else value + 1
    return replace(proven, **{part: replace(getattr(proven, part), **{name: other})})


@given(readings, st.data())
def test_issue__any_abuse__mints_no_more_than_was_avoided_and_nothing_twice(made, data):
    books, due = _world(made)
    if due is None:
        return
    for _ in range(data.draw(st.integers(1, 6))):
        one = data.draw(st.sampled_from(due.claims))
        handed_in = data.draw(
            st.sampled_from([[one], [one, one], list(due.claims), [_altered(one, data.draw(abuses))]])
        )
        before = len(books.serials)
        try:
            books.issue_claims(0, due.summary, due.job_proof, handed_in)
        except Conflict:
            assert len(books.serials) == before
        if data.draw(st.booleans()):
            for (holder, token), held in [*books.held.items()]:
                if held:
                    books.retire(holder, token, held, "the sea", "")

    worked = [r for r in made if r.round > 0]
    minted = sum(books.issued.values())
    assert minted <= max(0, len(worked) * BASELINE.micrograms - sum(map(actual_ug, made)))
    assert minted == sum(books.held.values()) + sum(c.micrograms for c in books.retired)
    assert minted <= sum(p.claim.amount_ug for p in due.claims if p.claim.serial(keccak) in books.serials)
    assert all(spent <= BASELINE.hour_millijoules for spent in books.hours.values())


@given(readings, st.data(), abuses)
def test_issue__an_altered_claim__is_refused(made, data, where):
    books, due = _world(made)
    if due is None:
        return
    altered = _altered(data.draw(st.sampled_from(due.claims)), where)
    with pytest.raises(Conflict, match="CarbonCredit_"):
        books.issue_claims(0, due.summary, due.job_proof, [altered])
    assert not books.serials
