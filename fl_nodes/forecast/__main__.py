"""`python -m fl_nodes.forecast judge`: the forecasts held against each other on held-out weeks; JSON on standard output.

Without a file: the three typical years that pvlib brings. One core, a few minutes; nothing is fetched.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from fl_nodes.errors import NodeError

EXIT_REFUSED = 2


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 for input that cannot be used."""
    options = _options(arguments)
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(
            name, "1"
        )  # before anything reads them: threads that wait for each other take minutes
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fl_nodes.forecast import judging
    from fl_nodes.forecast.weather import typical_years

    try:
        models = judging.makers(options.models, options.seed, options.epochs)
        found = []
        for file in options.weather or typical_years():
            judgements = judging.judged(judging.place_of(file), models, options.folds, _progress)
            found.append(
                {
                    "place": file.name,
                    "rows": judging.rows(file.name, judgements),
                    "best": {what: of.best for what, of in judgements.items()},
                    "why": {what: of.why for what, of in judgements.items()},
                }
            )
    except NodeError as error:
        sys.stderr.write(f"{error.message} [{error.code}]\n")
        return EXIT_REFUSED
    config = {name: getattr(options, name) for name in ("models", "epochs", "folds", "seed")}
    print(json.dumps({"config": config, "places": found}, indent=1))
    return 0


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fl_nodes.forecast", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="judge")
    judge = commands.add_parser("judge", help="which forecast is best, and by how much")
    judge.add_argument("weather", nargs="*", type=Path, help="typical years (TMY3, TMY2, EPW) to judge on")
    judge.add_argument("--models", nargs="+", default=["ridge", "boosting", "lstm"], metavar="NAME")
    judge.add_argument("--epochs", type=int, default=6, help="how often the network sees each hour (6)")
    judge.add_argument("--folds", nargs="+", type=int, default=[0, 2], help="which of the four to run (0 2)")
    judge.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
