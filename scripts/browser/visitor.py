"""A person in front of the site: a browser context of their own, with their wallets, and everything that went wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from eth_account.messages import encode_defunct
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response
from playwright.sync_api import Request as WebRequest

from backend.cli.client import Api
from backend.cli.signin import sign_in_text
from scripts.browser.axe import Finding, findings
from scripts.browser.wallet import TestWallet, install

PHONE = (390, 844)
HEIGHT = 900
PATIENCE_MS = 15_000
# A page that is left ends its own requests.
_ABORTED = "net::ERR_ABORTED"
# Where pages keep which wallet was used last: frontend/wallet/wallet.js.
_USED_LAST = "ecodml.wallet"
_LOAD_FAILED = "Failed to load resource"


class Visitor:
    """One person's browser at `site`. `wallets` are announced to every page; the first is `wallet`.

    `wrong` collects a sentence for each console error, breach of the site's policy, uncaught error, and request of the
    site's own that failed or was refused, except those that contain a text given to `expect`.
    """

    def __init__(
        self,
        browser: Browser,
        site: str,
        wallets: Sequence[TestWallet] = (),
        *,
        theme: Literal["light", "dark"] = "light",
        width: int = 1280,
        pictures: Path = Path("run/e2e"),
    ) -> None:
        self.site = site
        self.wallets = tuple(wallets)
        self.wrong: list[str] = []
        self.theme = theme
        self._size = (width, HEIGHT)
        self._pictures = pictures
        self._expected: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=site,
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": width, "height": HEIGHT},
            locale="en-GB",
            timezone_id="UTC",
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
        install(self.context, self.wallets)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        self.context.on("requestfailed", self._failed)
        self.context.on("response", self._answered)
        self.page: Page = self.context.new_page()

    @property
    def wallet(self) -> TestWallet:
        """The first wallet; IndexError for a visitor without one."""
        return self.wallets[0]

    def open(self, path: str) -> Page:
        """Go to a path of the site and wait until the page has loaded."""
        self.page.goto(path)
        return self.page

    def shown(self) -> Page:
        """Wait until the page has its heading and waits for nothing any more."""
        self.page.locator("h1").first.wait_for()
        self.page.locator("#page .busy").first.wait_for(state="detached")
        return self.page

    def sign_in(self) -> None:
        """Be signed in with the wallet, and connected, without the pages' help: as on a visit after the first."""
        api = Api(self.site)
        chain_id = int(api.get("/api/config")["market"]["chain_id"])
        nonce = str(api.post("/api/auth/nonce")["nonce"])
        text = sign_in_text(self.site, self.wallet.address, chain_id, nonce, datetime.now(UTC))
        signature = self.wallet.account.sign_message(encode_defunct(text=text)).signature.to_0x_hex()
        said = {"message": text, "signature": signature, "cookie": True}
        answer = self.context.request.post("/api/auth/login", data=said)
        if not answer.ok:
            raise AssertionError(f"signing in was refused: {answer.text()}")
        self.wallet.connected = True
        self.page.goto("/static/icon.svg")
        self.page.evaluate(
            "([key, rdns]) => localStorage.setItem(key, rdns)", [_USED_LAST, self.wallet.info["rdns"]]
        )

    def expect(self, *texts: str) -> None:
        """Things that go wrong on purpose, now or before: what contains one of these texts is no fault.

        A refusal reads `answer 409: POST /api/...`, a lost connection `no answer: GET /api/... net::ERR_...`.
        """
        self._expected += texts
        self.wrong = [fault for fault in self.wrong if not any(text in fault for text in texts)]

    def forget(self) -> None:
        """Begin anew: nothing went wrong yet, and nothing is expected to."""
        self.wrong, self._expected = [], []

    def shoot(self, name: str) -> list[Path]:
        """Pictures of the whole page as it is now: light, dark, and as wide as a phone."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        views: tuple[tuple[str, Literal["light", "dark"], tuple[int, int]], ...] = (
            ("light", "light", self._size),
            ("dark", "dark", self._size),
            ("phone", self.theme, PHONE),
        )
        taken = []
        for view, theme, size in views:
            self.page.emulate_media(color_scheme=theme)
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            taken.append(self._pictures / f"{name}-{view}.png")
            self.page.screenshot(path=taken[-1], full_page=True, animations="disabled")
        self.page.emulate_media(color_scheme=self.theme)
        self.page.set_viewport_size({"width": self._size[0], "height": self._size[1]})
        return taken

    def findings(self) -> list[Finding]:
        """What axe-core finds on the page as it is now."""
        return findings(self.page)

    def accessible(self) -> None:
        """AssertionError with a readable report if axe-core finds something serious or critical."""
        grave = [str(finding) for finding in self.findings() if finding.grave]
        if grave:
            raise AssertionError(f"axe on {self.page.url}:\n" + "\n".join(grave))

    def fits(self, width: int = PHONE[0]) -> None:
        """AssertionError if the page has to be pushed sideways at this width."""
        self.page.set_viewport_size({"width": width, "height": PHONE[1]})
        wide = self.page.evaluate("() => document.documentElement.scrollWidth")
        self.page.set_viewport_size({"width": self._size[0], "height": self._size[1]})
        if wide > width:
            raise AssertionError(f"{self.page.url} is {wide} pixels wide where there are {width}")

    def close(self) -> None:
        """Leave the site."""
        self.context.close()

    # --- what goes wrong -------------------------------------------------------------------------

    def _console(self, message: ConsoleMessage) -> None:
        # What could not be loaded is told by the requests themselves, with more in it.
        if message.type == "error" and not message.text.startswith(_LOAD_FAILED):
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: WebRequest) -> None:
        if self._own(request.url) and request.failure != _ABORTED:
            self._note(f"no answer: {request.method} {urlsplit(request.url).path} {request.failure}")

    def _answered(self, response: Response) -> None:
        if self._own(response.url) and response.status >= 400:
            request = response.request
            self._note(f"answer {response.status}: {request.method} {urlsplit(request.url).path}")

    def _own(self, url: str) -> bool:
        return urlsplit(url).netloc == urlsplit(self.site).netloc

    def _note(self, fault: str) -> None:
        if not any(text in fault for text in self._expected):
            self.wrong.append(fault)
