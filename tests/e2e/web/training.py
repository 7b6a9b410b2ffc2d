"""What a customer does on the way from a file to a ticket, and what the stack then knows of it."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from backend.cli.client import Api
from backend.cli.signin import sign_in
from scripts.browser.visitor import Visitor
from scripts.demo.stage import Stage
from scripts.demo.story import wait_for
from scripts.stack.config import MARKET_CHAIN_ID

TICKET = re.compile(r"/tickets/(t_\w+)")
BASIC = {"model", "rounds", "local_epochs", "batch_size", "learning_rate", "publish"}
SLOW_MS = 60_000


def write_digits(path: Path, rows: int = 120, seed: int = 3) -> Path:
    """Small pictures of three kinds as a table, each row its own: a file that no other test has."""
    draw = random.Random(seed)
    lines = [",".join([*(f"p{i}" for i in range(16)), "digit"])]
    for row in range(rows):
        kind = row % 3
        pixels = [str(max(0, min(16, round(draw.gauss((i * (kind + 2)) % 16, 2))))) for i in range(16)]
        lines.append(",".join([*pixels, str(kind)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def digest(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def choose(page: Page, file: Path, **options: str) -> None:
    """Choose a file, then options."""
    page.set_input_files("#file", file)
    expect(page.locator("#option-rounds")).to_be_visible()
    set_options(page, **options)


def set_options(page: Page, **options: str) -> None:
    """Options by their names (`rounds="1"`, `publish="yes"`); then wait for the price."""
    folded = page.locator("details.advanced:not([open]) > summary")
    if not set(options) <= BASIC and folded.count():
        folded.click()
    for name, value in options.items():
        field = page.locator(f"#option-{name}")
        if field.evaluate("(element) => element.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "checkbox":
            field.set_checked(value == "yes")
        else:
            field.fill(value)
    expect(page.locator(".price .fee")).to_have_text(re.compile(r"^[\d.,]+ DML$"))
    expect(page.locator(".stale")).to_have_count(0)


def connect_and_sign_in(page: Page) -> None:
    """Connect the test wallet in the panel that asks for it, and sign in."""
    page.get_by_role("button", name="Test Wallet").click()
    page.locator("#wallet-sign-in").click()


def arrive(page: Page) -> str:
    """Wait until the ticket's own page is there; the ticket's id."""
    page.wait_for_url(TICKET, timeout=SLOW_MS)
    found = TICKET.search(page.url)
    assert found is not None
    return found[1]


def ticket_in_address(page: Page) -> str:
    """The ticket of the purchase that /train goes on with."""
    page.wait_for_url(re.compile(r"\?ticket="))
    return page.url.rpartition("=")[2]


def signed_in(stage: Stage, visitor: Visitor) -> Api:
    """The API as this visitor's account, by a session of its own."""
    api = Api(stage.api_url)
    sign_in(api, visitor.wallet.account, MARKET_CHAIN_ID)
    return api


def until(api: Api, stage: Stage, ticket: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The ticket once it is as wanted."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = api.get(f"/api/tickets/{ticket}")["ticket"]
        return found if reached(found) else None

    return wait_for(look, 90.0, f"Ticket {ticket} did not get there", stage.story, part="dispatcher")
