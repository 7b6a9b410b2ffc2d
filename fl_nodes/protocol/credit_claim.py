"""What a node's work in one round of a job may be credited with: the emissions avoided against a baseline fixed before the run.

An Eco Credit is an internal unit, not a carbon offset. Burning more never earns more: what counts against the claim is what was
used, and the baseline knows nothing of it. `credit_rule` says how claims follow from readings.

Whole micrograms of CO2e, one word each, so that a contract computes the same amount and hashes the same leaf (see `reading`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.reading import Keccak
from fl_nodes.protocol.words import address_word, bytes32_word, text_word, uint_word


@dataclass(frozen=True)
class CreditClaim:
    """One claim for each reading: `reading` is its leaf (32 bytes, hex), `baseline` the digest of what was fixed before the run,
    `started` when the job's work began (Unix seconds, rounded down).

    The others are µgCO2e: `baseline_ug` is what the baseline would have emitted, `actual_ug` what all the energy used emitted at
    the grid's intensity (a site's own supply is no one's saving), `uncertainty_ug` how far that may be off, `chain_ug` the
    work's part in what the chains took, `excess_ug` its part in what the job's other work took beyond the baseline.
    """

    job: str
    round: int
    node: str
    hour: int
    zone: str
    method: int
    started: int
    baseline_ug: int
    actual_ug: int
    uncertainty_ug: int
    chain_ug: int
    excess_ug: int
    baseline: str
    reading: str

    @property
    def amount_ug(self) -> int:
        """What may be issued; never below 0."""
        taken = self.actual_ug + self.uncertainty_ug + self.chain_ug + self.excess_ug
        return max(0, self.baseline_ug - taken)

    def words(self) -> bytes:
        """`abi.encode(bytes32 job, uint256 round, address node, uint256 hour, bytes32 zone, uint256 method, uint256 started,
        uint256 baselineUg, uint256 actualUg, uint256 uncertaintyUg, uint256 chainUg, uint256 excessUg, bytes32 baseline,
        bytes32 reading)`; ValueError for what does not fit.
        """
        return b"".join(
            (
                bytes32_word(self.job),
                uint_word(self.round),
                address_word(self.node),
                uint_word(self.hour),
                text_word(self.zone),
                uint_word(self.method),
                uint_word(self.started),
                uint_word(self.baseline_ug),
                uint_word(self.actual_ug),
                uint_word(self.uncertainty_ug),
                uint_word(self.chain_ug),
                uint_word(self.excess_ug),
                bytes32_word(self.baseline),
                bytes32_word(self.reading),
            )
        )

    def leaf(self, keccak: Keccak) -> bytes:
        """`keccak256(bytes.concat(keccak256(abi.encode(...))))`."""
        return keccak(keccak(self.words()))

    def serial(self, keccak: Keccak) -> bytes:
        """`keccak256(abi.encode(bytes32 job, uint256 round, address node))`: one credit for each, once."""
        return keccak(bytes32_word(self.job) + uint_word(self.round) + address_word(self.node))
