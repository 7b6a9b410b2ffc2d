"""How the load's processes speak with the one that started them: words on standard input, JSON on standard output, line by line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any


async def each_line() -> AsyncIterator[str]:
    """Lines of standard input until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line.decode().strip()


def tell(said: Mapping[str, Any]) -> None:
    """A line of JSON on standard output."""
    print(json.dumps(said), flush=True)
