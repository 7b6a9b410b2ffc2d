"""Jobs whose credits can be issued: readings and claims by the protocol's own rule, sealed in a ledger."""

from dataclasses import astuple, dataclass, replace
from typing import Any

from brownie import chain
from eth_utils import keccak
from ledger_world import CHALLENGE_S, Ledger, Summary, next_epoch, seal

from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_claim import CreditClaim
from fl_nodes.protocol.credit_rule import claims
from fl_nodes.protocol.reading import KINDS, LedgerReading
from fl_nodes.protocol.words import text_word

DECISION = "0x" + keccak(text="decision").hex()
CLEAN, DIRTY = ("ES", 120_000), ("PL", 700_000)


@dataclass(frozen=True)
class Credited:
    """A sealed job: what `issue` is called with."""

    epoch: int
    summary: Summary
    readings: tuple[LedgerReading, ...]
    claims: tuple[CreditClaim, ...]

    def arguments(self, *which: int) -> tuple[Any, ...]:
        """Of `issue`, for those of the claims; all of them unless told otherwise."""
        chosen = which or tuple(range(len(self.claims)))
        return self.epoch, self.summary, [], [self.proven(i) for i in chosen]

    def proven(self, at: int, **changed: Any) -> tuple[Any, ...]:
        """A claim the way the contract takes it, with its proofs; `changed` are fields of its reading or its own."""
        rounds = [r for r in self.readings if r.round > 0]
        reading, claim = rounds[at], self.claims[at]
        of_reading = {k: v for k, v in changed.items() if hasattr(reading, k)}
        of_claim = {k: v for k, v in changed.items() if k not in of_reading}
        said, told = replace(reading, **of_reading), replace(claim, **of_claim)
        amounts = told.started, told.uncertainty_ug, told.chain_ug, told.excess_ug
        proofs = (
            _proof([r.leaf(keccak) for r in self.readings], self.readings.index(reading)),
            _proof([c.leaf(keccak) for c in self.claims], at),
        )
        return (_reading(said), *amounts, *proofs)


def baseline(job: bytes, **changed: Any) -> CreditBaseline:
    """50 J and 5 mg for a node's round; eight of them an hour, four in the job."""
    made = CreditBaseline("0x" + job.hex(), 50_000, 5_000, 400_000, 4, DECISION)
    return replace(made, **changed)


def fixable(made: CreditBaseline) -> tuple[bytes, tuple[Any, ...]]:
    """What `fixBaseline` is called with."""
    words = made.millijoules, made.micrograms, 0, made.node_rounds, made.hour_millijoules, made.decision
    return bytes.fromhex(made.job[2:]), words


def reading(job: bytes, number: int, node: Any, place: tuple[str, int] = CLEAN) -> LedgerReading:
    """30 J and a little, modelled, in this hour."""
    zone, intensity = place
    hour = chain.time() // 3_600
    joules = 30_000 + number
    return LedgerReading(
        "0x" + job.hex(), number, str(node), hour, joules, 0, "modelled", 100_000, zone, intensity
    )


def sealed(
    ledger: Ledger,
    readings: list[LedgerReading],
    made: CreditBaseline,
    started: int,
    final: bool = True,
    **changed: Any,
) -> Credited:
    """Seals a job's readings and the claims that follow from them; `changed` are fields of the first claim."""
    found = list(claims(readings, made, started, 40, lambda _zone, _hour: 50_000, keccak))
    found[0] = replace(found[0], **changed)
    summary = Summary(
        bytes.fromhex(made.job[2:]),
        len(readings),
        sum(r.millijoules for r in readings),
        sum(r.micrograms for r in readings),
    )
    roots = {
        "readings_root": keccak_tree.root([r.leaf(keccak) for r in readings], keccak),
        "claims_root": keccak_tree.root([c.leaf(keccak) for c in found], keccak),
    }
    seal(ledger, [summary], next_epoch(ledger)._replace(**roots))
    if final:
        chain.sleep(CHALLENGE_S)
        chain.mine()
    return Credited(ledger.contract.count() - 1, summary, tuple(readings), tuple(found))


def _reading(said: LedgerReading) -> tuple[Any, ...]:
    *first, kind, band, zone, intensity = astuple(said)
    return (*first, KINDS.index(kind), band, text_word(zone), intensity)


def _proof(leaves: list[bytes], at: int) -> list[bytes]:
    return list(keccak_tree.proof(leaves, at, keccak))
