"""Signed object URLs: ranged reads, resumable writes, and nothing without the right signature."""

import pytest

from tests.support.api_world import World


def put_url(world: World, key: str = "a/b", max_bytes: int = 10) -> str:
    return world.parts.objects.upload_url(key, 60, max_bytes).removeprefix("http://127.0.0.1:8600")


def get_url(world: World, key: str = "a/b", filename: str | None = None) -> str:
    return world.parts.objects.download_url(key, 60, filename).removeprefix("http://127.0.0.1:8600")


def test_put__whole__can_be_read_with_its_hash_as_etag(world: World) -> None:
    stored = world.client.put(put_url(world), data=b"0123456789")
    assert stored.status_code == 201
    got = world.client.get(get_url(world, filename="größe.bin"))
    assert (got.data, got.headers["ETag"]) == (b"0123456789", f'"{stored.json["sha256"]}"')
    assert got.content_length == 10
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe.bin" in got.headers["Content-Disposition"]
    assert world.client.get(get_url(world), headers={"If-None-Match": got.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "body", "told"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_get__range__sends_those_bytes(world: World, asked, body, told) -> None:
    world.parts.objects.put("a/b", b"0123456789")
    got = world.client.get(get_url(world), headers={"Range": asked})
    assert (got.status_code, got.data, got.headers["Content-Range"]) == (206, body, told)
    assert got.content_length == len(body)


def test_get__range_beyond_the_end__is_416(world: World) -> None:
    world.parts.objects.put("a/b", b"0123456789")
    got = world.client.get(get_url(world), headers={"Range": "bytes=10-"})
    assert (got.status_code, got.json["error"]["code"]) == (416, "request.range")


def test_head__tells_the_size_without_the_bytes(world: World) -> None:
    world.parts.objects.put("a/b", b"0123456789")
    got = world.client.head(get_url(world))
    assert (got.status_code, got.content_length, got.data) == (200, 10, b"")


def test_put__in_slices__resumes_where_the_store_stands(world: World) -> None:
    url = put_url(world)

    def send(data: bytes, where: str):
        return world.client.put(url, data=data, headers={"Content-Range": where})

    assert "Range" not in send(b"", "bytes */10").headers
    first = send(b"01234", "bytes 0-4/10")
    assert (first.status_code, first.headers["Range"]) == (308, "bytes=0-4")
    asked = send(b"", "bytes */10")
    assert (asked.status_code, asked.headers["Range"]) == (308, "bytes=0-4")
    assert send(b"89", "bytes 8-9/10").json["error"]["code"] == "upload.gap"
    assert send(b"56789", "bytes 5-9/10").status_code == 201
    assert send(b"", "bytes */10").status_code == 201
    assert world.client.get(get_url(world)).data == b"0123456789"


@pytest.mark.parametrize(
    ("data", "headers", "code"),
    [
        (b"0123456789a", {}, "upload.too_large"),
        (b"012", {"Content-Range": "bytes 0-2/11"}, "upload.too_large"),
        (b"012", {"Content-Range": "bytes 0-4/10"}, "upload.range"),
        (b"012", {"Content-Range": "bytes 2-0/10"}, "upload.range"),
        (b"012", {"Content-Range": "lines 0-2/3"}, "upload.range"),
    ],
)
def test_put__out_of_bounds__is_refused_and_keeps_nothing(world: World, data, headers, code) -> None:
    answer = world.client.put(put_url(world), data=data, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, code)
    assert world.parts.objects.stat("a/b") is None


def test_put__larger_than_json_may_be__is_taken(world: World) -> None:
    size = 5_000_000
    assert world.client.put(put_url(world, max_bytes=size), data=b"x" * size).status_code == 201


def test_object__without_the_right_signature__is_forbidden(world: World) -> None:
    world.parts.objects.put("a/b", b"0")
    read, write = get_url(world), put_url(world)
    for url in (
        read.split("?")[0],
        read[:-1] + ("0" if read[-1] != "0" else "1"),
        read.replace("a/b", "a/c"),
        write,
    ):
        assert world.client.get(url).status_code == 403
    assert world.client.put(read, data=b"0").status_code == 403
    assert world.client.put(write.replace("max=10", "max=99"), data=b"0").status_code == 403
    world.clock.at += 61
    assert world.client.get(read).json["error"]["code"] == "object.expired"


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "%2e%2e/secret", "~lock", "a//b", ""])
def test_object__path_tricks__reach_nothing(world: World, path) -> None:
    assert world.client.get(f"/objects/{path}?expires=9999999999&sig=00").status_code in (400, 403, 404, 308)


def test_preflight__any_origin__may_send_ranges(world: World) -> None:
    answer = world.client.options(put_url(world), headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Range" in answer.headers["Access-Control-Allow-Headers"]
