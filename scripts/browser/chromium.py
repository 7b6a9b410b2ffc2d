"""Debian's Chromium under Playwright, without a window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

VARIABLE = "ECODML_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class NoChromium(Exception):
    """There is no browser to look through; one sentence that says what to do."""


def chromium_path(environment: Mapping[str, str] = os.environ) -> str:
    """The program to start: what ECODML_CHROMIUM names, else the first found on PATH; NoChromium."""
    named = environment.get(VARIABLE)
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    if named:
        raise NoChromium(f"{VARIABLE} names {named}, which is no program on this machine.")
    raise NoChromium(f"Chromium is missing: run make install, or name one in {VARIABLE}.")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A started browser, closed afterwards; NoChromium."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
