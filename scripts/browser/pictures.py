"""Makes README's pictures (`make pictures`) from a running stack: a job is paid, trained and settled while people look on.

Each picture is of what stands in the window, once in light and once in dark colours, with few colours so that it stays small.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser

from backend.cli.client import Api
from scripts.browser.chromium import chromium
from scripts.browser.purses import new_wallet, wallet_of
from scripts.browser.visitor import Visitor
from scripts.demo.customer import Answer, Customer
from scripts.demo.digits import write_digits
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story, wait_for
from scripts.stack import StackConfig
from scripts.stack.config import ROOT

FOLDER = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 860
TALL = 1_500  # where the best comes further down
COLOURS = 128
ROUNDS = 20
SEEN_ROUNDS = 8
TRAINING = (
    *(
        "--target",
        "digit",
        "--model",
        "mlp",
        "--optimizer",
        "momentum",
        "--lr",
        "0.05",
        "--rounds",
        str(ROUNDS),
    ),
    *("--batch", "16", "--local-epochs", "5", "--seed", "7", "--trainers", "4", "--energy-budget", "500"),
)
LONG_S = 180.0
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> int:
    """Write `docs/images/*.png`; exit status 1 when the job did not end well."""
    story = Story(out=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        config = StackConfig(
            state=Path(folder) / "state", environment={"ECODML_RATE_LIMIT_FACTOR": "20"}
        ).with_free_ports()
        digits = Path(folder) / "digits.csv"
        write_digits(digits)
        try:
            with Stage(config, story) as stage, chromium() as browser:
                Photographer(stage, browser).tour(digits)
        except Broken as broken:
            story.line(f"FAILED: {broken}")
            return 1
    for picture in sorted(FOLDER.glob("*.png")):
        story.line(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1000} kB")
    return 0


class Photographer:
    """Looks at one stack through one browser."""

    def __init__(self, stage: Stage, browser: Browser) -> None:
        self.stage = stage
        self.browser = browser

    def tour(self, digits: Path) -> None:
        """All pictures, in the order in which a job makes them possible."""
        self.stage.wait_benchmarked()
        self._new_job(digits)
        customer = self.stage.customer("ada")
        ticket, paid = self._running(customer, digits)
        customer_key = "0x" + bytes(customer.wallet.key).hex()
        self._picture("ticket", f"/tickets/{ticket['id']}", key=customer_key, height=TALL)
        paid.join()
        settled = customer.ticket(ticket["id"])
        if settled.get("status") != "SETTLED":
            raise Broken(f"The job was not settled: {settled.get('status')}", "dispatcher")
        self._picture("network", "/")
        self._picture("job", f"/jobs/{settled['job_id']}")
        winner = max(settled["verdict"]["payees"], key=self._credited(settled))
        name = next(str(node["name"]) for node in self.stage.nodes() if node["provider"] == winner)
        provider_key = "0x" + bytes(wallet_of(self.stage, name).account.key).hex()
        self._picture("provider", "/provide", key=provider_key, height=TALL)

    def _running(self, customer: Customer, digits: Path) -> tuple[dict[str, Any], threading.Thread]:
        """A paid job that has closed some rounds, and the command that waits for its end."""
        answers: list[Answer] = []
        paid = threading.Thread(target=lambda: answers.append(customer.train(digits, *TRAINING, "--wait")))
        paid.start()

        def look() -> dict[str, Any] | None:
            if answers and answers[0].status != 0:
                raise Broken(f"The job did not start: {answers[0].document}", "api")
            if not (customer.home / "sessions.json").exists():
                return None
            tickets = Api(self.stage.api_url, customer.token()).get("/api/tickets")["tickets"]
            found: dict[str, Any] | None = next(iter(tickets), None)
            return found if found and len(found["rounds"]) >= SEEN_ROUNDS else None

        ticket = wait_for(look, LONG_S, "The job closed too few rounds", self.stage.story, part="dispatcher")
        return ticket, paid

    def _new_job(self, digits: Path) -> None:
        def choose(visitor: Visitor) -> None:
            visitor.page.set_input_files("#file", digits)
            visitor.page.locator(".price .fee").wait_for()
            visitor.page.evaluate("() => window.scrollTo(0, 0)")

        self._picture("train", "/train", act=choose)

    def _picture(
        self,
        name: str,
        path: str,
        *,
        key: str | None = None,
        act: Callable[[Visitor], None] | None = None,
        height: int = HEIGHT,
    ) -> None:
        wallet = new_wallet(self.stage, key=key) if key else None
        visitor = Visitor(self.browser, self.stage.api_url, [wallet] if wallet else [], width=WIDTH)
        try:
            if wallet:
                visitor.sign_in()
            visitor.page.set_viewport_size({"width": WIDTH, "height": height})
            visitor.open(path)
            visitor.shown()
            if act:
                act(visitor)
            visitor.page.wait_for_timeout(1_500)  # charts and icons
            for theme in THEMES:
                visitor.page.emulate_media(color_scheme=theme)
                file = FOLDER / f"{name}-{theme}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                visitor.page.screenshot(path=file, animations="disabled")
                _shrink(file)
        finally:
            visitor.close()
        if visitor.wrong:
            raise Broken(f"Something went wrong on {path}: {'; '.join(visitor.wrong)}", "api")

    @staticmethod
    def _credited(ticket: dict[str, Any]) -> Callable[[str], int]:
        verdict = ticket["verdict"]
        amounts = dict(zip(verdict["payees"], map(int, verdict["amounts_wei"]), strict=True))
        return lambda payee: amounts[payee]


def _shrink(file: Path) -> None:
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


if __name__ == "__main__":
    raise SystemExit(main())
