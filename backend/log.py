"""Structured logs: an event name and fields on stderr, never sentences or secrets, as JSON lines or for a person to read.

Which ticket, round, job, effect, task or request a line is about is bound where the work begins (`about`), so that whatever is
logged meanwhile, by whichever part, carries it.
"""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any

import structlog

from fl_nodes.protocol.redaction import redact_event

FORMS = ("json", "console")


def configure(process: str, form: str = "json") -> None:
    """Set up this process's logs, ours and those of libraries; called once by `__main__`."""

    def named(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        # Not a context variable: threads start without those.
        event["process"] = process
        return event

    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        named,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, redact_event, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact_event, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def about(**ids: Any) -> AbstractContextManager[None]:
    """Everything logged inside by this thread is about these: `ticket`, `job`, `round`, `effect`, `task`, `node`, `request`."""
    return structlog.contextvars.bound_contextvars(**ids)
