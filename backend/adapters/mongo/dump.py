"""The whole database as files, all collections as they were at one moment, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure

from backend.adapters.mongo.connection import Database, translated
from backend.errors import Invalid, Recoverable

SUFFIX = ".bson"
BATCH = 500
ATTEMPTS = 5
_SNAPSHOT_GONE = {239, 246}
"""SnapshotTooOld, SnapshotUnavailable: a dump of more than five minutes, or a collection made a moment ago."""


@translated()
def dump(db: Database, folder: Path) -> dict[str, int]:
    """Every collection into `folder`, one file each; how many documents. Writers need not stop: it is a snapshot.

    Recoverable `database.snapshot` where the server does not keep the moment long enough.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _dump(db, folder)
        except OperationFailure as error:
            if error.code not in _SNAPSHOT_GONE:
                raise
            if attempt + 1 == ATTEMPTS:
                raise Recoverable(
                    "database.snapshot",
                    "The database does not keep one moment as long as copying it takes: raise minSnapshotHistoryWindowInSeconds.",
                ) from error
    raise AssertionError


@translated()
def documents(db: Database) -> int:
    """How many the database holds."""
    whole = db.whole()
    return sum(whole[name].count_documents({}) for name in _names(db))


@translated()
def clear(db: Database) -> None:
    """Remove every document; collections and indexes stay."""
    whole = db.whole()
    for name in _names(db):
        whole[name].delete_many({})


@translated()
def load(db: Database, folder: Path) -> dict[str, int]:
    """Put back what `dump` wrote, into an empty database; how many documents by collection."""
    return {file.stem: _load(db, file) for file in sorted(folder.glob(f"*{SUFFIX}"))}


def _dump(db: Database, folder: Path) -> dict[str, int]:
    whole = db.whole()
    found = {}
    with whole.client.start_session(snapshot=True) as session:
        for name in _names(db):
            count = 0
            with (folder / f"{name}{SUFFIX}").open("wb") as file:
                for document in whole[name].find({}, session=session, batch_size=BATCH):
                    file.write(document.raw)
                    count += 1
            found[name] = count
    return found


def _load(db: Database, file: Path) -> int:
    collection = db.whole()[file.stem]
    count = 0
    with file.open("rb") as stream:
        for batch in _batches(decode_file_iter(stream, CodecOptions(RawBSONDocument)), file):
            collection.insert_many(batch)
            count += len(batch)
    return count


def _batches(read: Iterator[RawBSONDocument], file: Path) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    try:
        for document in read:
            batch.append(document)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except ValueError as error:  # bson's errors are ones
        raise Invalid("database.dump", f"{file.name} holds no documents that can be read.") from error
    if batch:
        yield batch


def _names(db: Database) -> list[str]:
    return sorted(name for name in db.whole().list_collection_names() if not name.startswith("system."))
