"""A customer's file goes from the browser straight into a bucket, and the job that is played on it comes back from there."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.browser import purses
from scripts.demo.stage import Stage
from scripts.demo.story import Story
from scripts.stack import StackConfig
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.test_big_upload import StoreLog
from tests.e2e.web.training import arrive, choose, connect_and_sign_in, digest, signed_in
from tests.support import gcs
from tests.support.gcs import Gcs
from tests.support.gcs.uploads import QUANTUM
from tests.support.stack_logs import complaints

COLUMNS = 64
QUICK = {"model": "logistic", "rounds": "1", "local_epochs": "1", "batch_size": "64"}
PLAYED_MS = 120_000


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Gcs]]:
    """A stack whose objects are in a bucket. It ends with nothing to complain of in any log."""
    folder = tmp_path_factory.mktemp("bucket")
    config = StackConfig(state=folder / "state", trainers=2, validators=2).with_free_ports()
    with gcs.running(folder, config.api_url) as store:
        bucket = {
            "ECODML_OBJECTS": store.address,
            "ECODML_OBJECTS_ENDPOINT": store.endpoint,
            "ECODML_OBJECTS_CREDENTIALS_FILE": str(store.credentials_file),
        }
        with Stage(replace(config, environment=bucket), Story()) as stage:
            yield stage, store
    assert complaints(config.logs) == []


@pytest.fixture(scope="module")
def stage(placed: tuple[Stage, Gcs]) -> Stage:
    """In place of the stack that the other page tests share."""
    return placed[0]


@pytest.fixture(scope="module")
def store(placed: tuple[Stage, Gcs]) -> Gcs:
    """Where its objects are."""
    return placed[1]


@pytest.fixture(scope="module")
def new_wallet(stage: Stage) -> NewWallet:
    """Of this stack."""
    return partial(purses.new_wallet, stage)


def write_trees(path: Path, seed: int, rows: int = 600) -> Path:
    """Some hundred measured trees: twice as many bytes as a bucket takes at a time."""
    draw = random.Random(seed)
    lines = [",".join([*(f"m{number}" for number in range(COLUMNS)), "kind"])]
    for row in range(rows):
        measured = [f"{draw.gauss(row % 3, 1):.12f}" for _ in range(COLUMNS)]
        lines.append(",".join([*measured, ("ash", "elm", "oak")[row % 3]]))
    path.write_text("\n".join(lines) + "\n")
    assert path.stat().st_size > 2 * QUANTUM
    return path


def test_upload__breaks_off_in_mid_way__goes_on_in_the_bucket_and_the_model_comes_from_there(
    stage: Stage, store: Gcs, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    file = write_trees(tmp_path / "trees.csv", seed=1)
    visitor = visit(new_wallet(dml=5))
    page = visitor.open("/train")
    choose(page, file, **QUICK, trainers="2")
    page.locator("#review").click()
    connect_and_sign_in(page)
    log = StoreLog(page)
    # Chromium tries a lost request again by itself, once; after that it is the page's turn.
    store.state.cut = [QUANTUM + 1000, 1000]
    page.locator("#agree").click()
    ticket = arrive(page)
    expect(page.locator("#announcer")).to_contain_text("Done: the model is ready", timeout=PLAYED_MS)
    seen = signed_in(stage, visitor).get(f"/api/tickets/{ticket}")["ticket"]
    assert seen["dataset"]["sha256"] == digest(file)
    assert (log.stood_at[0], log.stood_at[-1]) == (0, QUANTUM)
    with page.expect_download() as saved:
        page.locator("#files").get_by_role("button", name="model.json").click()
    assert saved.value.url.startswith(store.endpoint)
    assert (
        hashlib.sha256(saved.value.path().read_bytes()).hexdigest() == seen["files"]["model.json"]["sha256"]
    )
    assert not any(path.startswith("/objects") for path in store.state.requests)
