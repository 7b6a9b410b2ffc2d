"""Preprocessing: fitted on training rows only, recorded completely, the same everywhere."""

import ast
import json
import sys
from typing import Any

import numpy as np
import pytest

from backend.datasets import DatasetInvalid, Encoder, Table, portable_source
from tests.unit.datasets.files import folders, loaded, npz, rows, zipped

LINES = (
    "size,colour,y,weight",
    *("1,red,u,2.5", "3,blue,v,?", "5,red,u,0.5", "7,,v,1.5"),
    *("1000,green,u,9", "NA,blue,v,900"),
)
TRAIN = np.array([0, 1, 2, 3])


def _mixed() -> Table:
    return loaded(rows(*LINES), target="y")


def test_fit__numbers__use_training_rows_only() -> None:
    columns = Encoder.fit(_mixed(), TRAIN).recipe["columns"]
    size, colour, weight = columns
    assert (size["mean"], size["fill"]) == (4.0, 4.0)
    assert size["std"] == pytest.approx(5**0.5)
    assert weight["mean"] == 1.5
    assert (colour["values"], colour["width"]) == (["red", "blue"], 3)


def test_fit__rows_outside_training__change_nothing() -> None:
    table = _mixed()
    changed = loaded(rows(*LINES[:5], "-4,green,u,1e6", "8,blue,v,0"), target="y")
    assert Encoder.fit(table, TRAIN).to_json() == Encoder.fit(changed, TRAIN).to_json()


def test_transform__mixed_rows__are_standardised_filled_and_one_hot() -> None:
    x, y = Encoder.fit(_mixed(), TRAIN).transform(_mixed())
    assert (x.dtype, y.dtype, x.shape) == (np.float32, np.int32, (6, 5))
    np.testing.assert_array_equal(y, [0, 1, 0, 1, 0, 1])
    np.testing.assert_allclose(x[0], [-3 / 5**0.5, 1, 0, 0, 1 / np.sqrt(2 / 3)], rtol=1e-6)
    np.testing.assert_array_equal(x[1, 1:], [0, 1, 0, 0])
    np.testing.assert_array_equal(x[3, 1:4], [0, 0, 0])
    np.testing.assert_array_equal(x[4, :4], [10, 0, 0, 0])
    assert x[5, 0] == 0


def test_transform__column_without_variation_or_training_values__is_finite() -> None:
    lines = [f"0.1,{'' if i < 6 else i},{'uv'[i % 2]}" for i in range(9)]
    table = loaded(rows("same,late,y", *lines))
    x, _ = Encoder.fit(table, np.arange(6)).transform(table)
    np.testing.assert_allclose(x[:6], np.zeros((6, 2)), atol=1e-12)
    np.testing.assert_array_equal(x[6:, 1], [6, 7, 8])


def test_transform__frequent_texts__are_the_ones_that_are_told_apart() -> None:
    lines = [f"t{i % 100 if i % 2 else 7},1,{'uv'[i % 2]}" for i in range(400)]
    table = loaded(rows("t,a,y", *lines))
    encoder = Encoder.fit(table, np.arange(400))
    assert encoder.recipe["columns"][0]["values"][0] == "t7"
    assert encoder.transform(table)[0].shape == (400, 51)


def test_transform__bytes__are_divided_by_255_and_csv_pixels_by_their_largest() -> None:
    labels = np.array([0, 1] * 4)
    images = loaded(npz(x=np.full((8, 5, 5), 51, np.uint8), y=labels), "d.npz")
    x, _ = Encoder.fit(images, np.arange(4)).transform(images)
    np.testing.assert_array_equal(x, np.full((8, 5, 5), np.float32(0.2)))
    lines = [",".join(str((i + j) % 17) for j in range(64)) + f",{i % 2}" for i in range(40)]
    digits = loaded(rows(*lines))
    x, _ = Encoder.fit(digits, np.arange(40)).transform(digits)
    assert (x.min(), x.max(), x[0, 8]) == (0.0, 1.0, 0.5)


def _tables() -> list[Any]:
    labels = np.array([0, 1] * 4)
    generator = np.random.default_rng(3)
    return [
        pytest.param(_mixed(), id="mixed"),
        pytest.param(loaded(npz(x=generator.normal(5, 3, (8, 3)), y=labels), "d.npz"), id="numbers"),
        pytest.param(loaded(npz(x=generator.normal(0, 3, (8, 3, 2)), y=labels), "d.npz"), id="signals"),
        pytest.param(loaded(npz(x=generator.integers(0, 9, (8, 4, 4)), y=labels), "d.npz"), id="images"),
        pytest.param(loaded(zipped(folders(size=(5, 4))), "d.zip"), id="folders"),
    ]


