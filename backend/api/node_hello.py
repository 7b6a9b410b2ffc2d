"""Whether a connecting worker is who it says: a signed challenge, a registered key, the role it may take."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from eth_utils.address import is_checksum_address

from backend.api.node_desk import OPERATOR_ROLES
from backend.api.parts import ApiParts
from backend.domain.intensity import normal_zone
from backend.domain.seat import Seat
from backend.errors import Forbidden, Invalid, Recoverable
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.node_energy import NodeEnergy
from fl_nodes.protocol.signing import hello_text
from fl_nodes.protocol.tasks import PROTOCOL_VERSION, Role

MAX_TEXT = 1_000
MAX_DETAILS_BYTES = 16_384


@dataclass(frozen=True)
class Greeting:
    """What a worker says when its socket opens."""

    address: str
    role: Role
    protocol: int


@dataclass(frozen=True)
class Hello:
    """A worker's answer to the challenge."""

    address: str
    role: Role
    signature: str
    name: str = ""
    provider: str | None = None
    hardware: dict[str, Any] = field(default_factory=dict)
    framework: str = ""
    environment: str = ""
    zone: str = ""
    forecast: dict[str, Any] = field(default_factory=dict)
    energy: NodeEnergy | None = None

    def presence(self) -> dict[str, Any]:
        """What others may see of the machine."""
        return {
            "role": self.role.value,
            "hardware": self.hardware,
            "framework": self.framework,
            "environment": self.environment,
            "zone": self.zone,
            "forecast": self.forecast,
            **({"energy": self.energy} if self.energy else {}),
        }


def with_known_zone(parts: ApiParts, hello: Hello) -> tuple[Hello, str | None]:
    """The hello with its zone as it is written, and a sentence for the worker where nobody knows the zone: it is left out
    then, and the world's average counts for the node."""
    if not hello.zone:
        return hello, None
    if parts.intensities.knows(hello.zone):
        return replace(hello, zone=normal_zone(hello.zone) or ""), None
    notice = (
        f"Zone {hello.zone[:40]!r} is unknown here, so the world's average intensity counts for this node; "
        "zones are written as Electricity Maps does, such as ES or US-CAL-CISO."
    )
    return replace(hello, zone=""), notice


def seat_of(parts: ApiParts, sid: str, nonce: str, hello: Hello) -> Seat:
    """The seat this hello earns on socket `sid`; Invalid, Forbidden, or Recoverable `node.unknown`."""
    _bounded(hello)
    text = hello_text(
        parts.market.chain_id, parts.market.escrow_address, nonce, hello.address, hello.role.value
    )
    if parts.signatures.signer(text, hello.signature) != hello.address:
        raise Forbidden("node.signature", "The challenge was not signed with the key of the address named.")
    if hello.role in OPERATOR_ROLES:
        return _operator_seat(parts, sid, hello)
    return _provider_seat(parts, sid, hello)


def check_protocol(protocol: int) -> None:
    """Invalid `node.protocol` for a worker that speaks another version."""
    if protocol != PROTOCOL_VERSION:
        raise Invalid(
            "node.protocol",
            f"This network speaks protocol {PROTOCOL_VERSION}, not {protocol}; install the matching version.",
        )


def _operator_seat(parts: ApiParts, sid: str, hello: Hello) -> Seat:
    if parts.workers.get(hello.role.value) != hello.address:
        raise Forbidden("worker.unknown", f"This key is not the operator's {hello.role.value}.")
    role = hello.role.value
    return Seat(sid, role, f"{role}/{hello.name}", hello.role, None, parts.instance)


def _provider_seat(parts: ApiParts, sid: str, hello: Hello) -> Seat:
    node = parts.nodes.by_key(hello.address)
    if node is None:
        raise Recoverable(
            "node.unknown", "This key is not registered yet; register the node, then try again."
        )
    if node.state == "Banned":
        raise Forbidden("node.banned", f"{node.name} was banned for a proven cheat and may not work again.")
    if hello.provider and hello.provider != node.provider:
        raise Forbidden("node.provider", "This key is registered by another provider than the one named.")
    if hello.role.value not in node.roles:
        raise Forbidden(
            "node.role",
            f"{node.name} is registered as {' and '.join(node.roles)}, not as {hello.role.value}.",
        )
    return Seat(sid, node.provider, hello.address, hello.role, node.provider, parts.instance)


def _bounded(hello: Hello) -> None:
    if not is_checksum_address(hello.address):
        raise Invalid("node.address", "address must be a checksum address.")
    for name in ("name", "signature", "framework", "environment", "zone"):
        if len(getattr(hello, name)) > MAX_TEXT:
            raise Invalid("node.hello", f"{name} may have at most {MAX_TEXT} characters.")
    for name in ("hardware", "forecast"):
        bounded_details(name, getattr(hello, name))


def bounded_details(name: str, details: dict[str, Any]) -> None:
    """Invalid `node.hello` for what is too large or no plain JSON."""
    if _size(details) > MAX_DETAILS_BYTES:
        raise Invalid("node.hello", f"{name} may have at most {MAX_DETAILS_BYTES} bytes.")


def _size(details: dict[str, Any]) -> int:
    try:
        return len(canonical_json(details))
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid("node.hello", "hardware and forecast must be plain JSON.") from error
