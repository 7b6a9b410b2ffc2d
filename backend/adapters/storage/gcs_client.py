"""The way to a bucket: which, with whose credentials, at which address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth
from google.auth.credentials import Credentials, Signing
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from google.oauth2 import service_account

from backend.errors import Invalid

ADDRESS = re.compile(
    r"gs://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*))?/?"
)
_GOOGLE = ".googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)


@dataclass(frozen=True)
class Place:
    """A bucket at an address, what all names in it start with (empty or ending in `/`), and who signs."""

    bucket: storage.Bucket
    prefix: str
    endpoint: str
    signer: Signing

    def name(self, key: str) -> str:
        """The object's name in the bucket."""
        return f"{self.prefix}{key}"


def connect(address: str, endpoint: str, credentials_file: Path | None) -> Place:
    """Open `gs://bucket[/prefix]`, asking nothing of it yet; Invalid `settings.objects`, `settings.objects_credentials`."""
    matched = ADDRESS.fullmatch(address)
    if matched is None:
        raise Invalid("settings.objects", f"ECODML_OBJECTS must be gs://bucket[/prefix], not {address!r}.")
    credentials, project = _credentials(credentials_file)
    if not (urlsplit(endpoint).hostname or "").endswith(_GOOGLE):
        _keep_from_google(credentials)
    client = storage.Client(
        project=project or "unnamed", credentials=credentials, client_options={"api_endpoint": endpoint}
    )
    prefix = f"{matched[2]}/" if matched[2] else ""
    return Place(client.bucket(matched[1]), prefix, endpoint, credentials)


def _keep_from_google(credentials: Signing) -> None:
    # Its library shows every token to Google, to ask which regions the account may use; another server's is none of theirs.
    vars(credentials)["_is_regional_access_boundary_lookup_required"] = lambda: False


def _credentials(file: Path | None) -> tuple[Signing, str | None]:
    try:
        if file is not None:
            read: Any = service_account.Credentials
            owner = read.from_service_account_file(str(file), scopes=_SCOPES)
            return owner, owner.project_id
        found: tuple[Credentials, str | None] = google.auth.default(scopes=_SCOPES)
    except (OSError, ValueError, GoogleAuthError) as error:
        raise Invalid(
            "settings.objects_credentials",
            "No credentials for Google Cloud Storage: name a service account's key file in ECODML_OBJECTS_CREDENTIALS_FILE.",
        ) from error
    credentials, project = found
    if not isinstance(credentials, Signing):
        raise Invalid(
            "settings.objects_credentials",
            "These Google credentials cannot sign URLs: name a service account's key file in ECODML_OBJECTS_CREDENTIALS_FILE.",
        )
    return credentials, project
