"""NPZ files: which arrays are used, and what is refused before its data is touched."""

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from backend.datasets import Limits
from tests.unit.datasets.files import inspected, loaded, npz, refused, zipped

X = np.arange(24.0).reshape(8, 3)
Y = np.array([0, 1] * 4)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("x", "y"),
        ("X", "Y"),
        ("data", "target"),
        ("images", "labels"),
        ("features", "labels"),
        ("big", "small"),
    ],
)
def test_inspect__customary_names_or_two_arrays__are_inputs_and_labels(x: str, y: str) -> None:
    found = inspected(npz(**{y: Y, x: X}), "d.npz")
    assert (found.format, found.target, found.rows, found.input_shape) == ("npz", y, 8, (3,))
    assert [(c.name, c.kind, c.distinct) for c in found.columns] == [(f"x{i}", "number", 8) for i in range(3)]


def test_inspect__training_and_test_part__are_joined() -> None:
    table = loaded(npz(x_train=X, y_train=Y, x_test=X[:2] + 100, y_test=Y[:2]), "d.npz")
    assert table.rows == 10
    np.testing.assert_array_equal(table.array[8:], X[:2] + 100)
    np.testing.assert_array_equal(table.y[8:], Y[:2])


def test_inspect__other_arrays_beside__do_not_disturb() -> None:
    assert inspected(npz(x=X, y=Y, z=np.arange(3)), "d.npz").rows == 8


def test_inspect__target_names_the_label_array() -> None:
    found = inspected(npz(x=X, y=Y, z=np.array(list("uvwuvwuv"))), "d.npz", target="z")
    assert (found.target, found.classes, found.input_shape) == ("z", ["u", "v", "w"], (3,))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (Y, ["0", "1"]),
        (Y.astype(bool), ["0", "1"]),
        (Y.astype(float), ["0", "1"]),
        (Y.reshape(8, 1), ["0", "1"]),
        (Y.astype(">i4"), ["0", "1"]),
        (np.where(Y, "wolf", "dog"), ["dog", "wolf"]),
        (np.where(Y, b"wolf", b"dog"), ["dog", "wolf"]),
        (np.eye(2, dtype=np.uint8)[Y], ["0", "1"]),
        (np.eye(2)[Y], ["0", "1"]),
        (np.where(Y, 10, 9), ["9", "10"]),
    ],
)
def test_inspect__labels_of_any_customary_form__are_classes(labels: Any, classes: list[str]) -> None:
    found = inspected(npz(x=X, y=labels), "d.npz")
    assert (found.classes, found.class_counts) == (classes, [4, 4])


@pytest.mark.parametrize(
    ("array", "kind", "shape"),
    [
        (np.zeros((8, 5, 5), np.uint8), "pixel", (5, 5)),
        (np.ones((8, 5, 5, 3), np.float32), "pixel", (5, 5, 3)),
        (-np.ones((8, 5, 5)), "number", (5, 5)),
        (np.zeros((8, 784), np.uint8), "pixel", (784,)),
        (np.zeros((8, 784)) + 0.5, "pixel", (784,)),
        (np.zeros((8, 784)) + 1.5, "number", (784,)),
        (np.zeros((8, 4), bool), "number", (4,)),
        (np.asfortranarray(np.zeros((8, 4), np.float16)), "number", (4,)),
    ],
)
def test_inspect__arrays__kind_and_shape(array: Any, kind: str, shape: tuple[int, ...]) -> None:
    found = inspected(npz(x=array, y=Y), "d.npz")
    assert (found.columns[0].kind, found.input_shape) == (kind, shape)


def _bad(value: float) -> Any:
    array = X.copy()
    array[5, 1] = value
    return array


