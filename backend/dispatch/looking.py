"""Looking again and again at what is due, through whatever goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from backend.errors import EcoError

log = structlog.get_logger()


def look_again(look: Callable[[], None], seconds: float, stop: Callable[[], bool], name: str) -> None:
    """Call `look` every so often until `stop()`. Trouble is logged under `name` and outlasted."""
    pause = threading.Event()
    while not stop():
        try:
            look()
        except EcoError as error:
            log.warning(f"{name}.postponed", code=error.code, message=error.message)
        except Exception:
            log.exception(f"{name}.failed")
        pause.wait(seconds)
