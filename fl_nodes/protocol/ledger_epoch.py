"""What an epoch of the energy ledger holds, what is signed about it, and what follows from it: `contracts/carbon` in Python.

An epoch is made by the operator, checked by every node that signs it (`objection`), and recomputed by whoever audits it.

The standard library has no Keccak-256: whoever calls brings it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fl_nodes.protocol import keccak_tree, sortition
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_claim import CreditClaim
from fl_nodes.protocol.credit_rule import over_claimed, unsound
from fl_nodes.protocol.green import slots
from fl_nodes.protocol.job_summary import NO_COMMITMENT, JobSummary, summary
from fl_nodes.protocol.reading import Keccak, LedgerReading
from fl_nodes.protocol.signing import typed_data
from fl_nodes.protocol.words import address_word, bytes32_word, uint_word

GENESIS = "0x" + "00" * 32
"""What the first epoch names as the hash of the one before."""

MAX_MEMBERS = 64


@dataclass(frozen=True)
class Member:
    """A node key that may sign, and its weight: deposit in wei x rating in basis points."""

    key: str
    weight: int


@dataclass(frozen=True)
class NodeRating:
    """A node's rating in basis points; `node` is the provider's address."""

    node: str
    rating_bps: int

    def leaf(self, keccak: Keccak) -> bytes:
        """`keccak256(bytes.concat(keccak256(abi.encode(address node, uint256 ratingBps))))`."""
        return keccak(keccak(address_word(self.node) + uint_word(self.rating_bps)))


@dataclass(frozen=True)
class EpochTerms:
    """What is signed about an epoch; hashes are 0x hex, sums those of its jobs."""

    index: int
    checkpoint: int
    prev_hash: str
    readings_root: str
    claims_root: str
    jobs_root: str
    rating_root: str
    readings: int
    millijoules: int
    micrograms: int


@dataclass(frozen=True)
class EpochContent:
    """All that an epoch's roots stand for. Readings stand job by job, in the order of `readings_of`.

    `baselines` are what the claims are held against, `commitments` the Poseidon commitments by job where there are any, `salts`
    (hex) what each is opened with: for those who sign, and nobody else.
    """

    index: int
    checkpoint: int
    prev_hash: str
    readings: tuple[LedgerReading, ...]
    claims: tuple[CreditClaim, ...] = ()
    baselines: tuple[CreditBaseline, ...] = ()
    ratings: tuple[NodeRating, ...] = ()
    commitments: dict[str, str] = field(default_factory=dict)
    salts: dict[str, str] = field(default_factory=dict)

    def readings_of(self, job: str) -> tuple[LedgerReading, ...]:
        """One job's, in their order."""
        return tuple(r for r in self.readings if bare(r.job) == bare(job))

    @property
    def jobs(self) -> tuple[JobSummary, ...]:
        """A summary of each job, in the order in which they first stand among the readings."""
        order = dict.fromkeys(r.job for r in self.readings)
        given = {bare(job): said for job, said in self.commitments.items()}
        return tuple(summary(j, self.readings_of(j), given.get(bare(j), NO_COMMITMENT)) for j in order)

    def terms(self, keccak: Keccak) -> EpochTerms:
        """What follows; ValueError for what does not fit a leaf."""
        jobs = self.jobs
        return EpochTerms(
            index=self.index,
            checkpoint=self.checkpoint,
            prev_hash=self.prev_hash,
            readings_root=_root([r.leaf(keccak) for r in self.readings], keccak),
            claims_root=_root([c.leaf(keccak) for c in self.claims], keccak),
            jobs_root=_root([j.leaf(keccak) for j in jobs], keccak),
            rating_root=_root([r.leaf(keccak) for r in self.ratings], keccak),
            readings=sum(j.readings for j in jobs),
            millijoules=sum(j.millijoules for j in jobs),
            micrograms=sum(j.micrograms for j in jobs),
        )


@dataclass(frozen=True)
class SealedEpoch:
    """An epoch as the contract keeps it; `sealed_at` in Unix seconds."""

    terms: EpochTerms
    proposer: str
    sealed_at: int

    def hash(self, keccak: Keccak) -> str:
        """`keccak256(abi.encode(epoch))`: what the next epoch names."""
        t = self.terms
        roots = (t.prev_hash, t.readings_root, t.claims_root, t.jobs_root, t.rating_root)
        numbers = (t.index, t.checkpoint, t.readings, t.millijoules, t.micrograms)
        said = b"".join([*map(bytes32_word, roots), *map(uint_word, numbers)])
        return "0x" + keccak(said + address_word(self.proposer) + uint_word(self.sealed_at)).hex()


@dataclass(frozen=True)
class CheckpointTerms:
    """What is signed about a checkpoint; `members_hash` is `members_hash(...)`."""

    id: int
    market_block: int
    market_hash: str
    members_hash: str


def epoch_document(chain_id: int, ledger: str, terms: EpochTerms) -> dict[str, Any]:
    """EIP-712 document of an epoch."""
    fields = [
        ("index", "uint256"),
        ("checkpoint", "uint256"),
        ("prevHash", "bytes32"),
        ("readingsRoot", "bytes32"),
        ("claimsRoot", "bytes32"),
        ("jobsRoot", "bytes32"),
        ("ratingRoot", "bytes32"),
        ("readings", "uint256"),
        ("millijoules", "uint256"),
        ("micrograms", "uint256"),
    ]
    said = (
        *(terms.index, terms.checkpoint, terms.prev_hash, terms.readings_root, terms.claims_root),
        *(terms.jobs_root, terms.rating_root, terms.readings, terms.millijoules, terms.micrograms),
    )
    return _document(chain_id, ledger, "LedgerEpoch", fields, said)


