"""Running the pages' pure modules under Node, with values from Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
SECONDS = 60


def node(body: str, given: Any = None) -> Any:
    """What the module `body` returns by `give(value)`, as JSON; it finds `given` under that name and the pages'
    folder as `frontend`, an address to import from.
    """
    module = f"""
    const given = {json.dumps(given)};
    const frontend = {json.dumps(FRONTEND.as_uri())};
    const give = (value) => process.stdout.write(JSON.stringify(value));
    {body}
    """
    ran = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=module,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
