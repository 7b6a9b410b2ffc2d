"""`python -m tests.support.gcs [ORIGIN]`: a store to try a stack against, until Ctrl-C; it prints the settings that lead there."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from pathlib import Path

from tests.support.gcs.server import running


def main(origin: str) -> None:
    """Keeps everything in memory."""
    with tempfile.TemporaryDirectory(prefix="gcs-") as folder, running(Path(folder), origin) as store:
        sys.stdout.write(
            f"export ECODML_OBJECTS={store.address}\n"
            f"export ECODML_OBJECTS_ENDPOINT={store.endpoint}\n"
            f"export ECODML_OBJECTS_CREDENTIALS_FILE={store.credentials_file}\n"
        )
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8600")
