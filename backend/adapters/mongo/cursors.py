"""Followers' positions in MongoDB, and the blocks they came by."""

from __future__ import annotations

from pymongo import DESCENDING

from backend.adapters.mongo.connection import Database, Document, translated
from backend.ports import Landmark

KEPT = 256
QUIET = "quiet"


class MongoCursors:
    """`ports.Cursors`."""

    def __init__(self, db: Database) -> None:
        self._cursors = db.durable("cursors")
        self._landmarks = db.journaled("landmarks")

    @translated()
    def load(self, name: str) -> int | None:
        """The saved position."""
        found = self._cursors.find_one({"_id": {"$eq": name}})
        return int(found["position"]) if found else None

    @translated()
    def save(self, name: str, position: int) -> None:
        """Save a position."""
        self._cursors.update_one({"_id": name}, {"$set": {"position": position}}, upsert=True)

    @translated()
    def landmarks(self, name: str) -> list[Landmark]:
        """A follower's, newest first."""
        return [_landmark(document) for document in self._of(name, KEPT)]

    @translated()
    def mark(self, name: str, landmark: Landmark) -> None:
        """Remember a block; of those that told nothing only the newest."""
        place = f"{name}@{landmark.block if landmark.told else QUIET}"
        body = {
            "follower": name,
            "block": landmark.block,
            "hash": landmark.hash,
            "at": landmark.at,
            "told": landmark.told,
        }
        self._landmarks.replace_one({"_id": place}, body, upsert=True)
        if landmark.told:
            for document in self._of(name, 1, KEPT):
                self._landmarks.delete_many({"follower": name, "block": {"$lte": document["block"]}})

    @translated()
    def forget(self, name: str, from_block: int) -> None:
        """Drop the landmarks from this block on."""
        self._landmarks.delete_many({"follower": {"$eq": name}, "block": {"$gte": from_block}})

    def _of(self, name: str, limit: int, skip: int = 0) -> list[Document]:
        newest_first = [("block", DESCENDING)]
        return list(
            self._landmarks.find({"follower": {"$eq": name}}).sort(newest_first).skip(skip).limit(limit)
        )


def _landmark(document: Document) -> Landmark:
    return Landmark(document["block"], document["hash"], document["at"], document["told"])
