"""What is kept, on the real database and the real object storage, and the files of keys and secrets."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend.adapters import mongo
from backend.adapters.mail.smtp import SmtpMail
from backend.adapters.storage.folder import FolderObjects
from backend.adapters.storage.gcs import GcsObjects
from backend.adapters.storage.gcs_client import connect
from backend.config import Settings
from backend.errors import Unrecoverable
from backend.ports import Objects


@dataclass(frozen=True)
class Stores:
    """Everything that is kept, on the real database and the real object storage."""

    tickets: mongo.MongoTickets
    effects: mongo.MongoEffects
    tasks: mongo.MongoTasks
    nodes: mongo.MongoNodes
    machines: mongo.MongoMachines
    rating_steps: mongo.MongoRatingSteps
    seats: mongo.MongoSeats
    processes: mongo.MongoProcesses
    cursors: mongo.MongoCursors
    sessions: mongo.MongoSessions
    users: mongo.MongoUsers
    objects: Objects
    secret: bytes


def open_stores(settings: Settings) -> Stores:
    """Connect to database and object storage."""
    secret = bytes.fromhex(read(settings.server_secret_file).strip())
    database = mongo.connect(
        settings.mongodb_uri, settings.mongodb_database, password(settings.mongodb_password_file)
    )
    return Stores(
        tickets=mongo.MongoTickets(database, time.time),
        effects=mongo.MongoEffects(database, time.time),
        tasks=mongo.MongoTasks(database, time.time),
        nodes=mongo.MongoNodes(database),
        machines=mongo.MongoMachines(database),
        rating_steps=mongo.MongoRatingSteps(database),
        seats=mongo.MongoSeats(database),
        processes=mongo.MongoProcesses(database),
        cursors=mongo.MongoCursors(database),
        sessions=mongo.MongoSessions(database),
        users=mongo.MongoUsers(database),
        objects=open_objects(settings, secret),
        secret=secret,
    )


def outgoing_mail(settings: Settings) -> SmtpMail:
    """The mail server."""
    return SmtpMail(settings.smtp_url, settings.mail_from, password(settings.smtp_password_file))


def password(file: Path | None) -> str:
    """What a file of a password holds, empty where there is none."""
    return read(file).strip("\r\n") if file is not None else ""


def open_objects(settings: Settings, secret: bytes) -> FolderObjects | GcsObjects:
    """The object storage that `ECODML_OBJECTS` names: a bucket, or a folder of the deployment's state."""
    if not settings.objects:
        return FolderObjects(settings.state_dir / "objects", settings.api_url, secret, time.time)
    place = connect(settings.objects, settings.objects_endpoint, settings.objects_credentials_file)
    # Pages that upload come from where the API is, and no other site's may.
    site = urlsplit(settings.api_url)
    return GcsObjects(place, f"{site.scheme}://{site.netloc}")


def private_key(file: Path) -> str:
    """A key file's key."""
    document: dict[str, Any] = json.loads(read(file))
    return str(document["private_key"])


def read(file: Path) -> str:
    """A file of the deployment; Unrecoverable `settings.file` where it is not there."""
    try:
        return file.read_text()
    except OSError as error:
        raise Unrecoverable(
            "settings.file", f"{file} cannot be read ({error.strerror}); start the stack with `make up`."
        ) from error
