"""`python -m scripts.bench.overhead.table FILE`: a report of the bench as the Markdown table of docs/benchmarks/overhead.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HEAD = (
    "| parameters | nodes | Flower, s | ours, delivery, s | ratio | goal | met | ours, whole round, s | ratio |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def table(report: dict[str, Any]) -> str:
    """Medians, with the first and third quartile in brackets."""
    return HEAD + "".join(_row(cell) for cell in report["cells"] if "delivery_ratio" in cell)


def _row(cell: dict[str, Any]) -> str:
    goal = "" if cell["goal"] is None else f"<= {cell['goal']}"
    fields = (
        f"{cell['parameters']:,}".replace(",", " "),
        cell["nodes"],
        _seconds(cell["flower"]),
        _seconds(cell["delivery"]),
        cell["delivery_ratio"],
        goal,
        "yes" if cell["met"] else "no",
        _seconds(cell["whole_round"]),
        cell["whole_round_ratio"],
    )
    return f"| {' | '.join(map(str, fields))} |\n"


def _seconds(spread: dict[str, float]) -> str:
    return f"{spread['median']:.3f} ({spread['quartile_1']:.3f} to {spread['quartile_3']:.3f})"


if __name__ == "__main__":
    print(table(json.loads(Path(sys.argv[1]).read_text())), end="")
