"""No file makes `inspect` do anything but describe or refuse it."""

import gzip
import io
import zipfile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.datasets import DatasetInvalid, Limits, inspect
from tests.unit.datasets.files import folders, idx, npz, picture, rows, zipped

SMALL = Limits(max_bytes=200_000, max_uncompressed_bytes=1_000_000, max_values=100_000, max_pixels=10_000)
LABELS = np.array([0, 1] * 4)
CSV = rows("a,b,c,y", *('1,red,"x, y",u', "2.5,blue,,v", "-3e2,,z,u", "4,red,?,v") * 2).encode()
NPZ = npz(x=np.arange(24.0).reshape(8, 3), y=np.where(LABELS, "wolf", "dog"))
IMAGES = zipped(
    folders("pets/")
    | {"pets/dog/x.jpg": picture((9, 5, 1), kind="JPEG"), "pets/cat/y.bmp": picture(7, kind="BMP")}
)
IDX = zipped(
    {"images-idx3-ubyte.gz": idx(np.ones((8, 3, 3)), gzipped=True), "labels-idx1-ubyte": idx(LABELS)}
)
TARGETS = st.none() | st.sampled_from(["y", "1", "-1", "a"]) | st.text(max_size=5)


@st.composite
def _mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """The file with some bytes changed, removed, inserted or repeated, and perhaps cut short."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(changed) - 1)))
        length = draw(st.integers(0, 12))
        kind = draw(st.sampled_from(["replace", "flip", "remove", "insert", "repeat", "cut"]))
        if kind == "replace":
            new = draw(st.binary(min_size=length, max_size=length))
            changed[at : at + length] = new
        elif kind == "flip" and changed:
            changed[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "remove":
            del changed[at : at + length]
        elif kind == "insert":
            changed[at:at] = draw(
                st.binary(max_size=12) | st.sampled_from([b"\n", b",", b'"', b"\xff\xff\xff\xff", b"\0" * 8])
            )
        elif kind == "repeat":
            changed[at:at] = changed[at : at + length * 4]
        elif draw(st.integers(0, 4)) == 0:
            del changed[at:]
    return bytes(changed)


def _described_or_refused(data: bytes, target: str | None = None) -> None:
    source = io.BytesIO(data)
    refusal, found = None, None
    try:
        found = inspect(source, "upload", target=target, limits=SMALL)
    except DatasetInvalid as error:
        refusal = error
    if found is None:
        assert refusal is not None
        assert refusal.code.startswith("dataset.")
        assert refusal.message.endswith(".")
        assert refusal.message.isprintable()
        return
    assert found.rows == sum(found.class_counts) > 0
    assert len(found.classes) == len(set(found.classes)) >= 2


@given(data=st.binary(max_size=300), target=TARGETS)
def test_inspect__any_bytes__describes_or_refuses(data: bytes, target: str | None) -> None:
    _described_or_refused(data, target)


@given(
    text=st.text(st.sampled_from("0123456789abyuv,;|\t\n\r\"'.-eN?A \ufeffé_"), max_size=400), target=TARGETS
)
def test_inspect__any_text_of_csv_characters__describes_or_refuses(text: str, target: str | None) -> None:
    _described_or_refused(text.encode(), target)


@given(
    start=st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\0\0\x08\x03", b"\x93NUMPY"]),
    rest=st.binary(max_size=300),
)
def test_inspect__any_bytes_after_a_known_start__describes_or_refuses(start: bytes, rest: bytes) -> None:
    _described_or_refused(start + rest)


@settings(max_examples=300)
@given(data=_mutated(CSV), target=TARGETS)
def test_inspect__mutated_csv__describes_or_refuses(data: bytes, target: str | None) -> None:
    _described_or_refused(data, target)


@settings(max_examples=300)
@given(data=st.one_of(_mutated(NPZ), _mutated(IMAGES), _mutated(IDX)))
def test_inspect__mutated_archive__describes_or_refuses(data: bytes) -> None:
    _described_or_refused(data)


@settings(max_examples=300)
@given(data=st.data())
def test_inspect__mutated_members_in_a_sound_zip__describes_or_refuses(data: st.DataObject) -> None:
    """A zip's checksums hide the readers behind it from random changes: here the change comes before the
    packing.
    """
    original = data.draw(st.sampled_from([NPZ, IMAGES, IDX]))
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    victim = data.draw(st.sampled_from(sorted(members)))
    content = members[victim]
    if victim.endswith(".gz"):
        members[victim] = gzip.compress(data.draw(_mutated(gzip.decompress(content))))
    else:
        members[victim] = data.draw(_mutated(content))
    _described_or_refused(zipped(members))


@given(names=st.dictionaries(st.text(max_size=12), st.binary(max_size=20), max_size=5))
def test_inspect__any_member_names__describes_or_refuses(names: dict[str, bytes]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in names.items():
            info = zipfile.ZipInfo("x")
            info.filename = name.encode("utf-8", "ignore").decode()
            if info.filename not in archive.namelist():
                archive.writestr(info, content)
    _described_or_refused(packed.getvalue())
