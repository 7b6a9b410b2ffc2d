"""What a job's credits are measured against: fixed on the carbon chain before the job runs, and never changed."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.reading import Keccak
from fl_nodes.protocol.words import bytes32_word, uint_word


@dataclass(frozen=True)
class CreditBaseline:
    """`millijoules` and `micrograms` (µgCO2e) are what one node's work in one round takes under the baseline's policy,
    `hour_millijoules` what such a node takes in an hour of full work: no hour of a node is credited for more.
    `node_rounds` is how many rounds of nodes the job has at most, `decision` the hash of the decision that it comes from.
    """

    job: str
    millijoules: int
    micrograms: int
    hour_millijoules: int
    node_rounds: int
    decision: str

    def words(self) -> bytes:
        """`abi.encode(bytes32 job, uint256 millijoules, uint256 micrograms, uint256 hourMillijoules, uint256 nodeRounds,
        bytes32 decision)`; ValueError for what does not fit.
        """
        return b"".join(
            (
                bytes32_word(self.job),
                uint_word(self.millijoules),
                uint_word(self.micrograms),
                uint_word(self.hour_millijoules),
                uint_word(self.node_rounds),
                bytes32_word(self.decision),
            )
        )

    def digest(self, keccak: Keccak) -> bytes:
        """`keccak256(abi.encode(...))`, by which claims name it."""
        return keccak(self.words())
