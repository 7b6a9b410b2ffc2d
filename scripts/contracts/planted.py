"""Planted bugs (mutants) as they are written down in tests/contracts/mutants/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.contracts.forge import CheckFailed

RULES = range(1, 10)
_NEEDED = {"name", "file", "rule", "bug", "find", "replace"}
_KNOWN = _NEEDED | {"caught_by"}


@dataclass(frozen=True)
class Mutant:
    """One bug: `find` in `file` becomes `replace`, which breaks `rule` of the contracts' nine.

    `caught_by` names the tests that must notice, as `Contract.function`; empty: any test.
    """

    name: str
    file: str
    rule: int
    bug: str
    find: str
    replace: str
    caught_by: tuple[str, ...] = ()

    def plant(self, folder: Path) -> None:
        """Rewrite the file under `folder`. Raises CheckFailed when `find` is not there exactly once."""
        path = folder / self.file
        if not path.is_file():
            raise CheckFailed("mutants.no_file", f"{self.name}: there is no {self.file}.")
        text = path.read_text(encoding="utf-8")
        if (times := text.count(self.find)) != 1:
            raise CheckFailed(
                "mutants.not_once", f"{self.name}: its find stands {times} times in {self.file}, not once."
            )
        path.write_text(text.replace(self.find, self.replace), encoding="utf-8")


def read_mutants(folder: Path) -> list[Mutant]:
    """All mutants under `folder`, in the order of their files. Raises CheckFailed on the first that is not well-formed."""
    mutants = [mutant for path in sorted(folder.glob("*.toml")) for mutant in _read(path)]
    names = [mutant.name for mutant in mutants]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise CheckFailed("mutants.name_twice", f"two mutants are named {twice}.")
    return mutants


def _read(path: Path) -> Iterator[Mutant]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CheckFailed("mutants.no_toml", f"{path.name} is no TOML: {error}.") from error
    for number, entry in enumerate(content.get("mutant", []), start=1):
        yield _mutant(entry, f"{path.name}, mutant {number}")


def _mutant(entry: Mapping[str, Any], where: str) -> Mutant:
    if missing := _NEEDED - entry.keys():
        raise CheckFailed("mutants.missing_key", f"{where} has no {min(missing)}.")
    if strange := entry.keys() - _KNOWN:
        raise CheckFailed("mutants.unknown_key", f"{where} has a key {min(strange)}, which means nothing.")
    if entry["rule"] not in RULES:
        raise CheckFailed("mutants.no_rule", f"{where}: there is no rule {entry['rule']}.")
    file = Path(entry["file"])
    if file.parts[:1] != ("contracts",) or ".." in file.parts:
        raise CheckFailed("mutants.outside", f"{where}: {file} is not under contracts/.")
    if entry["find"] == entry["replace"]:
        raise CheckFailed("mutants.no_change", f"{where} replaces its find by itself.")
    for test in entry.get("caught_by", ()):
        if test.count(".") != 1:
            raise CheckFailed("mutants.test_name", f"{where}: {test} is not written Contract.function.")
    return Mutant(**{**entry, "caught_by": tuple(entry.get("caught_by", ()))})
