"""A file is read in the browser as the server will read it: same facts, same refusals."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from backend.datasets import Limits, pair_idx
from tests.support.web import page
from tests.unit.datasets.files import idx, npz, picture, rows, zipped

IMAGES = np.arange(8 * 3 * 5, dtype=np.uint8).reshape(8, 3, 5)
LABELS = np.arange(8, dtype=np.uint8) % 2


def test_page__every_file_of_the_tests_of_datasets__is_read_as_python_reads_it(tmp_path: Path) -> None:
    recording = [
        sys.executable, "-m", "pytest", "-q", "tests/unit/datasets",
        "-p", "tests.support.web.recorder", "--record-datasets", str(tmp_path),
    ]  # fmt: skip
    subprocess.run(recording, check=True, capture_output=True, timeout=300)
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert len(asked) > 250
    said = page.read(asked)
    otherwise = [
        (question["files"], question["target"], different)
        for question, answer in zip(asked, said, strict=True)
        if (different := page.differences(question["expected"], answer))
    ]
    assert otherwise == []


BLOCK = 1024 * 1024
TABLE = ("1,2,u", "3,4,v") * 3
ARRAY = np.linspace(0, 1, 24).reshape(8, 3)
KINDS = ("u", "v") * 4


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut_character.csv", "a,é,y\n" + "é" * (BLOCK // 2) + ",1,u\n" + rows(*TABLE)),
        ("late_text.csv", rows("a,b,y", *("1,2,u", "3,4,v") * 200_000, "x,2,u")),
        ("late_target.csv", rows("a,b,y", *("1,2,0", "3,4,1") * 200_000, *("1,2,many",) * 3)),
        ("many_texts.csv", rows("a,t,y", *(f"{i % 7},t{i % 5000},{'uv'[i % 2]}" for i in range(12_000)))),
        ("many_labels.csv", rows("a,y", *(f"{i % 7},t{i % 5000}" for i in range(12_000)))),
        ("quoted_over_blocks.csv", rows("a,b,y", *TABLE) + '"' + "x\n" * 60_000 + '",1,u\n' + rows(*TABLE)),
        ("long_field.csv", rows("a,b,y", *TABLE, "x" * 131_073 + ",1,u")),
        ("return_within.csv", rows("a,b,y", *TABLE) + "1\r2,3,u\n"),
        ("digits_of_others.csv", rows("a,y", *("\uff11\uff12,u", "\u0663,v") * 3)),
        ("spaces_of_others.csv", rows("a,y", *("\u00a01,u", "2\u2003,v", "\x1c3,u") * 3)),
        ("infinite.csv", rows("a,y", "Infinity,u", *TABLE).replace(",2", "").replace(",4", "")),
        ("fractions.csv", rows("a,y", *("1,1e-7", "2,0.1", "3,1e16") * 3)),
        ("large_classes.csv", rows("a,y", *("1,9007199254740993", "2,-1e22") * 3)),
        ("astral.csv", rows("a,y", *("1,\U0001f600", "2,\uffee", "3,z") * 3)),
        ("wide_pixels.csv", rows(*(",".join(str(i * j % 256) for j in range(48)) + ",0,7" for i in range(9)))),
        ("integers64.npz", npz(x=ARRAY, y=np.array([2**62 + 1, -(2**62)] * 4))),
        ("halves.npz", npz(x=ARRAY.astype(np.float16), y=np.array([0.5, 1.5] * 4, np.float16))),
        ("long_doubles.npz", npz(x=ARRAY.astype(np.longdouble), y=np.array(KINDS))),
        ("big_endian.npz", npz(x=ARRAY.astype(">f8"), y=np.array(KINDS).astype(">U1"))),
        ("fortran_nan.npz", npz(x=np.asfortranarray(np.where(ARRAY > 0.5, np.nan, ARRAY)), y=np.array(KINDS))),
        ("fortran_hot.npz", npz(x=ARRAY, y=np.asfortranarray(np.eye(2)[[0, 1] * 4]))),
        ("two_types.npz", npz(x_train=ARRAY, y_train=[0, 1] * 4, x_test=ARRAY[:2], y_test=[0.0, 1.0])),
        ("colours.npz", npz(x=np.zeros((8, 4, 4, 3), np.uint8), y=np.array(KINDS))),
        ("names.zip", zipped({f"{c}/é{i}.png": picture(i) for c in ("ünder", "über") for i in range(3)})),
        ("jpeg_grey.zip", zipped({f"{c}/{i}.jpg": picture(i, kind="JPEG") for c in "ab" for i in range(3)})),
        ("gzip_junk.zip", zipped({"a-images-idx3.gz": b"\x1f\x8b\x08\x00junk", "a-labels-idx1": idx(LABELS)})),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)  # fmt: skip
def test_page__what_javascript_would_do_otherwise__is_done_as_in_python(
    tmp_path: Path, name: str, data: bytes | str
) -> None:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (said,) = page.read([page.question({name: path})])
    with path.open("rb") as source:
        assert page.differences(page.python(source, name), said) == {}


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_page__two_idx_files_together__become_the_zip_that_python_makes(
    tmp_path: Path, gzipped: bool, turned: bool
) -> None:
    halves = {"t-images-idx3-ubyte": idx(IMAGES, gzipped=gzipped), "t-labels-idx1-ubyte": idx(LABELS)}
    for name, data in halves.items():
        (tmp_path / name).write_bytes(data)
    names = sorted(halves, reverse=turned)
    (said,) = page.read([page.question({name: tmp_path / name for name in names})])
    packed = pair_idx(*(io.BytesIO(data) for data in halves.values()))
    assert page.differences(page.python(packed, "t-images-idx3-ubyte.zip"), said) == {}


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("images", "images2"), ("images", "labels", "a.csv")])
def test_page__other_files_together__are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    content = {"images": idx(IMAGES), "images2": idx(IMAGES), "labels": gzip.compress(idx(LABELS))}
    for name in names:
        (tmp_path / name).write_bytes(content.get(name, b"a,b\n"))
    (said,) = page.read([page.question({name: tmp_path / name for name in names})])
    assert said["code"] == "file.several"


def test_page__limits__are_pythons() -> None:
    script = 'import { LIMITS } from "/static/datasets/limits.js"; console.log(JSON.stringify(LIMITS))'
    paths = str(page.HERE / "static_paths.mjs")
    command = ["node", "--import", paths, "--input-type=module", "--eval", script]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    assert list(said.values()) == list(asdict(Limits()).values())
    assert [name.lower() for name in said] == [name.replace("_", "") for name in asdict(Limits())]


def test_page__codes_of_its_own__are_in_the_list_of_refusals() -> None:
    root = Path(__file__).parents[3]
    listed = set(
        re.findall(r"^\| `([a-z_]+\.[a-z_0-9]+)` \|", (root / "docs/refusals.md").read_text(), re.MULTILINE)
    )
    text = "".join(module.read_text() for module in (root / "frontend/datasets").glob("*.js"))
    told = set(re.findall(r'"((?:file|dataset)\.[a-z_0-9]+)"', text))
    told |= {f"dataset.{code}" for code in re.findall(r'(?:invalid|beyond)\(\s*"([a-z_0-9]+)"', text)}
    assert told - listed == set()
    assert {code for code in listed if code.startswith("file.")} <= told
