"""Every error a node raises on purpose.

NodeError            a stable code and one sentence
  Refused            the request cannot be accepted as it is: bad input, bad task (exit 2)
  Unreachable        the other side does not answer; nothing was lost, try again (exit 3)
"""

from __future__ import annotations


class NodeError(Exception):
    """An error with a stable, dotted code and one sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Refused(NodeError):
    """The request cannot be accepted as it is."""


class Unreachable(NodeError):
    """The other side does not answer; nothing was lost."""
