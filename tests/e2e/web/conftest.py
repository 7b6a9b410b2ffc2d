"""People in front of the site: real Chromium, a wallet that signs, and the one stack that all page tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from backend.cli.client import Api
from scripts.browser import purses
from scripts.browser.chromium import chromium as started_chromium
from scripts.browser.visitor import PATIENCE_MS, Visitor
from scripts.browser.wallet import TestWallet
from scripts.demo.small_jobs import PlayedJob
from scripts.demo.stage import Stage

PICTURES = Path(__file__).resolve().parents[3] / "run" / "e2e"
# A machine that also runs a whole stack may take its time over a page.
expect.set_options(timeout=PATIENCE_MS)
_VISITORS = pytest.StashKey[list[Visitor]]()

NewWallet = Callable[..., TestWallet]
Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all visitors; each has a context of their own in it."""
    with started_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def api(stage: Stage) -> Api:
    """The stack's API, as somebody who is not signed in."""
    return Api(stage.api_url)


@pytest.fixture(scope="session")
def new_wallet(stage: Stage) -> NewWallet:
    """`new_wallet(dml=1000, native=1, key=None, name="Test Wallet")`, see `scripts/browser/purses.py`."""
    return partial(purses.new_wallet, stage)


@pytest.fixture
def customer_wallet(new_wallet: NewWallet) -> Callable[[PlayedJob], TestWallet]:
    """`customer_wallet(settled_ticket)`: the wallet of a played job's customer, as new to the site."""
    return lambda played: new_wallet(key=played.key, name="Customer's Wallet")


@pytest.fixture
def stack_wallet(stage: Stage) -> Callable[[str], TestWallet]:
    """`stack_wallet("trainer-1")`: the wallet that a node was staked from; or "arbiter", "operator" and other roles'."""
    return partial(purses.wallet_of, stage)


@pytest.fixture
def visit(chromium: Browser, stage: Stage, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """`visit(wallet=None, *others, theme="light", width=1280)`: somebody opens a browser with these wallets in it.

    The test fails for whatever went wrong in their pages and was not expected (`Visitor.expect`). A test that fails
    leaves pictures of what its visitors saw last: run/e2e/failed-*.png.
    """
    visitors: list[Visitor] = []
    request.node.stash[_VISITORS] = visitors

    def make(
        wallet: TestWallet | None = None,
        *others: TestWallet,
        theme: Literal["light", "dark"] = "light",
        width: int = 1280,
    ) -> Visitor:
        wallets = [each for each in (wallet, *others) if each is not None]
        visitors.append(
            Visitor(chromium, stage.api_url, wallets, theme=theme, width=width, pictures=PICTURES)
        )
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.close()
    wrong = [fault for visitor in visitors for fault in visitor.wrong]
    assert not wrong, "went wrong in the page:\n" + "\n".join(wrong)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """A failing test shows what its visitors saw, and what went wrong in their pages before."""
    report = yield
    if call.when == "call" and report.failed:
        for number, visitor in enumerate(item.stash.get(_VISITORS, [])):
            picture = PICTURES / f"failed-{item.name}-{number}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            try:
                visitor.page.screenshot(path=picture, full_page=True)
            except Exception as error:  # noqa: BLE001 - the test's own failure is what matters
                report.sections.append(("Visitor", f"no picture: {error}"))
            seen = [f"saw {visitor.page.url}, {picture}", *visitor.wrong]
            seen += [f"asked {w.info['name']}: {r.method}" for w in visitor.wallets for r in w.requests[-8:]]
            report.sections.append((f"Visitor {number}", "\n".join(seen)))
    return report
