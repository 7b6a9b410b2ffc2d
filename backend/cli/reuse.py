"""A training that was published already: take its result instead of paying for the same work again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.cli.client import Api
from backend.cli.fetch import fetch_from, lines
from backend.cli.terminal import Terminal, coins
from backend.domain.eco_text import grams, joules
from backend.errors import Invalid, Unrecoverable


def take(published: list[dict[str, Any]], folder: Path | None, api: Api, terminal: Terminal) -> int:
    """Download the best published result into `folder`; nothing is paid. Invalid `published.available` where no folder is named."""
    best = published[0]
    told = sentence(best)
    if folder is None:
        raise Invalid(
            "published.available",
            f"{told} Take it for nothing with --reuse DIR, or train anyway with --retrain. Nothing was paid.",
        )
    terminal.say(told)
    files = api.get(f"/api/published/{best['job_id']}/files")["files"]
    for name, fact in best["files"].items():
        if name not in files or files[name]["sha256"] != fact["sha256"]:
            raise Unrecoverable("published.files", f"The API does not give {name} as it was offered.")
    fetched = fetch_from(api, files, folder, terminal)
    terminal.finish({"reused": best, "files": fetched}, lines(fetched))
    return 0


def sentence(offer: dict[str, Any]) -> str:
    """What a published training is worth and what it took."""
    accuracy = offer["metrics"].get("accuracy")
    measured = f" with test accuracy {accuracy:.4f}" if isinstance(accuracy, float) else ""
    return (
        f"This training of this dataset was published by job {offer['job_id']}{measured}; it took "
        f"{joules(offer['millijoules'])}, {grams(offer['micrograms'])} CO2e and {coins(int(offer['fee_wei']))}."
    )
