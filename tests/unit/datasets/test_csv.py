"""What is read out of CSV files."""

import numpy as np
import pytest

from backend.datasets import Limits
from tests.unit.datasets.files import inspected, loaded, rows

MEASURED = ("4.5,1,a", "2.25,3,b", "1,5,a", "8,0,b", "3,3,a", "2,9,b")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_inspect__any_delimiter_line_end_and_bom__same_content(delimiter: str, end: str, mark: str) -> None:
    text = mark + rows("width,height,kind", *MEASURED, end=end).replace(",", delimiter)
    found = inspected(text)
    assert (found.rows, found.has_header, found.target, found.input_shape) == (6, True, "kind", (2,))
    assert [c.name for c in found.columns] == ["width", "height"]
    assert [(c.kind, c.missing, c.distinct) for c in found.columns] == [("number", 0, 6), ("number", 0, 5)]
    assert (found.classes, found.class_counts) == (["a", "b"], [3, 3])


def test_inspect__no_header__columns_are_numbered_and_last_is_target() -> None:
    found = inspected(rows(*MEASURED))
    assert (found.has_header, found.rows, found.target) == (False, 6, "column_3")
    assert [c.name for c in found.columns] == ["column_1", "column_2"]


@pytest.mark.parametrize("name", ["Target", "LABEL", "class", "y", "Species", "diagnosis"])
def test_inspect__telling_name__is_the_target_wherever_it_stands(name: str) -> None:
    found = inspected(rows(f"a,{name},b", *("1,x,2", "3,y,4") * 3))
    assert found.target == name
    assert [c.name for c in found.columns] == ["a", "b"]


def test_inspect__numeric_column_names_and_a_target__first_row_is_a_header() -> None:
    found = inspected(rows("0,1,target", *("1,2,0", "3,4,1") * 3))
    assert (found.has_header, found.rows) == (True, 6)


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (("colour,shape,taste", *("red,round,good", "green,long,bad") * 3), True),
        (("red,round,good", "green,long,bad") * 3, False),
        (("democrat,y,n", "republican,n,y") * 3, False),
        (("id,colour,class", *("i1,red,good", "i2,green,bad", "i3,red,good") * 3), True),
    ],
)
def test_inspect__all_text__header_is_what_never_comes_again(lines: tuple[str, ...], header: bool) -> None:
    assert inspected(rows(*lines)).has_header is header


@pytest.mark.parametrize("wish", ["kind", "KIND", " kind ", "1", "-3"])
def test_inspect__target_by_name_or_number__is_found(wish: str) -> None:
    assert inspected(rows("kind,a,b", *("u,1,2", "v,3,4") * 3), target=wish).target == "kind"


def test_inspect__target_named_like_a_number__name_wins_over_position() -> None:
    assert inspected(rows("2,0,target", *("1,5,0", "0,6,1") * 3), target="2").target == "2"


@pytest.mark.parametrize("missing", ["", "NA", "n/a", "NaN", "NULL", "?", " na "])
def test_inspect__missing_tokens__are_counted_and_not_values(missing: str) -> None:
    found = inspected(rows("a,colour,y", f"{missing},red,0", f"2,{missing},1", *("3,blue,0", "4,red,1") * 3))
    assert [(c.kind, c.missing) for c in found.columns] == [("number", 1), ("category", 1)]
    assert found.columns[1].distinct == 2
    assert found.input_shape == (3,)


def test_inspect__rows_without_target__are_left_out_with_a_warning() -> None:
    found = inspected(rows("a,y", "1,", *("2,u", "3,v") * 3, "9,NA"))
    assert (found.rows, found.classes) == (6, ["u", "v"])
    assert found.warnings == ['2 rows without a value of the target "y" were left out.']


def test_inspect__quoted_fields__keep_delimiters_quotes_and_line_ends() -> None:
    found = inspected(rows("name,a,y", '"x, ""y""\nz",1,u', *("w,2,u", '"x, ""y""\nz",3,v') * 3))
    assert (found.rows, found.columns[0].distinct) == (7, 2)


def test_inspect__decimal_comma__is_a_number() -> None:
    table = loaded(rows("a;b;y", "1,5;2;u", "2,25;3;v", *("3;4;u", "0,5;5;v") * 3))
    assert table.decimal == ","
    np.testing.assert_array_equal(table.features[0].values[:3], [1.5, 2.25, 3.0])


def test_inspect__underscored_digits__are_text() -> None:
    assert inspected(rows("a,y", *("1_0,u", "2_0,v") * 3)).columns[0].kind == "category"


def test_inspect__column_that_turns_to_text_late__is_read_as_text_from_the_start() -> None:
    lines = [f"{i % 7:03d},{i % 3},{'uv'[i % 2]}" for i in range(300_000)] + ["none,1,u"]
    table = loaded(rows("code,a,y", *lines))
    assert table.features[0].values == ("000", "001", "002", "003", "004", "005", "006", "none")
    assert table.rows == 300_001


def test_inspect__texts_that_only_tell_rows_apart__are_left_out() -> None:
    lines = [f"{i},row-{i},{i % 4},{'uv'[i % 2]}" for i in range(12)]
    found = inspected(rows("id,key,a,y", *lines))
    assert [c.name for c in found.columns] == ["a"]
    assert found.warnings == ['Left out because every row has its own value: "id", "key".']


def test_inspect__many_different_texts__are_limited_with_a_warning() -> None:
    lines = [f"{i % 100},t{i % 100},{'uv'[i % 2]}" for i in range(200)]
    found = inspected(rows("a,t,y", *lines))
    assert found.columns[1].distinct == 100
    assert found.input_shape == (1 + 64,)
    assert "64 most frequent" in found.warnings[0]


def test_inspect__numeric_classes__are_ordered_as_numbers_and_written_whole() -> None:
    found = inspected(rows("a,y", *("1,10.0", "2,2", "3,9") * 3))
    assert found.classes == ["2", "9", "10"]


def test_inspect__few_fractional_classes__are_classes() -> None:
    assert inspected(rows("a,y", *("1,0.5", "2,1.5") * 3)).classes == ["0.5", "1.5"]


def test_inspect__one_stray_label__is_kept_with_a_warning() -> None:
    found = inspected(rows("a,y", *("1,u", "2,v") * 5, "3,w"))
    assert (found.classes, found.class_counts) == (["u", "v", "w"], [5, 5, 1])
    assert found.warnings == ['Fewer than 3 rows of "w": these classes cannot be tested.']


def test_inspect__square_of_whole_numbers__is_pixels() -> None:
    lines = [",".join(str((i * j) % 17) for j in range(64)) + f",{i % 10}" for i in range(60)]
    found = inspected(rows(*lines))
    assert found.input_shape == (64,)
    assert {c.kind for c in found.columns} == {"pixel"}


def test_inspect__blank_lines__are_no_rows() -> None:
    assert inspected(rows("a,y", "", *("1,u", "", "2,v") * 3, "")).rows == 6


def test_inspect__file_facts__are_of_the_file_and_it_is_left_open() -> None:
    import hashlib
    import io

    from backend.datasets import inspect

    data = rows(*MEASURED).encode()
    source = io.BytesIO(data)
    found = inspect(source, "m.csv", limits=Limits())
    assert (found.bytes, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert inspect(source, "m.csv") == found
