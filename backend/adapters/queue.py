"""The queue by which several API processes tell one another of sockets: Socket.IO's own, over Redis."""

from __future__ import annotations

import redis
import socketio

from backend.errors import Invalid, Recoverable

CONNECT_SECONDS = 2.0
CHECK_SECONDS = 15


class RedisQueue:
    """`redis://` or, over TLS, `rediss://`. `deployment` keeps those that share a Redis apart."""

    def __init__(self, url: str, deployment: str) -> None:
        options = {
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": CHECK_SECONDS,
        }
        try:
            self._redis = redis.Redis.from_url(url, socket_timeout=CONNECT_SECONDS, **options)
        except ValueError as error:
            raise Invalid("settings.queue", f"ECODML_QUEUE_URL cannot be used: {error}.") from error
        self.manager = socketio.RedisManager(url, channel=f"ecodml/{deployment}", redis_options=options)

    def probe(self) -> str:
        """What a health page says of it; Recoverable `queue.unreachable`."""
        try:
            self._redis.ping()
        except redis.RedisError as error:
            # What redis says of a wrong password or address names neither.
            raise Recoverable("queue.unreachable", f"The queue does not answer: {error}.") from error
        return "answers"
