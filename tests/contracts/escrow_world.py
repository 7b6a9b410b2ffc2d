"""A deployed market with its people, and the ways tests act on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import brownie
from brownie import chain, web3
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak, to_checksum_address

TRAINER, VALIDATOR = 1, 2
DEPOSIT_WEI = 10**17
FEE_WEI = 13 * 10**16 + 7
COMMISSION_BPS = 200
NEWCOMER_BPS = 5_000
"""A node's rating before anything is known of it, and both halves of it."""
UNBONDING_S = 60
CONTEST_S = 8
SEED_DELAY_BLOCKS = 2
SEED_REACH_BLOCKS = 256
NONE, OPEN, DRAWING, ASSIGNED, SETTLED, FAILED, CANCELLED, RECLAIMED = range(8)
UNACCUSED, NAMED, CONTESTED, ACQUITTED, SLASHED = range(5)
ABSENT, ACTIVE, EXITING, BANNED = range(4)
SPEC, DATASET = keccak(text="spec"), keccak(text="data")
NOBODY = "0x" + "00" * 20
ZERO_WORD = bytes(32)


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
    """Three, ascending by address, as the escrow takes them."""
    validators: tuple[Any, ...]
    """Four, of which a draw takes three."""
    spare: tuple[Any, ...]
    """Accounts without a part."""


@dataclass(frozen=True)
class Job:
    """A job and the names behind the hash that the escrow keeps of them."""

    id: bytes
    trainers: tuple[str, ...]
    validators: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def crew(self) -> tuple[list[str], list[str]]:
        """The validators and their keys, as the escrow takes them."""
        return list(self.validators), list(self.keys)

    @property
    def nodes(self) -> tuple[str, ...]:
        return (*self.trainers, *self.validators)


def refuses(error: str, *arguments: Any) -> Any:
    """The call reverts with this error: with these arguments, or with any when none are given."""
    said = re.escape(f": {', '.join(map(str, arguments))}") if arguments else "(:.*)?"
    # Brownie adds `reverts` to its package only when a test session has started.
    return brownie.reverts(revert_pattern=rf"(?is){re.escape(error)}{said}")


def lacks_role(account: Any, role: Any) -> Any:
    """The call reverts because the account does not hold the role."""
    return refuses("AccessControlUnauthorizedAccount", account, bytes(role))


def hexed(word: bytes) -> str:
    """A word the way Brownie reads it from events."""
    return "0x" + word.hex()


def ascending(accounts: Sequence[Any]) -> tuple[str, ...]:
    """Their addresses in the order that the escrow asks for."""
    return tuple(sorted(map(str, accounts), key=lambda address: int(address, 16)))


# --- nodes --------------------------------------------------------------------------------------


def node_key(provider: Any) -> Any:
    """The machine key of a provider: made from its address, so that tests need no bookkeeping."""
    return Account.from_key(keccak(text=f"node key of {str(provider).lower()}"))


def register(world: World, provider: Any, role: int = TRAINER, deposit_wei: int = DEPOSIT_WEI) -> Any:
    name = f"node-{str(provider)[2:10]}"
    sender = {"from": provider, "value": deposit_wei}
    return world.staking.register(name, node_key(provider).address, role, sender)


def set_baseline(world: World, provider: Any, baseline_bps: int) -> Any:
    """A rater, whom the admin names for it, sets half of a node's rating."""
    rater = world.spare[-1]
    world.staking.grantRole(world.staking.RATER_ROLE(), rater, {"from": world.admin})
    return world.staking.setBaseline(provider, baseline_bps, {"from": rater})


def leave(world: World, provider: Any) -> Any:
    """Unbonds, waits and takes the deposit out."""
    world.staking.requestExit({"from": provider})
    pass_time(UNBONDING_S + 1)
    return world.staking.withdraw({"from": provider})


