"""A node's rating over time follows from the chain's events, and ends where the rebuilt standing does."""

from dataclasses import replace

from backend.ports import ChainEvent
from backend.verification.rating_history import history, steps_of
from backend.verification.stakes import rebuild
from fl_nodes.protocol.payout import Work
from fl_nodes.protocol.scores import encode

A, B = "0xA", "0xB"


def word(trainer: str, accuracy_ppm: int) -> str:
    return "0x" + encode(Work(trainer, accuracy_ppm, 0, 0, 0, 1, 1, 1)).hex()


def event(block: int, name: str, contract: str = "NodeStaking", **said) -> ChainEvent:
    return ChainEvent(contract, name, said, block, 0, f"0x{block}")


def settled(block: int, accuracies: dict[str, int]) -> ChainEvent:
    scores = [word(trainer, accuracy) for trainer, accuracy in accuracies.items()]
    return event(
        block, "JobSettled", "JobEscrow", jobId=f"0xj{block}", payees=list(accuracies), scores=scores
    )


def joined(block: int, provider: str) -> ChainEvent:
    return event(block, "NodeRegistered", provider=provider, nodeKey="0xK", roles=1, deposit=5)


EVENTS = (
    joined(1, A),
    joined(2, B),
    event(3, "BaselineChanged", provider=A, baseline=7_000),
    settled(4, {A: 500_000, B: 1_000_000}),
    event(5, "DepositIncreased", provider=A, amount=1, deposit=6),
    settled(6, {A: 900_000, B: 600_000}),
)


def steps(provider: str, events=EVENTS):
    return [s for e in events for s in steps_of(e, 100 + e.block) if s.provider == provider]


def test_history__benchmark_and_verdicts__move_their_own_half():
    first, benched, worse, better = history(steps(A))
    assert (first.kind, first.baseline_bps, first.quality_bps, first.rating_bps) == (
        "joined",
        5000,
        5000,
        5000,
    )
    assert (benched.baseline_bps, benched.quality_bps, benched.rating_bps) == (7000, 5000, 6000)
    assert (worse.bps, worse.quality_bps, worse.rating_bps) == (5000, 5000, 6000)
    assert (better.bps, better.quality_bps) == (10_000, 5625)
    assert (better.at, better.tx, better.job_id) == (106, "0x6", "0xj6")


def test_history__last_step__is_the_standing_that_the_draw_weighs():
    standing = rebuild(EVENTS)
    for provider in (A, B):
        assert history(steps(provider))[-1].rating_bps == standing[provider].rating_bps


def test_history__who_left_and_returned__keeps_both_halves():
    back = (*EVENTS, event(7, "DepositWithdrawn", provider=A), joined(8, A))
    last = history(steps(A, back))[-1]
    before = history(steps(A))[-1]
    assert last == replace(before, kind="joined", at=108, tx="0x8", job_id="", bps=0)


def test_history__stranger__is_empty():
    assert history(steps("0xC")) == ()
