"""The one error of this package; every code it can carry is listed in docs/refusals.md."""

from __future__ import annotations

from backend.errors import Invalid

NAMES_SHOWN = 12
CHARACTERS_SHOWN = 60


class DatasetInvalid(Invalid):
    """The file cannot be trained on. `message` is one sentence that says what is wrong and where."""


def quoted(text: str) -> str:
    """A name or value out of a customer's file, safe and short enough to stand inside a sentence."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f'"{shown}"' if len(shown) <= CHARACTERS_SHOWN else f'"{shown[: CHARACTERS_SHOWN - 3]}..."'


def listed(names: list[str] | tuple[str, ...]) -> str:
    """The first few of several names, and how many more there are."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(quoted(n) for n in names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
