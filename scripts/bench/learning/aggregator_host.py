"""`python -m scripts.bench.learning.aggregator_host` (aggregator's environment): the product's aggregator on a pipe."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from scripts.bench.learning.folder_store import FolderStore
from scripts.bench.learning.pipe import serve


def main() -> int:
    """Serve until the pipe closes."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench.learning.aggregator_host", description=__doc__
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is fetched")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fl_nodes.aggregator.work import AggregatorWork

    work = AggregatorWork(FolderStore(options.cache))

    def hello(_: dict[str, Any]) -> dict[str, str]:
        framework = ", ".join(f"{name} {version(name)}" for name in ("tensorflow-federated", "tensorflow"))
        return {"python": platform.python_version(), "environment": framework}

    def task(request: dict[str, Any]) -> dict[str, Any]:
        started = time.process_time()
        result = work.aggregate(Call(request["id"], TaskKind.AGGREGATE, request["payload"]))
        return {"result": to_wire(result), "seconds": time.process_time() - started}

    serve({"hello": hello, "task": task})
    return 0


if __name__ == "__main__":
    sys.exit(main())
