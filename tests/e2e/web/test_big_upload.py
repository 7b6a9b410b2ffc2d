"""A large file on a bad connection: it goes on where the store stands, never from the start again."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.training import (
    arrive,
    connect_and_sign_in,
    digest,
    set_options,
    signed_in,
    ticket_in_address,
    until,
)

SIZE = 200_000_000
SLICE = 8 * 1024 * 1024
COLUMNS = 64
SLOW_MS = 240_000
# More than there are online: the job waits for trainers and is cancelled before any work.
TRAINERS = "9"
_SENT = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class StoreLog:
    """What the object store took and said, as seen from the wire."""

    def __init__(self, page: Page) -> None:
        self.slices: list[tuple[int, int]] = []
        self.stood_at: list[int] = []
        page.on("response", self._answered)

    @property
    def upto(self) -> int:
        """Bytes that the store has."""
        return max((end for _, end in self.slices), default=-1) + 1

    def _answered(self, response: Response) -> None:
        sent = response.request.headers.get("content-range", "")
        if response.request.method != "PUT" or response.status not in (201, 308):
            return
        if found := _SENT.match(sent):
            self.slices.append((int(found[1]), int(found[2])))
        else:
            held = response.headers.get("range", "bytes=0--1").rpartition("-")[2]
            self.stood_at.append(int(held) + 1 if held.isdigit() and "range" in response.headers else 0)


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A CSV of two hundred megabytes: rows of a few hundred measured trees, again and again."""
    draw = random.Random(5)
    kinds = ("ash", "elm", "oak")
    rows = [
        ",".join([*(f"{draw.gauss(number % 3, 1):.14f}" for _ in range(COLUMNS)), kinds[number % 3]]) + "\n"
        for number in range(600)
    ]
    block = "".join(rows).encode()
    path = tmp_path / "trees.csv"
    with path.open("wb") as file:
        file.write((",".join([*(f"m{number}" for number in range(COLUMNS)), "kind"]) + "\n").encode())
        while file.tell() < SIZE:
            file.write(block)
    return path


def test_upload__offline_and_reloaded_in_mid_way__goes_on_where_the_store_stands(
    stage: Stage, visit: Visit, new_wallet: NewWallet, big: Path
) -> None:
    size, wallet = big.stat().st_size, new_wallet(dml=1_000)
    visitor = visit(wallet)
    visitor.expect("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
    page = visitor.page
    page.set_default_timeout(SLOW_MS)
    visitor.open("/train")
    page.set_input_files("#file", big)
    expect(page.locator("#option-rounds")).to_be_visible(timeout=SLOW_MS)
    set_options(page, rounds="1", local_epochs="1", model="logistic", trainers=TRAINERS)
    page.locator("#review").click()
    connect_and_sign_in(page)
    store = StoreLog(page)
    page.locator("#agree").click()
    ticket = ticket_in_address(page)

    while store.upto < size // 4:
        page.wait_for_timeout(20)
    visitor.context.set_offline(True)
    expect(page.get_by_text("Nothing is lost; trying again")).to_be_visible()
    at_least = store.upto
    visitor.context.set_offline(False)
    while store.upto < size // 2:
        page.wait_for_timeout(20)
    assert store.stood_at[-1] >= at_least >= size // 4

    before = store.upto
    page.reload()
    page.set_input_files("#file", big)
    assert arrive(page) == ticket
    assert store.stood_at[-1] >= before >= size // 2
    # Each of the two interruptions cost one slice at most.
    assert sum(end - start + 1 for start, end in store.slices) <= size + 2 * SLICE

    api = signed_in(stage, visitor)
    seen = until(api, stage, ticket, lambda t: t["status"] in ("UPLOADED", "QUEUED"))
    assert seen["dataset"] | {"size": size, "sha256": digest(big)} == seen["dataset"]
    api.post(f"/api/tickets/{ticket}/cancel")
    until(api, stage, ticket, lambda t: t["status"] == "REFUNDED")
    assert stage.market.dml_wei(wallet.address) == 1_000 * 10**18
