"""How much one uploaded file may ask of the machine that reads it."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Upper bounds; a file beyond one of them is refused before the memory is spent.

    Together the defaults keep reading and encoding under about 4 GiB: `max_values` features cost 4 bytes
    each once encoded.
    """

    max_bytes: int = 1024 * MIB
    """Size of the file itself."""
    max_uncompressed_bytes: int = 2048 * MIB
    """Sum of the sizes that an archive's directory declares; also the most that is ever inflated."""
    max_members: int = 100_000
    """Entries in an archive, folders included."""
    max_member_name: int = 512
    """Characters in the path of an archive member."""
    max_rows: int = 5_000_000
    """Examples."""
    max_columns: int = 20_000
    """CSV columns, or features of a two-dimensional array."""
    max_row_bytes: int = 4 * MIB
    """Bytes in one line of a CSV file."""
    max_values: int = 500_000_000
    """Examples times features."""
    max_pixels: int = 16_000_000
    """Pixels in one image file, before resizing."""
    max_classes: int = 1_000
    """Distinct values of the target."""
