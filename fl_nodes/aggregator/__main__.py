"""`python -m fl_nodes.aggregator --api URL --key-file FILE`: serve as the operator's aggregator until stopped."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from fl_nodes import logs
from fl_nodes.connection import Connection, Introduction
from fl_nodes.errors import NodeError
from fl_nodes.keys import read_key_file
from fl_nodes.objects import ObjectStore
from fl_nodes.process import hardware, serve
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.session import Session
from fl_nodes.trust import ca_file_option, trusting


def main() -> int:
    """Run; exit code 2 for a key or certificates that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m fl_nodes.aggregator", description=__doc__)
    parser.add_argument("--api", required=True, help="address of the backend, e.g. http://127.0.0.1:5000")
    parser.add_argument("--key-file", required=True, type=Path, help="key of the operator's aggregator")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "ecodml" / "aggregator")
    parser.add_argument(
        "--name", default="aggregator", help="distinguishes several aggregators of one operator"
    )
    ca_file_option(parser)
    options = parser.parse_args()
    logs.set_up(as_json=True)
    try:
        trusting(options.ca_file)
        account = read_key_file(options.key_file)
    except NodeError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    import tensorflow_federated as tff

    from fl_nodes.aggregator.graphs import forgo_executor
    from fl_nodes.aggregator.work import AggregatorWork

    forgo_executor()
    introduction = Introduction(
        account=account,
        role=Role.AGGREGATOR,
        name=options.name,
        hardware=hardware(),
        framework=f"tensorflow-federated {tff.__version__}, tensorflow {tf.__version__}",
    )
    work = AggregatorWork(ObjectStore(options.cache), options.cache)
    serve(Session(Connection(options.api, introduction), {TaskKind.AGGREGATE: work.aggregate}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
