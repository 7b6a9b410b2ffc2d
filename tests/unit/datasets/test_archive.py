"""Zips that are traps: refused from the directory, before anything is inflated."""

import io
import stat
import zipfile

import pytest

from backend.datasets import Limits
from tests.unit.datasets.files import folders, picture, refused, zipped


def _with(name: str, data: bytes = b"x", **attributes: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for other, content in folders().items():
            archive.writestr(other, content)
        info = zipfile.ZipInfo("placeholder")
        info.filename = name
        for attribute, value in attributes.items():
            setattr(info, attribute, value)
        archive.writestr(info, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (_with("../cat/9.png"), "dataset.zip_path", '"../cat/9.png"'),
        (_with("cat/../../9.png"), "dataset.zip_path", '"cat/../../9.png"'),
        (_with("/etc/passwd"), "dataset.zip_path", '"/etc/passwd"'),
        (_with("C:/cat/9.png"), "dataset.zip_path", '"C:/cat/9.png"'),
        (_with("cat\\9.png"), "dataset.zip_name", "not allowed"),
        (_with("cat/" + "9" * 600), "dataset.zip_name", "604 characters"),
        (_with("cat/9.png", external_attr=(stat.S_IFLNK | 0o777) << 16), "dataset.zip_link", '"cat/9.png"'),
        (_with("cat/9.png", external_attr=(stat.S_IFIFO | 0o777) << 16), "dataset.zip_link", '"cat/9.png"'),
        (_with("cat/more.ZIP"), "dataset.zip_nested", '"cat/more.ZIP"'),
        (_with("cat/more.tar"), "dataset.zip_nested", '"cat/more.tar"'),
        (_with("cat/9.png", zipped({"a": b"b"})), "dataset.zip_nested", '"cat/9.png"'),
        (_with("cat/9.png", picture(3), compress_type=zipfile.ZIP_LZMA), "dataset.zip_method", "method 14"),
        (zipped(folders())[:-30], "dataset.zip_broken", "damaged"),
        (b"PK\x03\x04" + b"\0" * 100, "dataset.zip_broken", "damaged"),
        (zipped({}), "dataset.zip_content", "no dataset"),
        (zipped({"data.csv": b"a,b"}), "dataset.zip_content", '"data.csv"'),
    ],
)
def test_inspect__hostile_zip__is_refused_naming_the_member(data: bytes, code: str, said: str) -> None:
    refusal = refused(data, "d.zip")
    assert refusal.code == code
    assert said in refusal.message


def test_inspect__duplicate_member__is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = _with("cat/0.png")
    assert refused(data, "d.zip").code == "dataset.zip_duplicate"


def test_inspect__encrypted_member__is_refused() -> None:
    data = bytearray(zipped(folders()))
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    assert refused(bytes(data), "d.zip").code == "dataset.zip_encrypted"


def test_inspect__too_many_members__are_refused() -> None:
    assert refused(zipped(folders()), "d.zip", Limits(max_members=5)).code == "dataset.too_many_members"


def test_inspect__directory_too_long_to_be_read__is_refused_without_reading_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for i in range(2000):
            archive.writestr(f"{i:0200d}", b"")
    assert refused(packed.getvalue(), "d.zip", Limits(max_members=5)).code == "dataset.too_many_members"


def test_inspect__bomb__is_refused_by_its_declared_size() -> None:
    data = _with("cat/9.png", b"\0" * 3_000_000)
    refusal = refused(data, "d.zip", Limits(max_uncompressed_bytes=2_000_000))
    assert refusal.code == "dataset.bomb"


def test_inspect__member_that_lies_about_its_size__is_not_inflated_beyond_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/0.png", b"\0" * 50_000_000)
        for name in ("cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png", "dog/2.png"):
            archive.writestr(name, picture(1))
    data = bytearray(packed.getvalue())
    directory = data.index(b"PK\x01\x02")
    for at in (directory + 24, 22):
        data[at : at + 4] = (1000).to_bytes(4, "little")
    refusal = refused(bytes(data), "d.zip", Limits(max_uncompressed_bytes=1_000_000))
    assert refusal.code in ("dataset.zip_broken", "dataset.image_broken")
    assert '"cat/0.png"' in refusal.message


def test_inspect__target_for_a_zip__is_refused() -> None:
    assert refused(zipped(folders()), "d.zip", target="y").code == "dataset.no_such_target"
