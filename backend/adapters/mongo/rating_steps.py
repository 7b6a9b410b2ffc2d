"""What moved ratings, in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import UpdateOne

from backend.adapters import records
from backend.adapters.mongo.connection import Database, translated
from backend.domain.rating_step import RatingStep


class MongoRatingSteps:
    """`ports.RatingSteps`."""

    def __init__(self, db: Database) -> None:
        self._steps = db.journaled("rating_steps")

    @translated()
    def add(self, steps: Sequence[RatingStep]) -> None:
        """Keep these; one that is kept already is left as it is."""
        writes = [
            UpdateOne(
                {"_id": f"{step.provider}/{step.block}/{step.log_index}"},
                {
                    "$setOnInsert": {
                        "provider": step.provider,
                        "block": step.block,
                        "log_index": step.log_index,
                        "body": records.pack(step),
                    }
                },
                upsert=True,
            )
            for step in steps
        ]
        if writes:
            self._steps.bulk_write(writes, ordered=False)

    @translated()
    def forget(self, from_block: int) -> None:
        """Drop those of this block and later ones."""
        self._steps.delete_many({"block": {"$gte": from_block}})

    @translated()
    def of(self, provider: str) -> list[RatingStep]:
        """A provider's, in the order of the chain."""
        found = self._steps.find({"provider": {"$eq": provider}}).sort([("block", 1), ("log_index", 1)])
        return [records.build(RatingStep, records.unpack(document["body"])) for document in found]
