"""The local stack: every part of EcoDML as an OS process of its own, started in order and stopped in reverse.

`python -m scripts.stack up|down|status` from a terminal; `Stack(StackConfig(...)).start()` from Python.
"""

from scripts.stack.config import StackConfig
from scripts.stack.stack import Stack, StackFailed

__all__ = ["Stack", "StackConfig", "StackFailed"]
