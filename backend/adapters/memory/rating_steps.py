"""What moved ratings, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.rating_step import RatingStep


class MemoryRatingSteps:
    """`ports.RatingSteps`."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int, int], RatingStep] = {}

    def add(self, steps: Sequence[RatingStep]) -> None:
        """Keep these; one that is kept already is left as it is."""
        for step in steps:
            self._steps.setdefault((step.provider, step.block, step.log_index), step)

    def forget(self, from_block: int) -> None:
        """Drop those of this block and later ones."""
        self._steps = {place: step for place, step in self._steps.items() if step.block < from_block}

    def of(self, provider: str) -> list[RatingStep]:
        """A provider's, in the order of the chain."""
        found = [step for step in self._steps.values() if step.provider == provider]
        return sorted(found, key=lambda step: (step.block, step.log_index))
