"""Choosing a file and options, before anything is paid and without an account."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.web.conftest import Visit
from tests.e2e.web.training import choose, set_options, write_digits

DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  const zone = document.querySelector(".drop-zone");
  for (const type of ["dragover", "drop"])
    zone.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


def drop(page: Page, name: str, text: str) -> None:
    """Drag a file from the desktop into the page."""
    page.evaluate(DROP, [name, text])


def test_train__files_are_dropped__a_bad_one_says_why_and_the_next_is_read(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/train")
    expect(page.locator("#choose-file")).to_be_visible()
    visitor.accessible()
    visitor.shoot("train")
    drop(page, "alike.csv", "a,b,kind\n" + "1,2,x\n" * 40)
    expect(page.locator(".problem")).to_contain_text("dataset.one_class")
    visitor.accessible()
    page.get_by_role("button", name="Choose another file").click()
    drop(page, "two.csv", "a,b,kind\n" + "1,2,x\n3,4,y\n" * 40)
    expect(page.locator(".dataset")).to_contain_text("2, by kind")
    expect(page.locator(".price .fee")).to_have_text("0.01 DML")


def test_train__options_cannot_be_as_they_are__each_is_said_beside_its_field_and_no_offer_is_asked_for(
    visit: Visit, tmp_path: Path
) -> None:
    visitor = visit()
    visitor.expect("answer 400: POST /api/prices")
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "digits.csv"))
    page.locator("#option-rounds").fill("5000")
    expect(page.locator("#option-rounds-wrong")).to_have_text("Enter 1 to 1000.")
    expect(page.locator("#review")).to_be_disabled()
    page.locator("#option-rounds").fill("2")
    expect(page.locator("#review")).to_be_enabled()
    page.get_by_text("Advanced:").click()
    page.locator("#option-aggregation").select_option("multi_krum")
    expect(page.locator("#option-aggregation-wrong")).to_contain_text("from 5 trainers on")
    expect(page.locator("#option-tolerated_share")).to_be_visible()
    visitor.accessible()
    set_options(page, aggregation="auto")
    expect(page.locator("#option-tolerated_share")).to_be_hidden()
    page.locator("#option-model").select_option("custom")
    page.locator("#keras-json").fill("{}")
    expect(page.locator(".price")).to_contain_text(re.compile(r"model\.\w+"))


def test_train__reloaded_before_anything_is_paid__file_and_options_are_there_again(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit().open("/train")
    choose(page, write_digits(tmp_path / "kept.csv"), rounds="7", model="logistic")
    page.reload()
    expect(page.locator(".dataset")).to_contain_text("kept.csv")
    expect(page.locator("#option-rounds")).to_have_value("7")
    expect(page.locator("#option-model")).to_have_value("logistic")
    expect(page.locator(".price .fee")).to_be_visible()
