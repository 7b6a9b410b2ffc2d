"""What validators sign about a job, signed the way any EIP-712 wallet signs it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from brownie import chain
from escrow_world import COMMISSION_BPS, FEE_WEI, Job, World, node_key
from eth_account import Account
from eth_utils import keccak
from payout_tree import PayoutTree

RESULT, EVIDENCE = keccak(text="result"), keccak(text="evidence")
SCORE_BITS = (32, 20, 20, 24, 48, 48, 64)


class SettleVerdict(NamedTuple):
    job_id: bytes
    result_hash: bytes
    evidence_hash: bytes
    payees: list[str]
    amounts: list[int]
    scores: list[bytes]


class PayoutVerdict(NamedTuple):
    job_id: bytes
    result_hash: bytes
    evidence_hash: bytes
    payout_root: bytes
    payees: int


class FailVerdict(NamedTuple):
    job_id: bytes
    evidence_hash: bytes
    culprits: list[str]


Verdict = SettleVerdict | PayoutVerdict | FailVerdict

TYPES = {
    SettleVerdict: (
        "bytes32 jobId,bytes32 resultHash,bytes32 evidenceHash,address[] payees,uint256[] amounts,bytes32[] scores"
    ),
    PayoutVerdict: "bytes32 jobId,bytes32 resultHash,bytes32 evidenceHash,bytes32 payoutRoot,uint256 payees",
    FailVerdict: "bytes32 jobId,bytes32 evidenceHash,address[] culprits",
}


def score(
    accuracy_ppm: int,
    macro_f1_ppm: int = 0,
    contribution_ppm: int = 0,
    gpu_use_ppm: int = 0,
    examples: int = 0,
    milliseconds: int = 0,
    millijoules: int = 0,
) -> bytes:
    """One trainer's work in one word, high bits first."""
    word = 0
    values = accuracy_ppm, macro_f1_ppm, contribution_ppm, gpu_use_ppm, examples, milliseconds, millijoules
    for value, bits in zip(values, SCORE_BITS, strict=True):
        word = word << bits | min(value, 2**bits - 1)
    return word.to_bytes(32, "big")


def commission_wei(fee_wei: int = FEE_WEI) -> int:
    return fee_wei * COMMISSION_BPS // 10_000


def pool_wei(fee_wei: int = FEE_WEI) -> int:
    """What the trainers of a job share."""
    return fee_wei - commission_wei(fee_wei)


def halving(total_wei: int, parts: int) -> list[int]:
    """Unequal parts of a sum, every wei of it."""
    amounts = [total_wei >> (i + 1) for i in range(parts)]
    return [amounts[0] + total_wei - sum(amounts), *amounts[1:]]


def settle_verdict(
    job: Job,
    amounts: Sequence[int] | None = None,
    payees: Sequence[Any] | None = None,
    accuracies_ppm: Sequence[int] | None = None,
    fee_wei: int = FEE_WEI,
) -> SettleVerdict:
    payees = list(map(str, job.trainers if payees is None else payees))
    amounts = halving(pool_wei(fee_wei), len(payees)) if amounts is None else list(amounts)
    ppm = accuracies_ppm or [900_000 - 100_000 * (i % 9) for i in range(len(payees))]
    return SettleVerdict(job.id, RESULT, EVIDENCE, payees, amounts, [score(a) for a in ppm])


def payout_verdict(job: Job, tree: PayoutTree) -> PayoutVerdict:
    return PayoutVerdict(job.id, RESULT, EVIDENCE, tree.root, len(tree.payouts))


def fail_verdict(job: Job, culprits: Sequence[Any] = ()) -> FailVerdict:
    return FailVerdict(job.id, EVIDENCE, [str(c) for c in culprits])


def sign(
    world: World, verdict: Verdict, providers: Sequence[Any], escrow: Any = None, chain_id: int | None = None
) -> list[bytes]:
    """The signatures of these providers' node keys, for this escrow on this chain unless told otherwise."""
    fields = [
        {"type": kind, "name": name} for kind, name in (f.split() for f in TYPES[type(verdict)].split(","))
    ]
    domain = {
        "name": "EcoDML",
        "version": "1",
        "chainId": chain_id or chain.id,
        "verifyingContract": str(escrow or world.escrow),
    }
    types = {type(verdict).__name__: fields}
    message = {field["name"]: value for field, value in zip(fields, verdict, strict=True)}
    keys = [node_key(provider).key for provider in providers]
    return [bytes(Account.sign_typed_data(key, domain, types, message).signature) for key in keys]


def judge(
    world: World,
    job: Job,
    verdict: Verdict,
    signatures: Sequence[bytes] | None = None,
    crew: tuple[list[str], list[str]] | None = None,
    sender: Any = None,
) -> Any:
    """A stranger hands a verdict in, signed by two of the job's validators unless told otherwise."""
    signatures = sign(world, verdict, job.validators[:2]) if signatures is None else list(signatures)
    crew = crew or job.crew
    by = {"from": sender or world.stranger}
    if isinstance(verdict, SettleVerdict):
        return world.escrow.settle(verdict, crew, signatures, by)
    if isinstance(verdict, PayoutVerdict):
        return world.escrow.settleByRoot(verdict, names_hash(job.trainers), crew, signatures, by)
    return world.escrow.fail(verdict, job.trainers, crew, signatures, by)


def settle_job(world: World, job: Job, **what: Any) -> Any:
    return judge(world, job, settle_verdict(job, **what))


def fail_job(world: World, job: Job, culprits: Sequence[Any] = ()) -> Any:
    return judge(world, job, fail_verdict(job, culprits))


def names_hash(addresses: Sequence[Any]) -> bytes:
    """`keccak256(abi.encodePacked(addresses))`: the elements of a packed list fill words."""
    return bytes(keccak(b"".join(int(str(a), 16).to_bytes(32, "big") for a in addresses)))