def checkpoint_document(chain_id: int, ledger: str, terms: CheckpointTerms) -> dict[str, Any]:
    """EIP-712 document of a checkpoint."""
    fields = [
        ("id", "uint256"),
        ("marketBlock", "uint256"),
        ("marketHash", "bytes32"),
        ("membersHash", "bytes32"),
    ]
    said = (terms.id, terms.market_block, terms.market_hash, terms.members_hash)
    return _document(chain_id, ledger, "StakeCheckpoint", fields, said)


def members_hash(members: Sequence[Member], keccak: Keccak) -> str:
    """`keccak256(abi.encode(Member[]))`, 0x hex."""
    head = uint_word(32) + uint_word(len(members))
    return "0x" + keccak(head + b"".join(address_word(m.key) + uint_word(m.weight) for m in members)).hex()


def race(
    prev_hash: str, index: int, members: Sequence[Member], count: int, keccak: Keccak
) -> tuple[str, ...]:
    """The keys of the first `count` who may propose epoch `index`, in this order: seed `keccak256(abi.encode(prevHash, index))`."""
    seed = keccak(bytes32_word(prev_hash) + uint_word(index))
    return sortition.draw(seed, {m.key: m.weight for m in members}, (), count, keccak)


def weight_of(signers: Sequence[str], members: Sequence[Member]) -> int:
    """What those of the members weigh who signed."""
    given = {bare(key) for key in signers}
    return sum(m.weight for m in members if bare(m.key) in given)


def is_quorum(signers: Sequence[str], members: Sequence[Member]) -> bool:
    """Whether these keys hold two thirds of the members' weight at least."""
    weight = weight_of(signers, members)
    return weight > 0 and 3 * weight >= 2 * sum(m.weight for m in members)


def in_order(members: Sequence[Member]) -> tuple[Member, ...]:
    """As the contract takes them: keys ascending."""
    return tuple(sorted(members, key=lambda m: int(m.key, 16)))


def heaviest(staked: Sequence[Member]) -> tuple[Member, ...]:
    """Who may sign of those who have staked: the `MAX_MEMBERS` heaviest, of equals those with the smaller key; keys ascending."""
    ranked = sorted((m for m in staked if m.weight > 0), key=lambda m: (-m.weight, int(m.key, 16)))
    return in_order(ranked[:MAX_MEMBERS])


def objection(content: EpochContent, keccak: Keccak) -> str:
    """Why an epoch does not hold together, in a few words; empty when it does. What its readings say is another question."""
    if not content.readings:
        return "it holds no readings"
    leaves = {r.leaf(keccak).hex(): r for r in content.readings}
    if len(leaves) != len(content.readings):
        return "a reading stands in it twice"
    places = [(bare(r.job), r.round, bare(r.node)) for r in content.readings]
    if len(set(places)) != len(places):
        return "it has two readings of one node in one round"
    return _claims_objection(content, leaves, keccak) or _commitments_objection(content)


def _commitments_objection(content: EpochContent) -> str:
    salts = {bare(job): salt for job, salt in content.salts.items()}
    for job, given in content.commitments.items():
        taken, salt = slots(content.readings_of(job)), salts.get(bare(job))
        if taken is None or salt is None:
            return f"it commits to readings of job {job} that no certificate can be about, or that are hidden from its signers"
        if bare(taken.commitment_word(job, int(salt, 16))) != bare(given):
            return f"its commitment to the readings of job {job} is to others"
    return ""


def _claims_objection(content: EpochContent, leaves: Mapping[str, LedgerReading], keccak: Keccak) -> str:
    baselines = {bare(b.job): b for b in content.baselines}
    if len({bare(c.reading) for c in content.claims}) != len(content.claims):
        return "a reading is claimed twice"
    for claim in content.claims:
        reading, baseline = leaves.get(bare(claim.reading)), baselines.get(bare(claim.job))
        if reading is None or baseline is None:
            return "it claims credit for a reading or against a baseline that is not in it"
        if why := unsound(claim, reading, baseline, keccak):
            return f"a claim of {claim.node} cannot stand: {why}"
    for job, baseline in baselines.items():
        made = [c for c in content.claims if bare(c.job) == job]
        if over_claimed(made, content.readings_of(job), baseline):
            return f"the claims of job {baseline.job} come to more than was avoided"
    return ""


def bare(hex_text: str) -> str:
    """Lower case, without 0x."""
    return hex_text.lower().removeprefix("0x")


def _root(leaves: Sequence[bytes], keccak: Keccak) -> str:
    return "0x" + keccak_tree.root(leaves, keccak).hex()


def _document(
    chain_id: int, ledger: str, name: str, fields: list[tuple[str, str]], said: tuple[Any, ...]
) -> dict[str, Any]:
    names = [field for field, _ in fields]
    return typed_data(chain_id, ledger, name, fields, dict(zip(names, said, strict=True)))
