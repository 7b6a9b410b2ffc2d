"""An energy reading as the carbon chain knows it: what a node used in an hour of a round, where, and what the grid emitted for it.

Whole numbers only, one 32-byte word each, so that a contract hashes the same leaf (`abi.encode` of static types is their words
in a row). Leaves are hashed twice and pairs in ascending order, as OpenZeppelin's `MerkleProof` expects them: an inner node
never passes as a leaf.

The standard library has no Keccak-256: whoever calls brings it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fl_nodes.protocol.words import address_word, bytes32_word, text_word, uint_word

Keccak = Callable[[bytes], bytes]

KINDS = ("measured", "modelled", "constant")
"""By strength; a kind's word is its place here."""

SECONDS_PER_HOUR = 3600
MILLIJOULES_PER_KWH = 3_600_000_000
PPM = 1_000_000


@dataclass(frozen=True)
class LedgerReading:
    """`job` is the market chain's job (32 bytes, hex), `round` counts from 1 and is 0 for what belongs to no round, `node` the
    provider's address, `hour` Unix seconds // 3600 at the window's end. `site_millijoules` of `millijoules` came from the site's
    own sun and wind, as the node says: it is told, and changes no other figure. `intensity` is location-based, in mgCO2e per
    kWh. `band_ppm` is the reading's, in millionths of it.
    """

    job: str
    round: int
    node: str
    hour: int
    millijoules: int
    site_millijoules: int
    kind: str
    band_ppm: int
    zone: str
    intensity: int

    def words(self) -> bytes:
        """`abi.encode(bytes32 job, uint256 round, address node, uint256 hour, uint256 millijoules, uint256 siteMillijoules,
        uint256 kind, uint256 bandPpm, bytes32 zone, uint256 intensity)`; ValueError for what does not fit.
        """
        return b"".join(
            (
                bytes32_word(self.job),
                uint_word(self.round),
                address_word(self.node),
                uint_word(self.hour),
                uint_word(self.millijoules),
                uint_word(self.site_millijoules),
                uint_word(KINDS.index(self.kind)),
                uint_word(self.band_ppm),
                text_word(self.zone),
                uint_word(self.intensity),
            )
        )

    def leaf(self, keccak: Keccak) -> bytes:
        """`keccak256(bytes.concat(keccak256(abi.encode(...))))`."""
        return keccak(keccak(self.words()))

    @property
    def micrograms(self) -> int:
        """Location-based emissions in µgCO2e, rounded up: all energy x the grid's intensity, whatever the site says it gave."""
        return micrograms(self.millijoules, self.intensity)

    @property
    def site_micrograms(self) -> int:
        """What the part that the site gave would have emitted from the grid, rounded down: a line of its own."""
        return self.site_millijoules * self.intensity * 1000 // MILLIJOULES_PER_KWH


def micrograms(millijoules: int, intensity: int) -> int:
    """µgCO2e of grid energy at `intensity` mgCO2e per kWh, rounded up."""
    return -(-millijoules * intensity * 1000 // MILLIJOULES_PER_KWH)
