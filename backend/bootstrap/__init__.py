"""The composition root: the only place that sees every adapter. Each module builds one process from settings."""

from backend.bootstrap.api import api
from backend.bootstrap.dispatcher import dispatcher
from backend.bootstrap.settler import settler

__all__ = ["api", "dispatcher", "settler"]
