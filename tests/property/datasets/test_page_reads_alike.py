"""Whatever stands in a CSV file, the browser reads it as Python does: batches of files, one process of node for each."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.web import page

FILES_PER_BATCH = 40
BATCHES = 12
CELLS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                " ",
                "NA",
                " n/a ",
                "nan",
                "+nan",
                "?",
                "null",
                "1",
                "2.5",
                "-0",
                "1e3",
                "1_0",
                "0x10",
                "inf",
                "1e31",
            ),
            *(
                "1,5",
                "1.000,5",
                ".5",
                "5.",
                " 7 ",
                "7\u00a0",
                "\u0663",
                "a",
                "b ",
                "A",
                "id",
                "y",
                "class",
                "\ufeff1",
            ),
            *('say "hi"', "x;y", "x|y", "l1\nl2", "l1\r\nl2", "\U0001f600", "\u200b", "1\x1c", "1\u2028"),
        ]
    ),
    st.integers(-3, 3).map(str),
    st.floats(-1e4, 1e4).map(repr),
    # Which characters a sentence can show goes by each side's edition of Unicode: what Python's does not know is left out.
    st.text(
        st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cn", "Cs"]), max_size=4
    ),
)
RAW = st.text(st.sampled_from(',;\t|"\r\n 01.eEnaNyé\ufeff\x1c\U0001f600'), max_size=120)


@st.composite
def _tables(draw: st.DrawFn) -> str:
    """Rows of few kinds of cells, quoted or not, some of another width."""
    width = draw(st.integers(1, 5))
    delimiter, end = draw(st.sampled_from(",,,;\t|")), draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    kinds = [draw(st.lists(CELLS, min_size=1, max_size=3)) for _ in range(width)]
    names = draw(st.lists(CELLS, min_size=width, max_size=width)) if draw(st.booleans()) else None
    rows = [names] if names else []
    count = draw(st.integers(0, 14))
    rows += [[draw(st.sampled_from(kind)) for kind in kinds] for _ in range(count)]
    if draw(st.integers(0, 9)) == 0:
        rows.append(["odd"] * draw(st.integers(0, 6)))
    quotes = draw(st.sampled_from(["where needed", "always", "never"]))
    text = end.join(delimiter.join(_cell(cell, delimiter, quotes) for cell in row) for row in rows)
    return draw(st.sampled_from(["", "", "\ufeff"])) + text + draw(st.sampled_from(["", end, end + end]))


def _cell(cell: str, delimiter: str, quotes: str) -> str:
    needed = any(mark in cell for mark in (delimiter, '"', "\n", "\r"))
    return (
        '"' + cell.replace('"', '""') + '"'
        if quotes == "always" or (quotes == "where needed" and needed)
        else cell
    )


CONTENT = st.one_of(
    _tables().map(str.encode), _tables().map(str.encode), RAW.map(str.encode), st.binary(max_size=60)
)
TARGETS = st.one_of(st.none(), st.none(), st.sampled_from(["1", "-1", "y", "class", " A ", "9"]))


@settings(max_examples=BATCHES)
@given(st.lists(st.tuples(CONTENT, TARGETS), min_size=FILES_PER_BATCH, max_size=FILES_PER_BATCH))
def test_page__any_csv__is_read_as_python_reads_it(batch: list[tuple[bytes, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(len(batch))]
        for path, (data, _) in zip(paths, batch, strict=True):
            path.write_bytes(data)
        said = page.read(
            [page.question({"d.csv": path}, target) for path, (_, target) in zip(paths, batch, strict=True)]
        )
        for path, (data, target), answer in zip(paths, batch, said, strict=True):
            with path.open("rb") as source:
                assert page.differences(page.python(source, "d.csv", target=target), answer) == {}, data
