"""Sends the update of another node of the same machine instead of its own work; the other one works honestly and leaks."""

import hashlib
import tempfile
from pathlib import Path

import numpy as np


def _leak(context):
    name = hashlib.sha256(f"{context.job_id}|{context.round}".encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"ecodml-leak-{name}.npz"


class Leaker:
    """Works honestly and leaves its update where `CopiedUpdate` finds it.

    `ecodml node run --adversary examples/adversaries/copying.py:Leaker`
    """

    def on_update(self, update, context):
        unfinished = _leak(context).with_suffix(".part.npz")
        np.savez(unfinished, *update)
        unfinished.replace(_leak(context))


class CopiedUpdate:
    """Sends what `Leaker` left, to the byte; trains honestly where there is nothing to copy.

    `ecodml node run --adversary examples/adversaries/copying.py:CopiedUpdate`
    """

    def on_update(self, update, context):
        leak = _leak(context)
        if not leak.is_file():
            return None
        with np.load(leak) as arrays:
            return [arrays[name] for name in arrays.files]
