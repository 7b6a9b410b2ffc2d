"""`python -m fl_nodes.evaluator --api URL --key-file FILE`: serve as the operator's evaluator until stopped."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from fl_nodes import logs
from fl_nodes.connection import Connection, Introduction, Market
from fl_nodes.errors import NodeError
from fl_nodes.keys import read_key_file
from fl_nodes.objects import ObjectStore
from fl_nodes.process import hardware, serve
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.session import Session
from fl_nodes.training import determinism
from fl_nodes.trust import ca_file_option, trusting


def main() -> int:
    """Run; exit code 2 for a key or certificates that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m fl_nodes.evaluator", description=__doc__)
    parser.add_argument("--api", required=True, help="address of the backend, e.g. http://127.0.0.1:5000")
    parser.add_argument("--key-file", required=True, type=Path, help="key of the operator's evaluator")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "ecodml" / "evaluator")
    parser.add_argument(
        "--name", default="evaluator", help="distinguishes several evaluators of one operator"
    )
    parser.add_argument("--threads", type=int, help="threads of one TensorFlow operation")
    ca_file_option(parser)
    options = parser.parse_args()
    logs.set_up(as_json=True)
    try:
        trusting(options.ca_file)
        account = read_key_file(options.key_file)
    except NodeError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    determinism.prepare(options.threads)
    from fl_nodes.evaluator.root import root_update
    from fl_nodes.evaluator.work import EvaluatorWork
    from fl_nodes.work.model_files import ModelFiles
    from fl_nodes.work.own_reports import OwnReports
    from fl_nodes.work.validate import ValidatorWork

    introduction = Introduction(
        account=account,
        role=Role.EVALUATOR,
        name=options.name,
        hardware=hardware(),
        framework=determinism.framework(),
        environment=determinism.environment(),
    )
    files = ModelFiles(ObjectStore(options.cache))
    work = EvaluatorWork(files)
    connection = Connection(options.api, introduction)
    # It judges benchmarks, which belong to no job and have no panel of their own.
    judge = ValidatorWork(
        introduction,
        partial(_market, connection),
        files,
        OwnReports(options.cache / "reports"),
        introduction.environment,
    )
    handlers = {
        TaskKind.INITIALIZE: work.initialize,
        TaskKind.ROOT_UPDATE: partial(root_update, files),
        TaskKind.EVALUATE: work.evaluate,
        TaskKind.EXPORT: work.export,
        TaskKind.VALIDATE: judge.validate,
    }
    serve(Session(connection, handlers))
    return 0


def _market(connection: Connection) -> Market:
    if connection.market is None:
        raise NodeError("market.unknown", "The backend has not said yet which market this is.")
    return connection.market


if __name__ == "__main__":
    sys.exit(main())
