"""A connection to MongoDB: its collections, the promises they keep, their indexes, and wake-ups."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, cast

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import (
    ASCENDING,
    DESCENDING,
    IndexModel,
    MongoClient,
    ReadPreference,
    WriteConcern,
    database,
    timeout,
)
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from backend.adapters.mongo.watcher import Watcher
from backend.adapters.wakeup import Wakeup
from backend.errors import EcoError, Invalid, Recoverable, Unrecoverable
from backend.ports import Standing

Document = dict[str, Any]
SELECTION_MS = 5_000
SOCKET_MS = 30_000
CLOSE_SECONDS = 1.0
STREAM_SELECTION_MS = 250
"""Change streams look for a lost server this long at a time, so that they can be stopped meanwhile."""
_NOT_AUTHENTICATED = {18}
_NOT_AUTHORIZED = {13}
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED\] certificate verify failed: ([^(]*[^( ])")
DURABLE = WriteConcern(w="majority", j=True, wtimeout=10_000)
JOURNALED = WriteConcern(w=1, j=True)

_INDEXES: dict[str, list[IndexModel]] = {
    "tickets": [
        IndexModel([("ref", ASCENDING)], unique=True),
        IndexModel([("job_id", ASCENDING)], unique=True),
        IndexModel([("customer", ASCENDING), ("created", DESCENDING)]),
        IndexModel([("status", ASCENDING), ("created", DESCENDING)]),
        IndexModel([("created", DESCENDING)]),
        IndexModel([("finished_by", ASCENDING)]),
        IndexModel([("public_words", ASCENDING)]),
        IndexModel([("changed", ASCENDING)]),
        IndexModel([("unsealed", ASCENDING), ("created", ASCENDING)]),
    ],
    "effects": [IndexModel([("state", ASCENDING), ("kind", ASCENDING), ("added", ASCENDING)])],
    "tasks": [
        IndexModel([("worker", ASCENDING), ("state", ASCENDING), ("added", ASCENDING)]),
        IndexModel([("ticket_id", ASCENDING), ("state", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("added", ASCENDING)]),
        IndexModel([("holder", ASCENDING), ("state", ASCENDING)], sparse=True),
    ],
    "seats": [IndexModel([("worker", ASCENDING)]), IndexModel([("api", ASCENDING)])],
    "processes": [
        IndexModel([("name", ASCENDING)]),
        IndexModel([("expires", ASCENDING)], expireAfterSeconds=0),
    ],
    "apis": [IndexModel([("expires", ASCENDING)], expireAfterSeconds=0)],
    "nodes": [IndexModel([("key", ASCENDING)])],
    "machines": [
        IndexModel([("provider", ASCENDING)]),
        IndexModel([("expires", ASCENDING)], expireAfterSeconds=0),
    ],
    "rating_steps": [
        IndexModel([("provider", ASCENDING), ("block", ASCENDING), ("log_index", ASCENDING)]),
        IndexModel([("block", ASCENDING)]),
    ],
    "landmarks": [IndexModel([("follower", ASCENDING), ("block", DESCENDING)])],
    "nonces": [IndexModel([("expires", ASCENDING)], expireAfterSeconds=0)],
    "sessions": [
        IndexModel([("user", ASCENDING), ("opened", DESCENDING)]),
        IndexModel([("expires", ASCENDING)], expireAfterSeconds=0),
    ],
    "users": [
        IndexModel(
            [("email", ASCENDING)], unique=True, partialFilterExpression={"email": {"$type": "string"}}
        ),
        IndexModel(
            [("wallets", ASCENDING)], unique=True, partialFilterExpression={"wallets.0": {"$exists": True}}
        ),
        IndexModel([("expires", ASCENDING)], expireAfterSeconds=0),
    ],
}


def translate(error: PyMongoError) -> EcoError:
    """The product's error for one of pymongo's: Recoverable where trying again may help."""
    if isinstance(error, OperationFailure) and error.code in _NOT_AUTHENTICATED:
        return Recoverable("database.credentials", "The database does not accept our user and password.")
    if isinstance(error, OperationFailure) and error.code in _NOT_AUTHORIZED:
        return Recoverable(
            "database.rights",
            "The database's user may not do this: it needs the role readWrite on our database.",
        )
    if isinstance(error, ConnectionFailure) and (problem := _certificate_problem(error)):
        return Recoverable("database.certificate", f"The database's certificate is not valid: {problem}.")
    passing = isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError)
    if passing or any(map(error.has_error_label, ("TransientTransactionError", "RetryableWriteError"))):
        return Recoverable("database.unreachable", "The database does not answer; try again shortly.")
    if isinstance(error, InvalidOperation):
        return Recoverable("database.closed", "The connection to the database is closed.")
    return Unrecoverable("database.refused", f"The database refused an operation: {error}.")


def _certificate_problem(error: ConnectionFailure) -> str | None:
    """What OpenSSL said, which pymongo passes on as text."""
    found = _CERTIFICATE.search(str(error))
    return found[1].rstrip(".") if found else None


@contextmanager
def translated() -> Iterator[None]:
    """Turn pymongo's errors into the product's; also a decorator."""
    try:
        yield
    except PyMongoError as error:
        raise translate(error) from error


def standing(collection: Collection[Document], states: Sequence[str]) -> Standing:
    """How many of a collection are in each of these states, and the time the oldest of each was added."""
    counted = collection.aggregate(
        [
            {"$match": {"state": {"$in": list(states)}}},
            {"$group": {"_id": "$state", "count": {"$sum": 1}, "since": {"$min": "$added"}}},
        ]
    )
    return {str(found["_id"]): (int(found["count"]), float(found["since"])) for found in counted}


class Database:
    """An open connection; close it when done."""

    def __init__(self, client: MongoClient[Document], streaming: MongoClient[Document], name: str) -> None:
        self._client = client
        self._streaming = streaming
        self._name = name
        self._watchers: dict[str, Watcher] = {}
        self._lock = threading.Lock()

    def durable(self, name: str) -> Collection[Document]:
        """A collection whose acknowledged writes survive any crash; reads show only such writes."""
        return self._client[self._name].get_collection(
            name,
            write_concern=DURABLE,
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )

    def journaled(self, name: str) -> Collection[Document]:
        """A collection whose writes survive a crash of the primary, not its loss: work that can be redone."""
        return self._client[self._name].get_collection(name, write_concern=JOURNALED)

    def whole(self) -> database.Database[RawBSONDocument]:
        """The database itself, its documents as the bytes they are, for copying it."""
        codec = CodecOptions(RawBSONDocument, tz_aware=True)
        found: Any = self._client.get_database(
            self._name, codec, write_concern=DURABLE, read_preference=ReadPreference.PRIMARY
        )
        return cast("database.Database[RawBSONDocument]", found)

    @contextmanager
    def transaction(self) -> Iterator[ClientSession]:
        """A durable transaction: committed when the block ends, aborted when it raises."""
        with (
            self._client.start_session() as session,
            session.start_transaction(ReadConcern("snapshot"), DURABLE, ReadPreference.PRIMARY),
        ):
            yield session

    def streamed(self, name: str) -> Collection[Document]:
        """A collection to open change streams on."""
        return self._streaming[self._name][name]

    def changes(self, name: str) -> Wakeup:
        """What is bumped when a collection changes, by one change stream per process and collection."""
        with self._lock:
            if name not in self._watchers:
                self._watchers[name] = Watcher(self.streamed(name))
            return self._watchers[name].wakeup

    def close(self) -> None:
        """Stop the change streams and close the connection."""
        with self._lock:
            watchers = list(self._watchers.values())
        for watcher in watchers:
            watcher.stop()
        for watcher in watchers:
            watcher.join()
        # Closing tells the server; where it is down, that must not take as long as waiting for it.
        with timeout(CLOSE_SECONDS):
            self._streaming.close()
            self._client.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(uri: str, name: str, password: str = "") -> Database:
    """Connect and make the indexes. A `password` given beside the address counts before the one in it.

    Recoverable `database.unreachable`, `.credentials`, `.rights`, `.certificate`; Invalid `settings.database`.
    """
    try:
        client, streaming = (_client(uri, ms, password) for ms in (SELECTION_MS, STREAM_SELECTION_MS))
    except (InvalidURI, ConfigurationError, ValueError, OSError, Warning) as error:
        raise Invalid(
            "settings.database", _unusable(uri, error)
        ) from None  # its own words may hold a password
    opened = Database(client, streaming, name)
    try:
        with translated():
            for collection, indexes in _INDEXES.items():
                client[name][collection].create_indexes(indexes)
    except EcoError:
        opened.close()
        raise
    return opened


def _unusable(uri: str, error: Exception) -> str:
    if "@" in uri:
        return (
            "MONGODB_URI cannot be used: user and password must be percent-encoded, host, options and files be right "
            f"({type(error).__name__}; more is not said, because it may hold the password)."
        )
    return f"The database's address cannot be used: {str(error).rstrip('.')}."


def _client(uri: str, selection_ms: int, password: str) -> MongoClient[Document]:
    secret: dict[str, Any] = {"password": password} if password else {}
    # An option that pymongo does not understand is only warned of, `tls=yes` among them: then nothing would be encrypted.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return MongoClient(
            uri,
            **secret,
            tz_aware=True,
            connect=False,
            serverSelectionTimeoutMS=selection_ms,
            connectTimeoutMS=SELECTION_MS,
            socketTimeoutMS=SOCKET_MS,
        )