def crowd(world: World, count: int) -> tuple[str, ...]:
    """So many more trainers, ascending."""
    trainers = [to_checksum_address(keccak(text=f"trainer {i} of a crowd")[12:]) for i in range(count)]
    for i, trainer in enumerate(trainers):
        joins = {
            "from": trainer,
            "to": str(world.staking),
            "value": hex(DEPOSIT_WEI),
            "gas": hex(500_000),
            "data": world.staking.register.encode_input(f"crowd-{i}", node_key(trainer).address, TRAINER),
        }
        # Straight to the chain: Brownie's book-keeping of so many transactions takes seconds.
        web3.provider.make_request("anvil_setBalance", [trainer, hex(10**18)])
        web3.provider.make_request("anvil_impersonateAccount", [trainer])
        web3.provider.make_request("eth_sendTransaction", [joins])
    return ascending(trainers)


# --- time ---------------------------------------------------------------------------------------


def pass_time(seconds: int) -> None:
    chain.sleep(seconds)
    chain.mine()


def next_block_at(timestamp: int) -> None:
    """Fixes the time of the next block, and so of the next transaction; seconds since 1970."""
    web3.provider.make_request("evm_setNextBlockTimestamp", [timestamp])


def time_of(tx: Any) -> int:
    return int(chain[tx.block_number].timestamp)


def deadline_in(seconds: int) -> int:
    return int(chain.time()) + seconds


def mine_seed() -> None:
    """The block that seeds a draw, and one more, so that calls can see its hash."""
    chain.mine(SEED_DELAY_BLOCKS + 1)


# --- jobs ---------------------------------------------------------------------------------------


def ref(text: str) -> bytes:
    return keccak(text=text)


def job_id(customer: Any, reference: bytes) -> bytes:
    return bytes(keccak(encode(["address", "bytes32"], [str(customer), reference])))


def open_job(world: World, name: str = "job", fee_wei: int = FEE_WEI, seconds: int = 3600) -> bytes:
    world.token.approve(world.escrow, fee_wei, {"from": world.customer})
    world.escrow.openJob(ref(name), SPEC, DATASET, fee_wei, deadline_in(seconds), {"from": world.customer})
    return job_id(world.customer, ref(name))


def choose_trainers(world: World, job: bytes, trainers: Sequence[Any] | None = None) -> Job:
    """The operator assigns; the job then waits for its seed."""
    chosen = tuple(map(str, trainers or world.trainers))
    world.escrow.assign(job, chosen, {"from": world.operator})
    return Job(job, chosen)


def draw(world: World, job: Job) -> Job:
    """A stranger draws the validators of a job whose seed is there."""
    tx = world.escrow.draw(job.id, job.trainers, {"from": world.stranger})
    event = tx.events["JobAssigned"]
    return replace(job, validators=tuple(event["validators"]), keys=tuple(event["validatorKeys"]))


def assign_job(
    world: World,
    name: str = "job",
    fee_wei: int = FEE_WEI,
    seconds: int = 3600,
    trainers: Sequence[Any] | None = None,
) -> Job:
    """A new job with trainers and validators."""
    job = choose_trainers(world, open_job(world, name, fee_wei, seconds), trainers)
    mine_seed()
    return draw(world, job)


def status_of(world: World, job: bytes) -> int:
    return int(world.escrow.job(job)["status"])


def bound(world: World, nodes: Sequence[Any]) -> list[int]:
    """By how many jobs each of the nodes is bound."""
    return [int(world.staking.node(n)["assignedJobs"]) for n in nodes]


def books_balance(world: World) -> bool:
    """Rule 1: every token and every wei of deposit is accounted for."""
    escrow, staking = world.escrow, world.staking
    tokens = world.token.balanceOf(escrow) == escrow.openFees() + escrow.totalCredits()
    owed = staking.totalActive() + staking.totalUnbonding() + staking.totalSlashedUnclaimed()
    return bool(tokens and staking.balance() == owed)
