"""`ecodml node attach`: join with a wallet that stays where it is. The machine makes its key, asks, waits until the provider has
registered that key from the page, and runs."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import requests

from fl_nodes.cli.home import Home, Identity
from fl_nodes.cli.market import HTTP_SECONDS, ROLES, Market, configuration, unreachable
from fl_nodes.errors import Refused, Unreachable
from fl_nodes.protocol.invitation import AGAIN_SECONDS, InvitationAnswer, answer_text, code
from fl_nodes.signatures import sign_text

LOOK_SECONDS = 2.0
INTERRUPTED = 130


def attach(options: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    """Ask, wait for the registration, and `run` the node; where its key is registered already, just run it."""
    home = Home(options.home)
    market = Market(configuration(options.api))
    market.check()
    with _interrupted() as stop:
        identity = _registered(options, home, market) or _asked(options, home, market, stop)
    if identity is None:
        _tell(
            options, {"stopped": True}, f"Stopped. The key stays in {home.folder}: start the command again."
        )
        return INTERRUPTED
    home.save(identity)
    joined = {"name": identity.name, "role": identity.role, "provider": identity.provider}
    _tell(options, joined, f"{identity.name} is registered by {identity.provider}: starting.")
    return run(options)


@contextlib.contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Set by Ctrl-C. An exception would be lost where it comes up in a callback, such as those of a module's first import."""
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _registered(options: argparse.Namespace, home: Home, market: Market) -> Identity | None:
    """Who this machine's key is registered as; None while it is not. Refused `node.*` where it is somebody else's."""
    key = home.key()
    provider = market.provider_of(key.address)
    if provider is None:
        return None
    if provider.lower() != options.provider.lower():
        raise Refused(
            "node.key_taken", f"This machine's key is registered by {provider}: attach with another --home."
        )
    standing = market.standing(provider)
    if standing["state"] == "Banned":
        raise Refused("node.banned", "This wallet or machine key was banned for a proven cheat, for life.")
    if not int(standing["roles"]) & ROLES[options.role]:
        raise Refused("node.role", f"This machine's key is registered, but not as {options.role}.")
    return Identity(
        str(standing["name"]),
        options.role,
        provider,
        key.address,
        options.api,
        market.chain_id,
        market.escrow_address,
    )


def _asked(options: argparse.Namespace, home: Home, market: Market, stop: threading.Event) -> Identity | None:
    """Who the key is registered as, once it is; None when that is waited for no longer."""
    key = home.key()
    if not options.invitation:
        raise Refused(
            "invitation.missing",
            "This machine's key is not registered yet: copy the whole command from the market's page /provide.",
        )
    answer = InvitationAnswer(
        market.checksum(options.provider),
        options.name,
        options.role,
        options.invitation,
        key.address,
        _hardware(options),
    )
    text = answer_text(market.chain_id, market.escrow_address, answer)
    signed = replace(answer, signature=sign_text(key, text))
    _send(options.api, signed)
    shown = code(market.chain_id, market.escrow_address, answer)
    _tell(
        options,
        {"waiting": True, "code": shown, "key": key.address, "provider": answer.provider},
        f"This machine asks to be {answer.name} ({answer.role}) of {answer.provider}.\n"
        f"  code         {shown}\n"
        f"  machine key  {key.address}\n"
        f"Compare them with {options.api}/provide and pay the deposit there. Waiting ...",
    )
    asked = time.monotonic()
    while not stop.is_set():
        with contextlib.suppress(Unreachable):  # a pause of the chain's is no reason to give up
            identity = _registered(options, home, market)
            if identity is not None:
                return identity
        if time.monotonic() - asked >= AGAIN_SECONDS:
            _send(options.api, signed, insist=False)
            asked = time.monotonic()
        stop.wait(LOOK_SECONDS)
    return None


def _send(api_url: str, answer: InvitationAnswer, insist: bool = True) -> None:
    """Answer the invitation; Refused with the market's reason. Without `insist`, silence is outlasted."""
    message = {name: getattr(answer, name) for name in answer.__dataclass_fields__}
    try:
        response = requests.post(f"{api_url}/api/invitations/answers", json=message, timeout=HTTP_SECONDS)
        body: dict[str, Any] = response.json()
    except (requests.RequestException, ValueError) as error:
        if insist:
            raise unreachable(api_url, error) from error
        return
    if not response.ok and (insist or response.status_code < 500):
        problem = body.get("error", {})
        raise Refused(str(problem.get("code", "api.refused")), str(problem.get("message", response.reason)))


def _hardware(options: argparse.Namespace) -> dict[str, Any]:
    from fl_nodes.process import hardware
    from fl_nodes.training import determinism

    determinism.prepare(options.threads)
    return hardware(determinism.gpus())


def _tell(options: argparse.Namespace, facts: dict[str, Any], sentence: str) -> None:
    sys.stdout.write((json.dumps(facts) if options.json else sentence) + "\n")
    sys.stdout.flush()
