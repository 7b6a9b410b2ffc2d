"""What a node's work in one round of a job may be credited with: the emissions avoided against a baseline fixed before the run.

An Eco Credit is an internal unit, not a carbon offset. Burning more never earns more: what counts against the claim is what was
used, and the baseline knows nothing of it.

Whole micrograms of CO2e, one word each, so that a contract computes the same amount and hashes the same leaf (see `reading`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.reading import Keccak
from fl_nodes.protocol.words import address_word, bytes32_word, text_word, uint_word


@dataclass(frozen=True)
class CreditClaim:
    """One claim for each reading: `reading` is its leaf (32 bytes, hex), `baseline` the leaf of what was fixed before the run.

    `baseline_ug`, `actual_ug`, `uncertainty_ug` and `chain_ug` are µgCO2e: what the baseline would have emitted, what was
    emitted, the reading's band, and the work's part in what the chains took.
    """

    job: str
    round: int
    node: str
    hour: int
    zone: str
    method: int
    baseline_ug: int
    actual_ug: int
    uncertainty_ug: int
    chain_ug: int
    baseline: str
    reading: str

    @property
    def amount_ug(self) -> int:
        """What may be issued; never below 0."""
        return max(0, self.baseline_ug - self.actual_ug - self.uncertainty_ug - self.chain_ug)

    def words(self) -> bytes:
        """`abi.encode(bytes32 job, uint256 round, address node, uint256 hour, bytes32 zone, uint256 method, uint256 baselineUg,
        uint256 actualUg, uint256 uncertaintyUg, uint256 chainUg, bytes32 baseline, bytes32 reading)`.
        """
        return b"".join(
            (
                bytes32_word(self.job),
                uint_word(self.round),
                address_word(self.node),
                uint_word(self.hour),
                text_word(self.zone),
                uint_word(self.method),
                uint_word(self.baseline_ug),
                uint_word(self.actual_ug),
                uint_word(self.uncertainty_ug),
                uint_word(self.chain_ug),
                bytes32_word(self.baseline),
                bytes32_word(self.reading),
            )
        )

    def leaf(self, keccak: Keccak) -> bytes:
        """`keccak256(bytes.concat(keccak256(abi.encode(...))))`."""
        return keccak(keccak(self.words()))
