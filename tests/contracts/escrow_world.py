"""A deployed market with its people, and the ways tests act on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import brownie
from brownie import chain
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak

TRAINER, VALIDATOR = 1, 2
DEPOSIT_WEI = 10**17
FEE_WEI = 13 * 10**16 + 7
COMMISSION_BPS = 200
UNBONDING_S = 60
CONTEST_S = 8
SEED_DELAY_BLOCKS = 2
OPEN, ASSIGNED, SETTLED, FAILED, CANCELLED, RECLAIMED = range(1, 7)
NAMED, CONTESTED, ACQUITTED, SLASHED = range(1, 5)
RESULT, SCORES, EVIDENCE, SPEC, DATASET = (
    keccak(text=t) for t in ("result", "scores", "evidence", "spec", "data")
)

SETTLE_FIELDS = [
    {"name": "jobId", "type": "bytes32"},
    {"name": "resultHash", "type": "bytes32"},
    {"name": "scoresHash", "type": "bytes32"},
    {"name": "payees", "type": "address[]"},
    {"name": "amounts", "type": "uint256[]"},
]
FAIL_FIELDS = [
    {"name": "jobId", "type": "bytes32"},
    {"name": "evidenceHash", "type": "bytes32"},
    {"name": "scoresHash", "type": "bytes32"},
    {"name": "culprits", "type": "address[]"},
]


@dataclass(frozen=True)
class World:
    token: Any
    staking: Any
    escrow: Any
    admin: Any
    operator: Any
    arbiter: Any
    treasury: Any
    customer: Any
    stranger: Any
    trainers: tuple[Any, ...]
    validators: tuple[Any, ...]

    def key_of(self, provider: Any) -> Any:
        return node_key(str(provider))


def refuses(error: str) -> Any:
    """The call reverts with this custom error, whatever its arguments."""
    # Brownie adds `reverts` to its package only when a test session has started.
    return brownie.reverts(revert_pattern=rf"(?s){re.escape(error)}(:.*)?")


def node_key(provider: str) -> Any:
    """The machine key of a provider: made from its address, so that tests need no bookkeeping."""
    return Account.from_key(keccak(text=f"node key of {provider.lower()}"))


def ref(text: str) -> bytes:
    return keccak(text=text)


def job_id(customer: Any, reference: bytes) -> bytes:
    return keccak(encode(["address", "bytes32"], [str(customer), reference]))


def deadline_in(seconds: int) -> int:
    return int(chain.time()) + seconds


def open_job(world: World, name: str = "job", fee_wei: int = FEE_WEI, seconds: int = 3600) -> bytes:
    world.token.approve(world.escrow, fee_wei, {"from": world.customer})
    world.escrow.openJob(ref(name), SPEC, DATASET, fee_wei, deadline_in(seconds), {"from": world.customer})
    return job_id(world.customer, ref(name))


def mine_seed() -> None:
    chain.mine(SEED_DELAY_BLOCKS + 1)


def assign_job(
    world: World, name: str = "job", seconds: int = 3600, trainers: Sequence[Any] | None = None
) -> bytes:
    job = open_job(world, name, seconds=seconds)
    mine_seed()
    world.escrow.assign(job, list(trainers or world.trainers), {"from": world.operator})
    return job


def pool_wei(fee_wei: int = FEE_WEI) -> int:
    return fee_wei - fee_wei * COMMISSION_BPS // 10_000


def settle_verdict(world: World, job: bytes, amounts: Sequence[int] | None = None) -> tuple[Any, ...]:
    payees = [str(t) for t in world.trainers]
    if amounts is None:
        first = pool_wei() // 2
        second = pool_wei() // 3
        amounts = [first, second, pool_wei() - first - second]
    return (job, RESULT, SCORES, payees[: len(amounts)], list(amounts))


def fail_verdict(job: bytes, culprits: Sequence[Any]) -> tuple[Any, ...]:
    return (job, EVIDENCE, SCORES, [str(c) for c in culprits])


def sign(world: World, verdict: Sequence[Any], providers: Sequence[Any], escrow: Any = None) -> list[bytes]:
    """The signatures of these providers' node keys, made the way any EIP-712 wallet makes them."""
    name, fields = ("SettleVerdict", SETTLE_FIELDS) if len(verdict) == 5 else ("FailVerdict", FAIL_FIELDS)
    domain = {
        "name": "EcoDML",
        "version": "1",
        "chainId": chain.id,
        "verifyingContract": str(escrow or world.escrow),
    }
    message = {field["name"]: value for field, value in zip(fields, verdict, strict=True)}
    return [
        bytes(Account.sign_typed_data(world.key_of(p).key, domain, {name: fields}, message).signature)
        for p in providers
    ]


def drawn(world: World, job: bytes) -> list[str]:
    return [str(v) for v in world.escrow.validators(job)]


def judge(
    world: World,
    job: bytes,
    verdict: Sequence[Any],
    signatures: list[bytes] | None = None,
    sender: Any = None,
) -> Any:
    """Hands a verdict in; signed by all the job's validators unless told otherwise."""
    if signatures is None:
        signatures = sign(world, verdict, drawn(world, job))
    end = world.escrow.settle if len(verdict) == 5 else world.escrow.fail
    return end(job, verdict, signatures, {"from": sender or world.operator})


def settle_job(world: World, job: bytes) -> Any:
    """Two of three signed, and a stranger hands it in."""
    verdict = settle_verdict(world, job)
    return judge(world, job, verdict, sign(world, verdict, drawn(world, job)[:2]), world.stranger)


def fail_job(world: World, job: bytes, culprits: Sequence[Any]) -> Any:
    """Two of three signed, and a stranger hands it in."""
    verdict = fail_verdict(job, culprits)
    return judge(world, job, verdict, sign(world, verdict, drawn(world, job)[:2]), world.stranger)


def status_of(world: World, job: bytes) -> int:
    return int(world.escrow.job(job)["status"])


def books_balance(world: World) -> bool:
    """Rule 1: every token and every wei of deposit is accounted for."""
    escrow, staking = world.escrow, world.staking
    tokens = world.token.balanceOf(escrow) == escrow.openFees() + escrow.totalCredits()
    owed = staking.totalActive() + staking.totalUnbonding() + staking.totalSlashedUnclaimed()
    return bool(tokens and staking.balance() == owed)
