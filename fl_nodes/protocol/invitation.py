"""How a machine asks to become a provider's node without the wallet's key: it answers the provider's invitation with its own.

The provider's page hands out an invitation (a short-lived token); the machine signs who it wants to be with the key it made, and
both sides show the same code. Only then does the wallet register that key and pay the deposit.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any

from fl_nodes.protocol.hashing import digest

ANSWER_SECONDS = 60.0
"""For how long a machine is listed after it was last heard."""

AGAIN_SECONDS = 15.0
"""How often a waiting machine says that it is still there."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
_CODE_LETTERS = 8


@dataclass(frozen=True)
class InvitationAnswer:
    """What a machine sends: whose node it wants to be, as what, with which key; `signature` is by that key."""

    provider: str
    name: str
    role: str
    invitation: str
    key: str
    hardware: dict[str, Any] = field(default_factory=dict)
    signature: str = ""


def is_name(text: str) -> bool:
    """Whether the market takes this as a node's name (`contracts/libraries/Names.sol`)."""
    return _NAME.fullmatch(text) is not None


def answer_text(chain_id: int, escrow: str, answer: InvitationAnswer) -> str:
    """What the machine signs (EIP-191): good for this market and this invitation only."""
    sha256 = digest(replace(answer, signature=""))
    return f"EcoDML invitation answer\nchain: {chain_id}\nescrow: {escrow}\nsha256: {sha256}"


def code(chain_id: int, escrow: str, answer: InvitationAnswer) -> str:
    """What both sides show, such as `K7QF-2M3A`: 40 bits over market, provider, name, role and machine key."""
    said = "|".join(
        (str(chain_id), escrow.lower(), answer.provider.lower(), answer.name, answer.role, answer.key.lower())
    )
    letters = base64.b32encode(hashlib.sha256(said.encode()).digest()).decode()[:_CODE_LETTERS]
    return f"{letters[:4]}-{letters[4:]}"
