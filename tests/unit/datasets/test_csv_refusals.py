"""CSV files that cannot be trained on: each is refused by its code, saying where."""

import pytest

from backend.datasets import Limits
from tests.unit.datasets.files import refused, rows

GOOD = ("1,2,u", "3,4,v") * 3


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "dataset.empty", "is empty"),
        (b"\n\n \n", "dataset.empty", "no rows"),
        (rows("a,b,y"), "dataset.only_header", "a header and no rows"),
        (rows("a,b,y", "", ""), "dataset.only_header", "a header and no rows"),
        (rows("a,b,y", "1,2,u", "3,4", *GOOD), "dataset.ragged_row", "Line 3 has 2 fields where 3"),
        (rows("a,b,y", *GOOD, "1,2,u,9"), "dataset.ragged_row", "Line 8 has 4 fields where 3"),
        (rows("a,b,y", '1,"2\n2",u', "3,4", *GOOD), "dataset.ragged_row", "Line 4 has 2 fields where 3"),
        (rows("a,a,y", *GOOD), "dataset.duplicate_column", '"a" more than once'),
        (rows("a,b,y", *("1,,u", "2,NA,v") * 3), "dataset.empty_column", '"b" (number 2)'),
        (rows("a,b,y", *("1,2,u",) * 5), "dataset.one_class", '"y" has only one value ("u")'),
        (rows("a,b,y", *("1,2,",) * 5), "dataset.no_target_values", '"y"'),
        (rows("y", *"uvuvuv"), "dataset.no_features", "only column"),
        (rows("key,y", *(f"k{i},{'uv'[i % 2]}" for i in range(12))), "dataset.no_features", '"y"'),
        (rows("a,b,y", "1,inf,u", *GOOD), "dataset.number_too_large", 'Line 2, column "b": "inf"'),
        (rows("a,b,y", *GOOD, "1,-1e400,u"), "dataset.number_too_large", 'Line 8, column "b": "-1e400"'),
        (rows("a,b,y", *(f"1,{i},{i * 0.37}" for i in range(30))), "dataset.target_not_classes", '"y" has 30'),
        (rows("a,b,y", *(f"{i % 3},1,{i}" for i in range(30))), "dataset.rare_classes", '"y"'),
        (rows("a,b,y", *("1,2,u",) * 9, "1,2,v"), "dataset.rare_classes", '("v")'),
        (rows("a,b,y", *("1,2," + c * 300 for c in "uv") , *GOOD), "dataset.class_name", "200 characters"),
        (rows("a,b,y", "1,2,u", '3,"4"x,v', *GOOD), "dataset.csv_malformed", "line 3"),
        (rows("a,b,y", *GOOD) + '1,"2,u', "dataset.csv_malformed", "line 8"),
        (b"a,b,y\n1,2,u\n3,\x00,v\n", "dataset.nul", "byte 14 (line 3)"),
        (b"a,b,y\n1,2,u\n3,\xe9,v\n", "dataset.not_utf8", "byte 14 (line 3; the byte is 0xe9)"),
        (b"a,b,y\n1,2,u\n3,4,\xc3", "dataset.not_utf8", "byte 16 (line 3; the byte is 0xc3)"),
        ("a,y\n1,u\n".encode("utf-16"), "dataset.not_utf8", "UTF-16"),
    ],
)  # fmt: skip
def test_inspect__unusable_csv__is_refused_saying_where(content: bytes | str, code: str, said: str) -> None:
    refusal = refused(content)
    assert refusal.code == code
    assert said in refusal.message


def test_inspect__bad_byte_deep_in_the_file__offset_and_line_are_of_the_file() -> None:
    line = "é,2,u\n".encode()
    before = line * 400_000
    refusal = refused(before + b"\xff,2,v\n" + line)
    assert f"byte {len(before)} (line 400001;" in refusal.message


@pytest.mark.parametrize("wish", ["kind", "0", "4", "-4", "y ears", ""])
def test_inspect__missing_target__names_the_columns(wish: str) -> None:
    refusal = refused(rows("a,b,y", *GOOD), target=wish)
    assert refusal.code == "dataset.no_such_target"
    assert '"a", "b", "y"' in refusal.message


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_bytes=10), "dataset.too_large"),
        (Limits(max_rows=5), "dataset.too_many_rows"),
        (Limits(max_columns=2), "dataset.too_many_columns"),
        (Limits(max_values=17), "dataset.too_many_values"),
        (Limits(max_row_bytes=4), "dataset.row_too_long"),
        (Limits(max_classes=1), "dataset.too_many_classes"),
    ],
)
def test_inspect__beyond_a_limit__is_refused(limits: Limits, code: str) -> None:
    assert refused(rows("a,b,y", *GOOD), limits=limits).code == code


def test_inspect__one_long_line__is_named() -> None:
    refusal = refused(rows("a,b,y", *GOOD, f"1,{'x' * 200},u", *GOOD), limits=Limits(max_row_bytes=100))
    assert (refusal.code, refusal.message) == ("dataset.row_too_long", "Line 8 is longer than 100 bytes.")


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"PAR1", "a Parquet file"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"\x93NUMPY\x01\x00", "a single NumPy array"),
    ],
)
def test_inspect__file_of_another_kind__is_refused_by_what_it_is(start: bytes, said: str) -> None:
    refusal = refused(start + b"\0" * 100, "data.csv")
    assert refusal.code == "dataset.unknown_format"
    assert said in refusal.message


def test_refusal__hostile_names__are_shortened_and_made_printable() -> None:
    refusal = refused(rows("a,b,y", *GOOD), target="\x1b[31m" + "x" * 500)
    assert "\x1b" not in refusal.message
    assert len(refusal.message) < 250
