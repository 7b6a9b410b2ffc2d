"""What the ledger's keeper asks of the nodes whose signatures count, and when an epoch says what nodes said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fl_nodes.protocol.energy_sum import EnergySum, energy_sum
from fl_nodes.protocol.ledger_epoch import CheckpointTerms, EpochContent, EpochTerms, Member, bare
from fl_nodes.protocol.reading import LedgerReading
from fl_nodes.protocol.tasks import Commitment, EnergyReading, ObjectRef

SETUP_ROUND = 0
"""The round of what belongs to no round: making the program that trains."""


@dataclass(frozen=True)
class Ledger:
    """The ledger to sign for, on its chain, and the market whose jobs stand in it."""

    chain_id: int
    address: str
    market_chain_id: int
    escrow: str


@dataclass(frozen=True)
class EpochPapers:
    """An epoch's content, the signed commitments that its readings follow from, and the key of each node that is named in it."""

    content: EpochContent
    said: tuple[Commitment, ...]
    keys: dict[str, str]


@dataclass(frozen=True)
class SealTask:
    """Sign an epoch, if it holds together and says what was said; `papers` holds `EpochPapers`."""

    ledger: Ledger
    terms: EpochTerms
    papers: ObjectRef


@dataclass(frozen=True)
class CheckpointTask:
    """Sign who may sign from now on; `members` are behind `terms.members_hash`."""

    ledger: Ledger
    terms: CheckpointTerms
    members: tuple[Member, ...]


@dataclass(frozen=True)
class LedgerSignature:
    """A node's EIP-712 signature, or why it refuses."""

    node: str
    signature: str
    refusal: str = ""


def misstated(content: EpochContent, said: Sequence[Commitment]) -> str:
    """Which reading is not what its node said, in a few words; empty when all are.

    Of several commitments of a node to a round the first counts, as in the job's own statement.
    """
    first: dict[tuple[str, int, str], Commitment] = {}
    setups: dict[tuple[str, str], list[EnergyReading]] = {}
    for c in said:
        place = (bare(c.job_id), c.round, bare(c.trainer))
        if place in first:
            continue
        first[place] = c
        if c.setup_energy is not None:
            setups.setdefault((place[0], place[2]), []).append(c.setup_energy)
    due = {place: [c.energy] for place, c in first.items()}
    due |= {(job, SETUP_ROUND, node): parts for (job, node), parts in setups.items()}
    jobs = {bare(r.job) for r in content.readings}
    found = {(bare(r.job), r.round, bare(r.node)): r for r in content.readings}
    for place in due:
        if place[0] in jobs and place not in found:
            return f"the reading of 0x{place[2]} in round {place[1]} is left out"
    for place, reading in found.items():
        if place not in due:
            return f"nobody said what is told of 0x{place[2]} in round {place[1]}"
        if not _tells(reading, due[place]):
            return f"0x{place[2]} said something else of round {place[1]} than what is told"
    return ""


def _tells(reading: LedgerReading, parts: Sequence[EnergyReading]) -> bool:
    """Whether a reading is these taken together: the sum, of the weakest class, with the mean band."""
    return EnergySum(reading.millijoules, reading.kind, reading.band_ppm) == energy_sum(parts)
