"""Published trainings in memory."""

from __future__ import annotations

from backend.domain.effects import Publish
from backend.domain.publication import Publication


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
            self.listed[effect.job_id] = Publication(
                effect.job_id,
                effect.dataset_sha256,
                effect.recipe_sha256,
                effect.model_sha256,
                effect.metrics_sha256,
                effect.millijoules,
                effect.micrograms,
                int(effect.fee_wei),
            )
        return f"0x{list(self.listed).index(effect.job_id) + 1:064x}"
