"""The kinds of people who look at the site, each with a wallet of a running stack, and what there is for them to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from scripts.browser.places import Place, Who
from scripts.browser.purses import new_wallet, wallet_of
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from scripts.demo.small_jobs import PlayedJob
from scripts.demo.stage import Stage

PROVIDER = "trainer-1"


class People:
    """Who comes to `stage`, where `settled` was played."""

    def __init__(self, stage: Stage, settled: PlayedJob) -> None:
        self.stage = stage
        self._shown = {
            "ticket": settled.id,
            "job": settled.job_id,
            "provider": next(str(n["provider"]) for n in stage.nodes() if n["name"] == PROVIDER),
            "certificate": "1",
        }
        self._customer_key = settled.key

    def path(self, place: Place) -> str:
        """A page's address with what this stack has to show."""
        return place.path.format_map(self._shown)

    def wallet(self, who: Who) -> TestWallet | None:
        """A wallet as new to the site; None for a passer-by."""
        match who:
            case "customer":
                return new_wallet(self.stage, key=self._customer_key, name="Test Wallet")
            case "provider":
                return wallet_of(self.stage, PROVIDER)
            case "admin":
                return wallet_of(self.stage, "deployer")
        return None

    def visitor(self, browser: Browser, who: Who, pictures: Path = Path("run/e2e"), **view: Any) -> Visitor:
        """Somebody of that kind in front of the site, signed in unless a passer-by. `view` is theme and width."""
        wallet = self.wallet(who)
        visitor = Visitor(browser, self.stage.api_url, [wallet] if wallet else [], pictures=pictures, **view)
        if wallet:
            visitor.sign_in()
        return visitor
