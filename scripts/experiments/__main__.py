"""Run the energy part's experiments: tables on standard output, JSON, CSV, LaTeX and PNG under run/experiments."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from pathlib import Path

from scripts.experiments import report
from scripts.experiments.study import DataMissing, Options, Study

STUDIES: dict[str, str] = {
    "replay-track": "scripts.experiments.replay_track",
    "honest-track": "scripts.experiments.honest_track",
    "honest-ablation": "scripts.experiments.honest_ablation",
    "honest-sensitivity": "scripts.experiments.honest_sensitivity",
    "scalability": "scripts.experiments.scalability",
    "shifting": "scripts.experiments.shifting",
    "federated": "scripts.experiments.federated",
    "forecast": "scripts.experiments.forecast",
    "intensity-bands": "scripts.experiments.intensity_bands",
}
"""Names of studies, in the order they run, to the modules whose `run` makes them."""
EXIT_FAILED, EXIT_REFUSED = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 where a study failed and 2 where its data is missing; a missed goal is told, not an error."""
    given = _given(arguments)
    options = Options(given.data, given.seed, given.quick, _progress)
    status, told = 0, []
    for name in given.only or STUDIES:
        _progress(f"{name}: begins")
        began = time.monotonic()
        try:
            study = _study(name, options)
        except DataMissing as missing:
            _progress(f"{name}: {missing}")
            status = max(status, EXIT_REFUSED)
            continue
        except Exception as failure:  # noqa: BLE001 - the other studies still run
            _progress(f"{name}: failed: {type(failure).__name__}: {failure}")
            status = EXIT_FAILED
            continue
        paths = report.write(study, options.seed, given.folder)
        _progress(f"{name}: {time.monotonic() - began:.1f} s, {', '.join(str(path) for path in paths)}")
        told.append(report.as_json(study, options.seed))
        if not given.json:
            print(f"## {study.title or name}\n\n{report.markdown(study)}\n")
        if given.pages:
            _put_on_pages(study, options.seed, given.folder)
    if given.json:
        print(json.dumps(told, indent=1, default=str))
    return status


def _study(name: str, options: Options) -> Study:
    made: Study = importlib.import_module(STUDIES[name]).run(options)
    return made


def _put_on_pages(study: Study, seed: int, folder: Path) -> None:
    for page in sorted(report.PAGES.glob("*.md")):
        if report.fill(study, seed, page):
            picture = folder / f"{study.name}.png"
            (report.PAGES / picture.name).write_bytes(picture.read_bytes())


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _given(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.experiments", description=__doc__)
    bench = os.environ.get("ECODML_BENCH_DATA")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(bench) if bench else report.ROOT / "run" / "bench" / "data",
        help="folder with carbon/ZONE_YEAR.csv, hourly grid intensity in the form of Electricity Maps "
        "(default: ECODML_BENCH_DATA, else run/bench/data)",
    )
    parser.add_argument(
        "--only", nargs="+", choices=tuple(STUDIES), metavar="STUDY", help=f"run these: {', '.join(STUDIES)}"
    )
    parser.add_argument("--seed", type=int, default=1, help="what every draw follows from (default: 1)")
    parser.add_argument("--quick", action="store_true", help="seconds each: that it runs, not what it finds")
    parser.add_argument(
        "--json", action="store_true", help="print everything as one JSON list instead of tables"
    )
    parser.add_argument(
        "--folder", type=Path, default=report.FOLDER, help="where files go (default: run/experiments)"
    )
    parser.add_argument(
        "--pages", action="store_true", help="also write tables and pictures into docs/experiments"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
