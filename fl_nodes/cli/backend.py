"""What the commands ask of the backend over HTTP."""

from __future__ import annotations

from typing import Any

import requests

from fl_nodes.errors import NodeError, Refused, Unreachable

TIMEOUT_SECONDS = 15.0


def get(api: str, path: str) -> dict[str, Any]:
    """A JSON document; Unreachable where the backend does not answer, NodeError with its own code where it refuses."""
    url = f"{api.rstrip('/')}{path}"
    try:
        answer = requests.get(url, timeout=TIMEOUT_SECONDS)
        document = answer.json()
    except requests.exceptions.JSONDecodeError as error:
        raise Refused("api.not_ecodml", f"{url} does not answer as EcoDML does: check --api.") from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema) as error:
        raise Refused("api.url", f"{api!r} is not an address: give --api as http://HOST:PORT.") from error
    except requests.RequestException as error:
        raise Unreachable("api.unreachable", f"{api} does not answer: check --api, or start it with `make up`.") from error
    if not isinstance(document, dict):
        raise Refused("api.not_ecodml", f"{url} does not answer as EcoDML does: check --api.")
    if answer.status_code >= 400:
        said = document.get("error")
        said = said if isinstance(said, dict) else document
        raise NodeError(str(said.get("code", "api.refused")), str(said.get("message", f"{url} answered {answer.status_code}.")))
    return document


def market(api: str) -> dict[str, Any]:
    """`{"chain_id", "rpc_url", "contracts"}` of the market that an API works on."""
    document = get(api, "/api/config").get("market")
    if not isinstance(document, dict) or not {"chain_id", "rpc_url", "contracts"} <= set(document):
        raise Refused("api.not_ecodml", f"{api} does not name a market: check --api.")
    return document
