"""What is written in a supported format is what is read, and preprocessing agrees wherever it runs."""

import csv
import io
import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from backend.datasets import Encoder, pair_idx
from backend.datasets.csv_dialect import is_missing, is_number
from backend.datasets.portable import preprocess
from tests.unit.datasets.files import idx, loaded, npz

NUMBERS = st.floats(-1e29, 1e29, allow_nan=False) | st.integers(-(10**6), 10**6).map(float)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), min_size=1, max_size=8
)
TEXTS = WORDS.map(str.strip).filter(lambda t: not is_missing(t) and not is_number(t) and "\n" not in t)
MISSING = st.sampled_from(["", "NA", "?", "nan"])


@st.composite
def _tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of text cells below the header `n0 t0 ... target`, each column with a value, two classes of three
    rows.
    """
    count = draw(st.integers(6, 25))
    columns: list[list[str]] = []
    for _ in range(draw(st.integers(1, 3))):
        values = draw(st.lists(NUMBERS.map(repr), min_size=count, max_size=count))
        columns.append(draw(_with_missing(values)))
    for _ in range(draw(st.integers(0, 2))):
        some = draw(st.lists(TEXTS, min_size=1, max_size=4))
        values = draw(st.lists(st.sampled_from(some), min_size=count, max_size=count))
        columns.append(draw(_with_missing(values)))
    columns.append([("yes", "no")[i % 2] for i in range(count)])
    return [list(row) for row in zip(*columns, strict=True)]


def _with_missing(values: list[str]) -> st.SearchStrategy[list[str]]:
    """The same with some values missing, but never the first."""
    rest = [st.sampled_from([value] * 4) | MISSING if i else st.just(value) for i, value in enumerate(values)]
    return st.tuples(*rest).map(list)


def _written(names: list[str], table: list[list[str]], delimiter: str, line_end: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(names)
    writer.writerows(table)
    return text.getvalue().encode()


@given(table=_tables(), delimiter=st.sampled_from(",;\t|"), line_end=st.sampled_from(["\n", "\r\n"]))
def test_csv__written_then_loaded__every_cell_is_as_it_was(
    table: list[list[str]], delimiter: str, line_end: str
) -> None:
    names = [f"c{i}" for i in range(len(table[0]) - 1)] + ["target"]
    read = loaded(_written(names, table, delimiter, line_end))
    assert read.rows == len(table)
    assert [read.classes[i] for i in read.y] == [row[-1] for row in table]
    for feature in read.features:
        for i, row in enumerate(table):
            cell = row[feature.position]
            if hasattr(feature, "codes"):
                found = None if feature.codes[i] < 0 else feature.values[feature.codes[i]]
                assert found == (None if is_missing(cell) else cell)
            else:
                np.testing.assert_equal(float(feature.values[i]), np.nan if is_missing(cell) else float(cell))


@given(table=_tables(), seed=st.integers(0, 1000))
def test_encoder__raw_csv_rows__portable_agrees_with_transform(table: list[list[str]], seed: int) -> None:
    names = [f"c{i}" for i in range(len(table[0]) - 1)] + ["target"]
    read = loaded(_written(names, table, ",", "\n"))
    train = np.sort(np.random.default_rng(seed).permutation(len(table))[: max(1, len(table) // 2)])
    encoder = Encoder.from_json(Encoder.fit(read, train).to_json())
    x, _ = encoder.transform(read)
    assert x.shape == (len(table), *read.input_shape)
    assert np.isfinite(x).all()
    recipe = json.loads(encoder.to_json())
    np.testing.assert_array_equal(preprocess(recipe, table), x)
    np.testing.assert_array_equal(
        preprocess(recipe, [dict(zip(names, row, strict=True)) for row in table]), x
    )


ARRAYS = st.one_of(
    *(
        arrays.arrays(
            kind, st.tuples(st.integers(6, 12), st.integers(1, 4), st.integers(1, 4)), elements=elements
        )
        for kind, elements in (
            (np.uint8, None),
            (np.int16, None),
            (np.float32, st.floats(-1e6, 1e6, width=32)),
            (np.float64, st.floats(-1e29, 1e29)),
        )
    )
)


@given(x=ARRAYS, flat=st.booleans())
def test_npz__saved_then_loaded__arrays_are_equal_and_portable_agrees(x: Any, flat: bool) -> None:
    x = x.reshape(len(x), -1) if flat else x
    labels = np.arange(len(x)) % 2
    read = loaded(npz(x=x, y=labels), "d.npz")
    np.testing.assert_array_equal(read.array, x)
    np.testing.assert_array_equal(read.y, labels)
    encoder = Encoder.fit(read, np.arange(3))
    encoded, _ = encoder.transform(read)
    assert np.isfinite(encoded).all()
    np.testing.assert_array_equal(preprocess(json.loads(encoder.to_json()), list(x)), encoded)


@given(
    x=arrays.arrays(np.uint8, st.tuples(st.integers(6, 12), st.integers(1, 5), st.integers(1, 5))),
    gzipped=st.booleans(),
)
def test_idx__paired_then_loaded__images_are_equal(x: Any, gzipped: bool) -> None:
    labels = np.arange(len(x)) % 2
    pair = pair_idx(io.BytesIO(idx(x, gzipped=gzipped)), io.BytesIO(idx(labels, gzipped=gzipped)))
    read = loaded(pair.read(), "d.zip")
    np.testing.assert_array_equal(read.array, x)
    np.testing.assert_array_equal(read.y, labels)
