"""One job's readings, added up, as an epoch of the energy ledger names them: a leaf under its `jobsRoot`.

Whole numbers only, one 32-byte word each, hashed as a reading is (see `reading`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fl_nodes.protocol.reading import Keccak, LedgerReading
from fl_nodes.protocol.words import bytes32_word, uint_word

NO_COMMITMENT = "0x" + "00" * 32


@dataclass(frozen=True)
class JobSummary:
    """`job` is the market chain's job (32 bytes, hex), `readings` how many there are, `micrograms` their location-based
    µgCO2e, `commitment` the Poseidon commitment to them (32 bytes, hex), zero where there is none.
    """

    job: str
    readings: int
    millijoules: int
    micrograms: int
    commitment: str = NO_COMMITMENT

    def words(self) -> bytes:
        """`abi.encode(bytes32 job, uint256 readings, uint256 millijoules, uint256 micrograms, bytes32 commitment)`; ValueError
        for what does not fit.
        """
        return b"".join(
            (
                bytes32_word(self.job),
                uint_word(self.readings),
                uint_word(self.millijoules),
                uint_word(self.micrograms),
                bytes32_word(self.commitment),
            )
        )

    def leaf(self, keccak: Keccak) -> bytes:
        """`keccak256(bytes.concat(keccak256(abi.encode(...))))`."""
        return keccak(keccak(self.words()))


def summary(job: str, readings: Iterable[LedgerReading], commitment: str = NO_COMMITMENT) -> JobSummary:
    """Of a job's readings; ValueError where one is another job's."""
    own = tuple(readings)
    strangers = [r.job for r in own if r.job.lower() != job.lower()]
    if strangers:
        raise ValueError(f"a reading of {strangers[0]} stands among those of {job}")
    return JobSummary(
        job, len(own), sum(r.millijoules for r in own), sum(r.micrograms for r in own), commitment
    )
