"""Who is connected, and at which of the API's processes, in MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime

from pymongo import ReturnDocument

from backend.adapters.mongo.connection import Database, Document, translated
from backend.domain.seat import Seat
from backend.ports.seats import SILENT_SECONDS
from fl_nodes.protocol.tasks import Role

KEPT_SECONDS = 3_600.0


class MongoSeats:
    """`ports.Seats`. A process says once for all its seats that it lives."""

    def __init__(self, db: Database) -> None:
        self._seats = db.journaled("seats")
        self._apis = db.journaled("apis")

    @translated()
    def take(self, seat: Seat, at: float) -> Seat | None:
        """Seat a machine; the seat that it had before."""
        fields = {
            "sid": seat.sid,
            "worker": seat.worker,
            "role": seat.role.value,
            "provider": seat.provider,
            "api": seat.api,
        }
        self._lives(seat.api, at)
        before = self._seats.find_one_and_update(
            {"_id": seat.machine}, {"$set": fields}, upsert=True, return_document=ReturnDocument.BEFORE
        )
        return _seat(before) if before else None

    @translated()
    def leave(self, machine: str, sid: str) -> bool:
        """Its socket closed; false where the machine sits elsewhere by now."""
        return self._seats.delete_one({"_id": {"$eq": machine}, "sid": {"$eq": sid}}).deleted_count == 1

    @translated()
    def present(self, api: str, at: float) -> None:
        """This process lives; the seats of those that fell silent are cleared."""
        self._lives(api, at)
        self._seats.delete_many({"api": {"$nin": self._alive(at)}})

    @translated()
    def all(self, at: float) -> list[Seat]:
        """Seats at processes that live, by machine."""
        return [_seat(found) for found in self._seats.find({"api": {"$in": self._alive(at)}}).sort("_id")]

    @translated()
    def of(self, worker: str, at: float) -> list[Seat]:
        """One worker's, by machine."""
        mine = {"worker": {"$eq": worker}, "api": {"$in": self._alive(at)}}
        return [_seat(found) for found in self._seats.find(mine).sort("_id")]

    @translated()
    def counts(self, at: float) -> dict[Role, int]:
        """How many seats each role has."""
        of_the_living = {"$match": {"api": {"$in": self._alive(at)}}}
        by_role = {"$group": {"_id": "$role", "seats": {"$sum": 1}}}
        found = {f["_id"]: f["seats"] for f in self._seats.aggregate([of_the_living, by_role])}
        return {role: found.get(role.value, 0) for role in Role}

    def _lives(self, api: str, at: float) -> None:
        expires = datetime.fromtimestamp(at + KEPT_SECONDS, UTC)
        self._apis.update_one({"_id": api}, {"$max": {"seen": at, "expires": expires}}, upsert=True)

    def _alive(self, at: float) -> list[str]:
        return [found["_id"] for found in self._apis.find({"seen": {"$gt": at - SILENT_SECONDS}}, {"_id": 1})]


def _seat(found: Document) -> Seat:
    return Seat(
        found["sid"], found["worker"], found["_id"], Role(found["role"]), found["provider"], found["api"]
    )
