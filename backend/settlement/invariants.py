"""The rules of money, held against what the chain says and nothing else; `adapters.chain.audit` reads the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain import job as words
from fl_nodes.protocol.payout import BASIS_POINTS

COMMISSION_BPS = 200


@dataclass(frozen=True)
class Slash:
    """A slash that was carried out: wei taken and how it was split."""

    culprit: str
    amount_wei: int
    beneficiaries: tuple[str, ...]
    shares_wei: tuple[int, ...]


@dataclass(frozen=True)
class Accused:
    """Somebody a failed job's verdict named: the accusation's and the node's state, its deposit left."""

    account: str
    accusation: str
    node_state: str
    deposit_wei: int


@dataclass(frozen=True)
class JobBooks:
    """All that the chain tells of one job. `sent_wei` is what `reclaim` sent straight to the customer."""

    job_id: str
    customer: str
    fee_wei: int
    deadline: int
    status: str
    commission_bps: int
    opened: int
    ends: tuple[str, ...]
    payees: tuple[str, ...] = ()
    amounts_wei: tuple[int, ...] = ()
    commission_wei: int = 0
    refund_wei: int = 0
    sent_wei: int = 0
    honest: tuple[str, ...] = ()
    accused: tuple[Accused, ...] = ()
    slashes: tuple[Slash, ...] = ()


@dataclass(frozen=True)
class MoneyBooks:
    """The whole market at one block: `chain_time` in Unix seconds, all amounts in wei.

    `owed` is each account's credit as it follows from the events of all jobs, `credits` as the escrow says it.
    """

    block: int
    chain_time: int
    treasury: str
    escrow_balance_wei: int
    open_fees_wei: int
    total_credits_wei: int
    owed: Mapping[str, int]
    credits: Mapping[str, int]
    unclaimed_wei: int
    staking_balance_wei: int
    active_wei: int
    unbonding_wei: int
    slashed_unclaimed_wei: int
    jobs: tuple[JobBooks, ...]


def money_invariants(books: MoneyBooks) -> dict[str, bool]:
    """Each rule's name and whether it holds for the market and for every job in the books."""
    jobs = books.jobs
    settled = [job for job in jobs if job.status == words.SETTLED]
    refunded = [job for job in jobs if job.status in words.REFUNDED]
    owed_deposits = books.active_wei + books.unbonding_wei + books.slashed_unclaimed_wei
    return {
        "escrow_balance_equals_open_fees_plus_credits": books.escrow_balance_wei
        == books.open_fees_wei + books.total_credits_wei,
        "deposits_equal_active_plus_unbonding_plus_slashed_unclaimed": books.staking_balance_wei
        == owed_deposits,
        "each_job_paid_once": all(job.opened == 1 for job in jobs),
        "each_job_ended_once": all(_ended_once(job) for job in jobs),
        "settle_shares_sum_to_98_percent": all(_shares_are_exact(job) for job in settled),
        "commission_2_percent_to_treasury": all(_commission_is_exact(job) for job in settled),
        "credits_follow_from_how_jobs_ended": _credits_follow(books),
        "refunds_full": all(_refunded_in_full(job) for job in refunded),
        "culprits_banned_and_slashed_once": all(_culprits_met_their_end(job) for job in jobs),
        "slashed_deposits_split_among_honest": all(_split_among_honest(job, books.treasury) for job in jobs),
        "no_open_job_past_deadline": all(
            job.status not in words.HOLDING or books.chain_time < job.deadline for job in jobs
        ),
    }


def _ended_once(job: JobBooks) -> bool:
    return job.ends == ((job.status,) if job.status in words.ENDED else ())


def _commission(job: JobBooks) -> int:
    return job.fee_wei * job.commission_bps // BASIS_POINTS


def _shares_are_exact(job: JobBooks) -> bool:
    exact = sum(job.amounts_wei) + job.commission_wei == job.fee_wei
    return exact and sum(job.amounts_wei) == job.fee_wei - _commission(job)


def _commission_is_exact(job: JobBooks) -> bool:
    due = job.fee_wei * COMMISSION_BPS // BASIS_POINTS
    return job.commission_bps == COMMISSION_BPS and job.commission_wei == due


def _credits_follow(books: MoneyBooks) -> bool:
    """Every account has what the jobs left it, less what it withdrew; and nobody else has anything."""
    return (
        dict(books.owed) == dict(books.credits)
        and sum(books.credits.values()) + books.unclaimed_wei == books.total_credits_wei
    )


def _refunded_in_full(job: JobBooks) -> bool:
    if job.refund_wei != job.fee_wei:
        return False
    return job.sent_wei == (job.fee_wei if job.status == words.RECLAIMED else 0)


def _culprits_met_their_end(job: JobBooks) -> bool:
    slashes = Counter(slash.culprit for slash in job.slashes)
    if set(slashes) - {accused.account for accused in job.accused}:
        return False
    for accused in job.accused:
        if accused.accusation == "slashed":
            if slashes[accused.account] != 1 or accused.node_state != "Banned" or accused.deposit_wei != 0:
                return False
        elif slashes[accused.account]:
            return False
    return True


def _split_among_honest(job: JobBooks, treasury: str) -> bool:
    return all(
        slash.beneficiaries == (job.honest or (treasury,))
        and sum(slash.shares_wei) == slash.amount_wei
        and max(slash.shares_wei) - min(slash.shares_wei) <= 1
        for slash in job.slashes
    )