@pytest.mark.parametrize("table", _tables())
def test_from_json__what_to_json_wrote__transforms_alike(table: Table) -> None:
    encoder = Encoder.fit(table, np.arange(4))
    again = Encoder.from_json(encoder.to_json())
    assert again == encoder
    assert (again.classes, again.input_shape) == (table.classes, table.input_shape)
    for ours, theirs in zip(again.transform(table), encoder.transform(table), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("table", _tables()[1:])
def test_portable__arrays__agrees_with_transform(table: Table) -> None:
    encoder = Encoder.fit(table, np.arange(4))
    x, _ = encoder.transform(table)
    np.testing.assert_array_equal(
        _portable()["preprocess"](json.loads(encoder.to_json()), list(table.array)), x
    )
    np.testing.assert_array_equal(encoder.apply_row({"x": table.array[5].tolist()}), x[5])


def test_portable__raw_rows_by_name_or_place__agrees_with_transform() -> None:
    encoder = Encoder.fit(_mixed(), TRAIN)
    x, _ = encoder.transform(_mixed())
    raw = [line.split(",") for line in LINES[1:]]
    named = [dict(zip(LINES[0].split(","), cells, strict=True)) for cells in raw]
    preprocess, recipe = _portable()["preprocess"], json.loads(encoder.to_json())
    np.testing.assert_array_equal(preprocess(recipe, raw), x)
    np.testing.assert_array_equal(preprocess(recipe, named), x)
    np.testing.assert_array_equal(encoder.apply_row(named[4]), x[4])
    np.testing.assert_array_equal(encoder.apply_row({"size": 5, "colour": "red", "weight": 0.5}), x[2])
    np.testing.assert_array_equal(
        encoder.apply_row({"size": None, "colour": None, "weight": 900})[:4], [0, 0, 0, 0]
    )


def test_portable__decimal_comma__is_understood() -> None:
    lines = ("1,5;u", "2,25;v") * 3
    table = loaded(rows("a;y", *lines))
    encoder = Encoder.fit(table, np.arange(6))
    np.testing.assert_array_equal(encoder.apply_row({"a": "2,25"}), encoder.transform(table)[0][1])


def test_portable_source__imports__are_the_standard_library_and_numpy() -> None:
    imported = {
        (node.names[0].name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(portable_source()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= set(sys.stdlib_module_names) | {"numpy"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"size": 1, "colour": "red"}, "'weight' is not there"),
        ({"size": "big", "colour": "red", "weight": 1}, "'big' in the column 'size' is not a number"),
        ({"size": "inf", "colour": "red", "weight": 1}, "not a finite number"),
        ({"size": [1], "colour": "red", "weight": 1}, "not a number"),
    ],
)
def test_apply_row__unusable_cell__is_refused_by_column(row: dict[str, Any], said: str) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        Encoder.fit(_mixed(), TRAIN).apply_row(row)
    assert caught.value.code == "row.invalid"
    assert said in caught.value.message


def test_apply_row__array_of_another_shape_or_with_nan__is_refused() -> None:
    table = loaded(npz(x=np.ones((8, 3)), y=np.array([0, 1] * 4)), "d.npz")
    for values in ([1, 2], [1, 2, float("nan")], "text"):
        with pytest.raises(DatasetInvalid):
            Encoder.fit(table, np.arange(8)).apply_row({"x": values})


def test_transform__table_of_other_columns_or_classes__is_refused() -> None:
    encoder = Encoder.fit(_mixed(), TRAIN)
    for other, code in (
        (loaded(rows("size,y", *("1,u", "2,v") * 3)), "encoder.columns_differ"),
        (loaded(rows("size,colour,weight,y", *("a,b,3,u", "a,d,4,v") * 3)), "encoder.columns_differ"),
        (loaded(rows("size,colour,weight,y", *("1,b,3,u", "2,d,4,z") * 3)), "encoder.classes_differ"),
        (loaded(npz(x=np.ones((6, 5)), y=np.array(list("uvuvuv"))), "d.npz"), "encoder.columns_differ"),
    ):
        with pytest.raises(DatasetInvalid) as caught:
            encoder.transform(other)
        assert caught.value.code == code


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "other/1", "columns": []}', "[" * 100_000])
def test_from_json__anything_else__is_refused(text: str) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        Encoder.from_json(text)
    assert caught.value.code == "preprocessing.unreadable"


def _portable() -> dict[str, Any]:
    """The exported module, run from its text alone as a customer would."""
    namespace: dict[str, Any] = {"__name__": "preprocess"}
    exec(compile(portable_source(), "preprocess.py", "exec"), namespace)
    return namespace
