"""An API process of its own for tests that kill one: real database and queue, the rest as in `World`.

`python -m tests.support.api_process PORT MONGODB_URI DATABASE QUEUE_URL FOLDER [RATE_LIMIT_FACTOR]`
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from backend.adapters import mongo
from backend.adapters.queue import RedisQueue
from backend.api.server import serve
from backend.config import Settings
from tests.support.api_world import World


def main(port: str, uri: str, name: str, queue_url: str, folder: str, factor: str = "0") -> None:
    """Serve until SIGTERM."""
    database = mongo.connect(uri, name)
    settings = Settings(
        api_url="http://127.0.0.1:8600",
        api_port=int(port),
        rate_limit_factor=float(factor),
        queue_url=queue_url,
    )
    world = World(Path(folder), clock=time.time)
    serve(
        replace(
            world.parts,
            settings=settings,
            tickets=mongo.MongoTickets(database, time.time),
            effects=mongo.MongoEffects(database, time.time),
            tasks=mongo.MongoTasks(database, time.time),
            nodes=mongo.MongoNodes(database),
            seats=mongo.MongoSeats(database),
            sessions=mongo.MongoSessions(database),
            users=mongo.MongoUsers(database),
            queue=RedisQueue(queue_url, name).manager,
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
