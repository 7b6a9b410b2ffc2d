"""`python -m fl_nodes.meter compare`: how repeatable CodeCarbon's process mode and our own model are on this machine, as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib.metadata import version

from fl_nodes.meter.model import ModelCounter
from fl_nodes.meter.nvml import gpu_counter
from fl_nodes.meter.rapl import domains


def main() -> int:
    """Print the figures; exit 2 where CodeCarbon is not installed."""
    parser = argparse.ArgumentParser(prog="python -m fl_nodes.meter", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="compare")
    compare = commands.add_parser("compare", help="the same work under CodeCarbon and under our model")
    compare.add_argument("--runs", type=int, default=12, help="how often (12)")
    options = parser.parse_args()
    if options.runs < 2:
        parser.error("--runs: repeatability takes two runs or more")
    try:
        began_s, cpu_s = time.perf_counter(), time.process_time()
        codecarbon = version("codecarbon")
        import codecarbon as _  # noqa: F401
    except ImportError:
        sys.stderr.write("CodeCarbon is not installed here: use the nodes' environment.\n")
        return 2
    loading = {"seconds": time.perf_counter() - began_s, "cpu_seconds": time.process_time() - cpu_s}
    from fl_nodes.meter.compare import figures, runs
    from fl_nodes.processor import cpu_model

    said = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "hardware": {"cpu": cpu_model(), "cpus": os.cpu_count(), "system": platform.platform()},
        "rapl": bool(domains()),
        "nvml": gpu_counter() is not None,
        "model_method": ModelCounter().method,
        "codecarbon_version": codecarbon,
        "codecarbon_loading": loading,
        **figures(list(runs(options.runs))),
    }
    print(json.dumps(said, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
