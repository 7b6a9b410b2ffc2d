"""The bench of learning from its command line: quick cells on digits, and everything it writes about them."""

import json
import subprocess
import sys
from pathlib import Path

from scripts.bench.learning import plan
from scripts.demo.customer import ROOT


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.bench.learning", "--quick", "--crews", "1", "--folder", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_quick__writes_figures_tables_and_plots__and_measures_nothing_twice(tmp_path: Path) -> None:
    first = run(tmp_path)
    assert first.returncode == 0, first.stderr
    measured = json.loads((tmp_path / "learning.json").read_text())
    cells = {part: f"{len(chosen)} of {len(chosen)}" for part, chosen in vars(plan.quick()).items()}
    assert measured["about"]["cells"] == cells
    named = {row["attack"]: (row["recall"], row["honest_named"]) for row in measured["detection"]}
    assert named == {"sign flip": (1.0, 0), "copy": (1.0, 0)}
    assert "## Cheats" in (tmp_path / "learning.tables.md").read_text()
    for plot in ("accuracy", "detection"):
        assert (tmp_path / f"learning-{plot}.png").read_bytes().startswith(b"\x89PNG")
    records = (tmp_path / "quick.jsonl").read_bytes()
    again = run(tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "quick.jsonl").read_bytes() == records
