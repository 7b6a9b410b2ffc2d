"""The handwritten digits that ship with scikit-learn, as the CSV a customer would have:
64 pixels and the digit's name."""

from __future__ import annotations

import csv
from pathlib import Path

TARGET = "digit"


def write_digits(path: Path) -> int:
    """Write the whole set with a header; returns the number of rows."""
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(f"pixel_{row}_{column}" for row in range(8) for column in range(8)), TARGET])
        writer.writerows([*map(int, row), int(digit)] for row, digit in zip(pixels, digits, strict=True))
    return len(digits)
