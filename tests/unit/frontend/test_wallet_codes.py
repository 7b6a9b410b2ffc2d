"""docs/wallets.md has every code that the wallet's side of the pages gives, and no others."""

from __future__ import annotations

import re

from tests.support.javascript import FRONTEND

KINDS = r"(?:wallet|permit|chain|transaction)\.[a-z_]+"


def test_codes__given_by_the_wallets_modules__are_those_of_the_document() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (FRONTEND / "wallet").glob("*.js"))
    document = (FRONTEND.parent / "docs" / "wallets.md").read_text(encoding="utf-8")
    table = document.partition("## Codes")[2].partition("\n## ")[0]
    assert set(re.findall(rf"`({KINDS})`", table)) == set(re.findall(rf'"({KINDS})"', sources))
