"""What Google Cloud Storage and its library say when something fails, as this product's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import urllib3
from google.api_core import exceptions as refused
from google.auth import exceptions as auth
from google.cloud.storage import exceptions as media
from google.cloud.storage.retry import DEFAULT_RETRY

from backend.errors import Recoverable

TIMEOUT_SECONDS = (5.0, 60.0)
# The library tries again for so long, with growing pauses, before anybody hears of it.
PATIENTLY: dict[str, Any] = {"retry": DEFAULT_RETRY.with_timeout(30.0), "timeout": TIMEOUT_SECONDS}
_MISSING = 404
_PRECONDITION = 412
_NOT_ALLOWED = (401, 403)


class Missing(Recoverable):
    """There is no such object, or no longer this generation of it; or no bucket at all."""

    def __init__(self) -> None:
        super().__init__("object.not_allowed", "The object store knows no such bucket, or does not show it.")


class Changed(Recoverable):
    """A precondition does not hold: somebody else was first."""

    def __init__(self) -> None:
        super().__init__("object.unreachable", "The object was changed in the meantime; try again.")


@contextmanager
def translated() -> Iterator[None]:
    """Recoverable `object.unreachable`, `object.not_allowed` or `object.damaged`."""
    try:
        yield
    except (refused.GoogleAPICallError, media.InvalidResponse) as error:
        raise _answered(error) from error
    except auth.RefreshError as error:
        if error.retryable:
            raise unreachable() from error
        raise _not_allowed() from error
    except media.DataCorruption as error:
        raise damaged() from error
    except (
        refused.RetryError,
        auth.TransportError,
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        ConnectionError,
        TimeoutError,
    ) as error:
        raise unreachable() from error


def unreachable() -> Recoverable:
    """The store does not answer, or not now."""
    return Recoverable("object.unreachable", "The object store does not answer; try again later.")


def damaged() -> Recoverable:
    """What came is not what the store says it holds."""
    return Recoverable("object.damaged", "The object store sent an object whose bytes do not add up.")


def _answered(error: refused.GoogleAPICallError | media.InvalidResponse) -> Exception:
    status = error.code if isinstance(error, refused.GoogleAPICallError) else error.response.status_code
    if status == _MISSING:
        return Missing()
    if status == _PRECONDITION:
        return Changed()
    return _not_allowed() if status in _NOT_ALLOWED else unreachable()


def _not_allowed() -> Recoverable:
    return Recoverable(
        "object.not_allowed",
        "The object store does not let this server in: its credentials lack a right or the bucket is not theirs.",
    )
