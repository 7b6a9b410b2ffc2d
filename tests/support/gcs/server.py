"""Starts the emulator, the front before it, and an account that may use them."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from gcp_storage_emulator.server import create_server
from google.auth import jwt

from tests.support.gcs.front import Handler, State

ACCOUNT = "ecodml@a-project.iam.gserviceaccount.com"
BUCKET = "a-bucket"
CORS_FILE = Path(__file__).resolve().parents[3] / "deploy" / "gcs-cors.json"


@dataclass(frozen=True)
class Gcs:
    """A store that listens at `endpoint`; `state` is its front's."""

    endpoint: str
    credentials_file: Path
    state: State

    @property
    def address(self) -> str:
        """What ECODML_OBJECTS is set to."""
        return f"gs://{BUCKET}"


@contextmanager
def running(folder: Path, origin: str = "http://api.example") -> Iterator[Gcs]:
    """A store with one bucket, whose CORS rules are those of `deploy/gcs-cors.json` for pages of `origin`."""
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    logging.getLogger("api.object").setLevel(logging.CRITICAL)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    emulator = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    emulator.start()
    # It serves one request at a time, as the front asks; which port it got, only its server knows.
    behind = emulator._api._httpd.server_address
    front = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint = f"http://127.0.0.1:{front.server_address[1]}"
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def grants(assertion: str) -> bool:
        try:
            claims = jwt.decode(assertion, certs=public, audience="https://oauth2.googleapis.com/token")
        except ValueError:
            return False
        return claims["iss"] == ACCOUNT and "devstorage" in claims["scope"]

    rules = [{**rule, "origin": [origin]} for rule in json.loads(CORS_FILE.read_text())]
    state = State(behind, {ACCOUNT: key.public_key()}, grants, rules)
    front.RequestHandlerClass = type("Front", (Handler,), {"state": state})
    thread = threading.Thread(target=front.serve_forever, daemon=True)
    thread.start()
    try:
        yield Gcs(endpoint, _account(folder, key, endpoint), state)
    finally:
        front.shutdown()
        front.server_close()
        emulator.stop()


def _account(folder: Path, key: rsa.RSAPrivateKey, endpoint: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "service-account.json"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    document = {
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "1",
        "private_key": private.decode(),
        "client_email": ACCOUNT,
        "client_id": "1",
        "token_uri": f"{endpoint}/token",
    }
    file.write_text(json.dumps(document))
    return file
