"""Published trainings in memory."""

from __future__ import annotations

from backend.domain.effects import Publish
from backend.domain.publication import Publication, listed


class MemoryPublications:
    """`ports.Publications`; `listed` is by job."""

    def __init__(self) -> None:
        self.listed: dict[str, Publication] = {}

    def find(self, dataset_sha256: str, recipe_sha256: str) -> tuple[Publication, ...]:
        """Those of this recipe on this dataset, oldest first."""
        wanted = (dataset_sha256, recipe_sha256)
        return tuple(p for p in self.listed.values() if (p.dataset_sha256, p.recipe_sha256) == wanted)

    def publish(self, effect: Publish) -> str:
        """List a training, once; a made-up transaction's hash."""
        if effect.job_id not in self.listed:
            self.listed[effect.job_id] = listed(effect)
        return f"0x{list(self.listed).index(effect.job_id) + 1:064x}"
