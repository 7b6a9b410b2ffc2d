"""A host's side of the pipe: one JSON request per line in, one JSON answer per line out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from fl_nodes.errors import NodeError
from fl_nodes.protocol.layers import ArchitectureInvalid
from fl_nodes.protocol.wire import WireError
from fl_nodes.training.tensors import TensorsInvalid

Operation = Callable[[dict[str, Any]], Any]


def serve(operations: Mapping[str, Operation]) -> None:
    """Answer requests until the pipe closes. What a node would refuse is an answer; anything else ends the host."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Whatever a library prints must not end up among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": operations[request["op"]](request)}
        except NodeError as error:
            answer = {"code": error.code, "message": error.message}
        except (TensorsInvalid, ArchitectureInvalid, WireError) as error:
            answer = {"code": "task.invalid", "message": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
