"""What credit claims promise, over random jobs."""

from dataclasses import replace

from eth_utils import keccak
from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_rule import actual_ug, claims, over_claimed, unsound
from fl_nodes.protocol.reading import KINDS, LedgerReading

JOB, HOUR = "0x" + "a1" * 32, 480_000
STARTED = HOUR * 3600 + 7
BASELINE = CreditBaseline(JOB, 50_000, 5_000, 40_000_000, 12, "0x" + "d0" * 32)

readings = st.lists(
    st.builds(
        LedgerReading,
        job=st.just(JOB),
        round=st.integers(0, 4),
        node=st.sampled_from(["0x" + f"{n:040x}" for n in (1, 2, 3)]),
        hour=st.integers(HOUR, HOUR + 1),
        millijoules=st.integers(0, 200_000),
        site_millijoules=st.just(0),
        kind=st.sampled_from(KINDS),
        band_ppm=st.integers(0, 600_000),
        zone=st.sampled_from(["ES", "PL"]),
        intensity=st.integers(0, 700_000),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda reading: (reading.round, reading.node),
)
bands = st.integers(0, 300_000)
costs = st.integers(0, 3_000)


def _claims(made, chain_ug=0, band=0):
    return claims(made, BASELINE, STARTED, chain_ug, lambda _zone, _hour: band, keccak)


@given(readings, costs, bands)
def test_claims__any_job__add_up_to_no_more_than_was_avoided(made, chain_ug, band):
    found = _claims(made, chain_ug, band)
    rounds = [r for r in made if r.round > 0]

    avoided = len(rounds) * BASELINE.micrograms - sum(map(actual_ug, made))
    assert sum(c.amount_ug for c in found) <= max(0, avoided - (chain_ug if found else 0))
    assert not over_claimed(found, made, BASELINE)


@given(readings, costs, bands, st.data())
def test_claims__more_is_burnt__nobody_gets_more(made, chain_ug, band, data):
    before = _claims(made, chain_ug, band)
    at = data.draw(st.integers(0, len(made) - 1))
    more = data.draw(st.integers(1, 100_000))
    wasteful = [*made]
    wasteful[at] = replace(made[at], millijoules=made[at].millijoules + more)
    after = _claims(wasteful, chain_ug, band)

    assert [c.amount_ug for c in after] == [
        min(a.amount_ug, b.amount_ug) for a, b in zip(after, before, strict=True)
    ]


@given(readings, costs, bands, st.integers(0, 200_000))
def test_claims__the_site_has_its_own_supply__nothing_changes(made, chain_ug, band, site):
    supplied = [replace(r, site_millijoules=min(site, r.millijoules)) for r in made]

    assert [c.amount_ug for c in _claims(supplied, chain_ug, band)] == [
        c.amount_ug for c in _claims(made, chain_ug, band)
    ]


@given(readings, costs, bands)
def test_claims__any_job__are_sound_and_one_for_each_reading_of_a_round(made, chain_ug, band):
    found = _claims(made, chain_ug, band)
    rounds = [r for r in made if r.round > 0]

    assert [unsound(c, r, BASELINE, keccak) for c, r in zip(found, rounds, strict=True)] == [None] * len(
        rounds
    )
    assert len({c.serial(keccak) for c in found}) == len(found)


@given(
    readings, st.sampled_from(["actual_ug", "uncertainty_ug", "baseline_ug", "round", "started", "method"])
)
def test_unsound__a_claim_takes_more_than_it_may__is_said(made, field):
    for claim, reading in zip(_claims(made), [r for r in made if r.round > 0], strict=True):
        grabs = {
            "actual_ug": claim.actual_ug - 1,
            "uncertainty_ug": claim.uncertainty_ug - 1,
            "baseline_ug": claim.baseline_ug + 1,
            "round": claim.round + 1,
            "started": (claim.hour + 1) * 3600,
            "method": 2,
        }
        assert unsound(replace(claim, **{field: grabs[field]}), reading, BASELINE, keccak)