@pytest.mark.parametrize(
    ("arrays", "code", "said"),
    [
        ({"x": _bad(np.nan), "y": Y}, "dataset.not_finite", '"x"[5, 1] is nan'),
        ({"x": _bad(-np.inf), "y": Y}, "dataset.not_finite", '"x"[5, 1] is -inf'),
        ({"x": _bad(1e200), "y": Y}, "dataset.not_finite", '"x"[5, 1] is 1e+200'),
        ({"x": np.full((8, 3), np.inf, np.float16), "y": Y}, "dataset.not_finite", '"x"[0, 0]'),
        ({"x": X, "y": np.where(Y, np.nan, 0.0)}, "dataset.not_finite", '"y"[1] is nan'),
        ({"x": X.astype(object), "y": Y}, "dataset.array_objects", '"x" holds Python objects'),
        ({"x": X, "y": Y.astype(object)}, "dataset.array_objects", '"y" holds Python objects'),
        ({"x": X.astype(complex), "y": Y}, "dataset.array_type", '"x" are of type complex128'),
        ({"x": X, "y": Y.astype("M8[s]")}, "dataset.array_type", '"y" are of type datetime64'),
        ({"x": X, "y": Y, "z": np.zeros(3, "i4,f8")}, "dataset.array_type", '"z" holds records'),
        ({"x": X, "y": Y[:7]}, "dataset.length_mismatch", '"x" has 8 rows and "y" has 7'),
        ({"x": X[:, 0], "y": Y}, "dataset.array_shape", "[8]"),
        ({"x": X.reshape(8, 1, 1, 1, 3), "y": Y}, "dataset.array_shape", "[8, 1, 1, 1, 3]"),
        ({"x": X[:0], "y": Y[:0]}, "dataset.array_shape", "[0, 3]"),
        ({"x": X[:, :0], "y": Y}, "dataset.array_shape", "[8, 0]"),
        ({"x": X, "y": X}, "dataset.array_shape", "not one-hot"),
        ({"x": X, "y": Y * 0}, "dataset.one_class", '"0"'),
        (
            {"x": np.arange(90.0).reshape(30, 3), "y": np.arange(30) / 7},
            "dataset.target_not_classes",
            "30 different",
        ),
        ({"a": X, "b": Y, "c": Y}, "dataset.no_target", '"a", "b", "c"'),
        ({"a": X}, "dataset.no_target", '"a"'),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :2], "y_test": Y}, "dataset.array_shape", '"x_test"'),
        ({"x": X, "y": np.array(["\ud800", "b"] * 4)}, "dataset.array_broken", "characters"),
        ({"x": X, "y": np.array(["", "b"] * 4)}, "dataset.class_name", '""'),
        ({"x": X, "y": np.array([b"\xff", b"b"] * 4)}, "dataset.not_utf8", '"y"'),
    ],
)
def test_inspect__unusable_arrays__are_refused_saying_where(
    arrays: dict[str, Any], code: str, said: str
) -> None:
    refusal = refused(npz(**arrays), "d.npz")
    assert refusal.code == code
    assert said in refusal.message


def test_inspect__unknown_target_array__names_the_arrays() -> None:
    refusal = refused(npz(x=X, y=Y), "d.npz", target="species")
    assert refusal.code == "dataset.no_such_target"
    assert '"x", "y"' in refusal.message


def _header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "member",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00" + b"\0" * 50,
        b"\x93NUMPY\x01\x00\xff\xff",
        _header("(8, 3)"),
        _header("(8, 3)") + b"\0" * 191,
        _header("(8, 3)") + b"\0" * 193,
        _header("(99999999999, 99999999999)"),
        _header("(-8, -3)") + b"\0" * 192,
        _header("(True, 3)") + b"\0" * 24,
        _header("__import__('os')"),
        _header("(8,3)", "[" * 4000 + "]" * 4000),
        _header("(8,3)", "'nonsense'"),
        _header("(8,3"),
        _header("[8,3]") + b"\0" * 192,
        _header("(8,3)", "'<U0'"),
        _header("(8,3)", "'S999999999'"),
        _header("(8,3)").replace(b"shape", b"sharp") + b"\0" * 192,
    ],
)
def test_inspect__damaged_array__is_refused_by_its_name(member: bytes) -> None:
    whole = io.BytesIO()
    np.save(whole, Y)
    refusal = refused(zipped({"x.npy": member, "y.npy": whole.getvalue()}), "d.npz")
    assert refusal.code == "dataset.array_broken"
    assert '"x"' in refusal.message


def test_inspect__label_code_points_beyond_unicode__are_refused_before_they_become_strings() -> None:
    labels = io.BytesIO()
    np.save(labels, np.array(["dog", "cat"] * 4))
    data = bytearray(labels.getvalue())
    data[-4:] = b"\0\0\x11\0"
    whole = io.BytesIO()
    np.save(whole, X)
    refusal = refused(zipped({"x.npy": whole.getvalue(), "y.npy": bytes(data)}), "d.npz")
    assert refusal.code == "dataset.array_broken"


def test_inspect__honest_zeros_beyond_the_limit__are_refused_unread() -> None:
    data = npz(x=np.zeros((1000, 1000)), y=np.arange(1000) % 2)
    assert len(data) < 20_000
    refusal = refused(data, "d.npz", Limits(max_uncompressed_bytes=1_000_000))
    assert refusal.code == "dataset.bomb"
    assert "1000000" in refusal.message


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_rows=7), "dataset.too_many_rows"),
        (Limits(max_columns=2), "dataset.too_many_columns"),
        (Limits(max_values=23), "dataset.too_many_values"),
    ],
)
def test_inspect__array_beyond_a_limit__is_refused(limits: Limits, code: str) -> None:
    assert refused(npz(x=X, y=Y), "d.npz", limits).code == code


def test_inspect__flipped_bit_in_stored_data__is_refused_by_its_checksum() -> None:
    whole = io.BytesIO()
    np.savez(whole, x=X, y=Y)
    data = bytearray(whole.getvalue())
    with zipfile.ZipFile(whole) as archive:
        at = archive.getinfo("x.npy").header_offset + 300
    data[at] ^= 1
    refusal = refused(bytes(data), "d.npz")
    assert refusal.code == "dataset.zip_broken"
    assert '"x.npy"' in refusal.message
