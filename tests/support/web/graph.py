"""What the web app's files load: modules, workers and sheets, as they are written in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from posixpath import dirname, join, normpath

START = "/"
ROUTES = "/static/routes.js"
COMMENTS = re.compile(r"/\*.*?\*/|(?m:^\s*//[^\n]*$)", re.DOTALL)
STATIC = re.compile(r"""(?:\bfrom|\bimport)\s*["']((?:/|\./|\.\./)[^"']+)["']""")
LATER = re.compile(r"""(?:\bimport\(|\bnew Worker\()\s*["']((?:/|\./|\.\./)[^"']+)["']""")
SHEETS = re.compile(r"""\bstyles\(["']([a-z-]+)["']\)""")
TAGS = re.compile(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)="(/[^"]+)\"""")
PAGE = re.compile(r"""\[\s*"([^"]+)",\s*\(\)\s*=>\s*import\("([^"]+)"\)""")


def first_modules(module: str, text: str) -> list[str]:
    """What a module cannot run without."""
    return [_absolute(module, found) for found in STATIC.findall(COMMENTS.sub("", text))]


def first_of(file: str, text: str) -> list[str]:
    """What a file is not shown without: modules that it imports, sheets."""
    if not file.endswith(".js"):
        return []
    sheets = [f"/static/styles/{name}.css" for name in SHEETS.findall(COMMENTS.sub("", text))]
    return first_modules(file, text) + sheets


def all_of(file: str, text: str) -> list[str]:
    """All that a file may load; of the table of pages, nothing."""
    if file == START:
        return TAGS.findall(text)
    if file == ROUTES or not file.endswith(".js"):
        return []
    bare = COMMENTS.sub("", text)
    later = [_absolute(file, found) for found in LATER.findall(bare)]
    return first_modules(file, text) + later + [f"/static/styles/{name}.css" for name in SHEETS.findall(bare)]


def pages(routes: str) -> dict[str, str]:
    """The module of each address, out of the text of `ROUTES`."""
    return dict(PAGE.findall(routes))


def reached(
    starts: Iterable[str], text: Callable[[str], str], loads: Callable[[str, str], list[str]]
) -> set[str]:
    """All that is loaded from these files on."""
    found: set[str] = set()
    due = list(starts)
    while due:
        file = due.pop()
        if file not in found:
            found.add(file)
            due += loads(file, text(file))
    return found


def _absolute(module: str, found: str) -> str:
    return found if found.startswith("/") else normpath(join(dirname(module), found))
