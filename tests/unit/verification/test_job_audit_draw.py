"""The audit draws a job's validators again, from the events of the staking contract and the hash of a block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.verification.stakes import NEWCOMER_BPS, VALIDATOR, rebuild, weights
from fl_nodes.protocol.finding import Outcome
from fl_nodes.protocol.payout import Work
from fl_nodes.protocol.scores import encode
from tests.unit.verification.market_story import (
    DEPOSIT,
    STRANGER,
    TRAINERS,
    VALIDATORS,
    Story,
    block_hash,
    failed,
    findings,
    machine,
    outcomes,
    told,
)

pytestmark = pytest.mark.unit

FIRST = VALIDATORS[0]


def drawn(
    before: Callable[[Story], object] | None = None, between: Callable[[Story], object] | None = None
) -> Story:
    """A job whose draw saw what happened before its trainers were chosen, and between that and the draw."""
    story = Story().open()
    if before:
        before(story)
    story.choose()
    if between:
        between(story)
    return story.draw()


def test_draw__seed_and_stakes__give_the_validators() -> None:
    assert outcomes(drawn().history())["draw"] is Outcome.OK


@pytest.mark.parametrize("what", ["validators", "validatorKeys"])
def test_draw__others_than_drawn__does_not_follow(what: str) -> None:
    history = drawn().history()
    said = next(e for e in history.events if e.name == "JobAssigned").args[what]
    assert failed(told(history, "JobAssigned", **{what: [*said[:2], STRANGER]})) == {"draw"}
    assert failed(told(history, "JobAssigned", **{what: said[::-1]})) == {"draw"}


def test_draw__two_where_three_could_be__does_not_follow() -> None:
    history = drawn().history()
    said = next(e for e in history.events if e.name == "JobAssigned").args
    fewer = {what: said[what][:2] for what in ("validators", "validatorKeys")}
    assert failed(told(history, "JobAssigned", **fewer)) == {"draw"}


def test_draw__other_seed__does_not_follow() -> None:
    assert failed(told(drawn().history(), "JobAssigned", seed="0x" + "00" * 32)) == {"draw"}


def test_draw__other_block_hash__does_not_follow() -> None:
    story = drawn()
    history = replace(story.history(), block_hashes={story.seed_block: "0x" + "00" * 32})
    assert failed(history) == {"draw"}
    assert failed(replace(history, block_hashes={})) == {"draw"}


def topped_up(story: Story) -> None:
    story.mine().staking("DepositIncreased", provider=FIRST, amount=DEPOSIT * 50, deposit=DEPOSIT * 51)


def rated(story: Story) -> None:
    story.mine().staking("BaselineChanged", provider=FIRST, baseline=10_000)


def frozen(story: Story) -> None:
    story.mine().staking("NodeFrozen", provider=FIRST)


def leaving(story: Story) -> None:
    story.mine().staking("ExitRequested", provider=FIRST, exitAt=0)


def slashed(story: Story) -> None:
    frozen(story)
    story.mine().staking("NodeSlashed", provider=FIRST, amount=DEPOSIT, beneficiaries=[], shares=[])
    story.staking("NodeBanned", provider=FIRST)


@pytest.mark.parametrize(
    ("happens", "weight"),
    [
        (topped_up, DEPOSIT * 51 * 5_000),
        (rated, DEPOSIT * 7_500),
        (frozen, 0),
        (leaving, 0),
        (slashed, 0),
    ],
)
def test_draw__standing_changed_before__counts_in_it(happens: Callable[[Story], None], weight: int) -> None:
    def told_of(story: Story) -> None:
        happens(story)
        story.weights[FIRST] = weight

    history = drawn(told_of).history()
    assert failed(history) == set()
    assert weights(rebuild(history.events), VALIDATOR, history.head).get(FIRST, 0) == weight


@pytest.mark.parametrize("happens", [frozen, leaving, slashed, rated])
def test_draw__standing_changed_after_the_choice__counts_in_it(happens: Callable[[Story], None]) -> None:
    def told_of(story: Story) -> None:
        happens(story)
        story.weights[FIRST] = DEPOSIT * 7_500 if happens is rated else 0

    assert failed(drawn(between=told_of).history()) == set()


def test_draw__an_event_the_draw_did_not_know_of__does_not_follow() -> None:
    story = Story().open()
    story.mine().staking("NodeFrozen", provider=drawn().validators[0])
    assert failed(story.choose().draw().history()) == {"draw"}


def judged(story: Story, *accuracies_ppm: int) -> None:
    """Another job was settled: the first validator, which trains too, and the first trainers showed this."""
    scores = ["0x" + encode(Work("", ppm, 0, 0, 0, 0, 0)).hex() for ppm in accuracies_ppm]
    payees = [FIRST, *TRAINERS][: len(scores)]
    other = {"payees": payees, "amounts": [0] * len(payees), "scores": scores, "commission": 0}
    story.mine().escrow("JobSettled", jobId="0x" + "99" * 32, **other)


def test_rebuild__best_of_two_jobs__moves_twice() -> None:
    story = Story()
    judged(story, 9)
    judged(story, 9, 8)
    assert rebuild(story.events)[FIRST].quality_bps == 6_171


@pytest.mark.parametrize(
    ("accuracies", "rating"),
    [((200_000, 800_000), 4_843), ((800_000, 200_000), 5_312), ((0, 0), 4_687), ((7,), 5_312)],
)
def test_draw__quality_that_other_verdicts_showed__counts_in_it(
    accuracies: tuple[int, ...], rating: int
) -> None:
    def told_of(story: Story) -> None:
        judged(story, *accuracies)
        story.weights[FIRST] = DEPOSIT * rating

    history = drawn(told_of).history()
    assert failed(history) == set()
    assert rebuild(history.events)[FIRST].rating_bps == rating


@pytest.mark.parametrize("blocks", [1, 2], ids=["seed block", "after it"])
def test_draw__stake_touched_when_the_seed_was_known__does_not_take_part(blocks: int) -> None:
    def late(story: Story) -> None:
        story.mine(blocks)
        topped_up(story)
        story.weights[FIRST] = 0

    assert failed(drawn(between=late).history()) == set()


def test_draw__stake_made_just_before_the_seed_block__takes_part() -> None:
    def in_time(story: Story) -> None:
        topped_up(story)
        story.weights[FIRST] = DEPOSIT * 51 * 5_000

    assert failed(drawn(between=in_time).history()) == set()


def test_draw__trainer_with_both_roles__is_passed_over() -> None:
    def both(story: Story) -> None:
        story.mine().staking("ExitRequested", provider=TRAINERS[0], exitAt=0)
        story.mine().staking("DepositWithdrawn", provider=TRAINERS[0], amount=DEPOSIT)
        story.register(TRAINERS[0], 3, DEPOSIT * 100)

    assert failed(drawn(both).history()) == set()


def test_rebuild__wallet_that_returns__keeps_its_rating_and_nothing_else() -> None:
    story = Story()
    rated(story)
    judged(story, 9)
    leaving(story)
    story.mine().staking("DepositWithdrawn", provider=FIRST, amount=DEPOSIT)
    gone = rebuild(story.events)[FIRST]
    assert (gone.deposit_wei, gone.key, gone.available(VALIDATOR)) == (0, "", False)
    story.register(FIRST, VALIDATOR, 5)
    back = rebuild(story.events)[FIRST]
    assert (back.baseline_bps, back.quality_bps, back.deposit_wei) == (10_000, 5_625, 5)
    assert (back.key, back.rating_bps) == (machine(FIRST).address, 7_812)
    assert rebuild(story.events)[VALIDATORS[1]].rating_bps == NEWCOMER_BPS


def test_draw__hash_out_of_reach__does_not_follow() -> None:
    assert failed(Story().open().choose().draw(after_blocks=258).history()) == set()
    assert failed(Story().open().choose().draw(after_blocks=259).history()) == {"draw"}
    assert failed(Story().open().choose().draw(after_blocks=2).history()) == {"draw"}


def test_draw__reseeded_because_the_hash_was_gone__follows_and_is_told() -> None:
    story = Story().open().choose().reseed(after_blocks=259).draw()
    assert failed(story.history()) == set()


def test_draw__reseeded_though_the_seed_was_good__does_not_follow() -> None:
    assert failed(Story().open().choose().reseed(after_blocks=258).draw().history()) == {"draw"}


def few(story: Story, left: int) -> Story:
    """Only so many validators can be drawn for now."""
    for validator in VALIDATORS[left:]:
        story.mine().staking("NodeFrozen", provider=validator)
        story.weights[validator] = 0
    return story


def free(story: Story, left: int) -> None:
    """The others can be drawn again."""
    for validator in VALIDATORS[left:]:
        story.staking("NodeUnfrozen", provider=validator)
        story.weights[validator] = DEPOSIT * 5_000


@pytest.mark.parametrize(("left", "fails"), [(1, set()), (2, {"draw"})])
def test_draw__reseeded_for_want_of_validators__follows_where_fewer_than_two_had_staked(
    left: int, fails: set[str]
) -> None:
    story = few(Story().open(), left).choose().reseed(after_blocks=3)
    free(story, left)
    history = story.draw().history()
    assert failed(history) == fails
    (finding,) = (f for f in findings(history) if f.name == "draw")
    assert fails or finding.detail.endswith("reseeded 1 time.")


@pytest.mark.parametrize("blocks", [1, 2], ids=["before the seed block", "in it"])
def test_draw__reseeded_before_the_seed_was_known__does_not_follow(blocks: int) -> None:
    story = few(Story().open(), 1).choose().reseed(after_blocks=blocks)
    assert failed(story.mine(2).history()) == set()
    free(story, 1)
    assert failed(story.draw().history()) == {"draw"}


def test_draw__reseeded_to_a_block_already_there__does_not_follow() -> None:
    story = Story().open().choose().reseed(after_blocks=259)
    known = story.seed_block = story.block
    history = story.draw(1).history()
    history = replace(history, block_hashes={known: block_hash(known)})
    (finding,) = (f for f in findings(told(history, "JobReseeded", seedBlock=known)) if f.name == "draw")
    assert finding.detail == f"The seed block {known} existed when it was named."


def test_draw__validator_whose_rating_is_zero__is_no_candidate() -> None:
    story = few(Story().open(), 2)
    story.mine().staking("BaselineChanged", provider=FIRST, baseline=0)
    for _ in range(60):
        judged(story, 0, 1)
    assert rebuild(story.events)[FIRST].rating_bps == 0
    story.weights[FIRST] = 0
    story.choose().reseed(after_blocks=3)
    free(story, 2)
    assert failed(story.draw().history()) == set()


@pytest.mark.parametrize(("left", "fails"), [(1, {"draw"}), (2, set()), (3, set())])
def test_draw__fewer_than_two_could_be_drawn__does_not_follow(left: int, fails: set[str]) -> None:
    assert failed(drawn(lambda story: few(story, left)).history()) == fails


def test_draw__candidates__are_counted_without_those_passed_over() -> None:
    def both(story: Story) -> None:
        story.mine().staking("DepositWithdrawn", provider=TRAINERS[0], amount=DEPOSIT)
        story.register(TRAINERS[0], 3)

    (finding,) = (f for f in findings(drawn(both).history()) if f.name == "draw")
    assert "among 4 candidates" in finding.detail
    assert finding.detail.endswith("gives these 3; never reseeded.")
