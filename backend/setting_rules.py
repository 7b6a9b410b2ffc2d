"""What settings must be like, one by one and together; each breach is one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.errors import Invalid

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
GCS_LINK_DAYS = 7
SCHEDULERS = ("weighted", "pareto", "carbon", "learned", "standard")
LOG_FORMS = ("json", "console")
POSITIVE = (
    "api_threads",
    "round_seconds",
    "round_floor_seconds",
    "round_patience",
    "lease_seconds",
    "link_days",
    "benchmark_days",
    "max_fee_gwei",
    "benchmark_reference_seconds",
    "benchmark_reference_joules",
)
NOT_NEGATIVE = ("rate_limit_factor", "trusted_proxies", "benchmarks_at_once")


def check_choice(env: str, value: str, choices: Sequence[str], code: str) -> None:
    """One of these."""
    if value not in choices:
        raise Invalid(code, f"{env} must be one of {', '.join(choices)}, not {value!r}.")


def check_ports(ports: Mapping[str, int]) -> None:
    """`settings.port`."""
    for name, port in ports.items():
        if not 0 < port < 65_536:
            raise Invalid("settings.port", f"{name} must be a port number, not {port}.")


def check_positive(values: Mapping[str, float]) -> None:
    """`settings.positive`."""
    for name, value in values.items():
        if value <= 0:
            raise Invalid("settings.positive", f"{name} must be more than zero.")


def check_not_negative(values: Mapping[str, float]) -> None:
    """`settings.positive`."""
    for name, value in values.items():
        if value < 0:
            raise Invalid("settings.positive", f"{name} must not be below zero.")


def check_objects(objects: str, endpoint: str, link_days: float) -> None:
    """`settings.origin`, `settings.objects`, and `settings.link_days`: Google's signed URLs live a week at most."""
    if not ORIGIN.fullmatch(endpoint):
        raise Invalid(
            "settings.origin", f"ECODML_OBJECTS_ENDPOINT must be scheme://host[:port], not {endpoint!r}."
        )
    if objects and not objects.startswith("gs://"):
        raise Invalid("settings.objects", f"ECODML_OBJECTS must be gs://bucket[/prefix], not {objects!r}.")
    if objects and link_days > GCS_LINK_DAYS:
        raise Invalid(
            "settings.link_days",
            f"Signed URLs of gs:// live {GCS_LINK_DAYS} days at most: set ECODML_LINK_DAYS no higher.",
        )


def check_queue(url: str) -> None:
    """`settings.queue`; the URL may hold a password, so the sentence does not repeat it."""
    if url and not url.startswith(("redis://", "rediss://")):
        raise Invalid("settings.queue", "ECODML_QUEUE_URL must be redis:// or rediss:// with a host.")


def check_tls(cert_file: Path | None, key_file: Path | None, api_url: str) -> None:
    """`settings.tls`: both files or none, and links that say https."""
    if (cert_file is None) != (key_file is None):
        raise Invalid(
            "settings.tls", "ECODML_TLS_CERT_FILE and ECODML_TLS_KEY_FILE go together: one is missing."
        )
    if cert_file and not api_url.startswith("https://"):
        raise Invalid(
            "settings.tls",
            f"With ECODML_TLS_CERT_FILE the API speaks HTTPS only: ECODML_API_URL must be https://, not {api_url}.",
        )
