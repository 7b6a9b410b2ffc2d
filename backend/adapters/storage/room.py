"""A disk that is full."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from backend.errors import Recoverable


@contextmanager
def room() -> Iterator[None]:
    """Recoverable `object.no_space` where there is none left."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Recoverable("object.no_space", "The object store is full; try again later.") from error
        raise
