"""A customer's dataset goes through the API's answers straight into a bucket, and is accepted only as what was quoted."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from backend.bootstrap.stores import open_objects
from backend.config import Settings
from tests.support.api_world import CSV, World

from .test_gcs_uploads import sliced


@pytest.fixture
def world(objects, tmp_path: Path) -> World:
    return World(tmp_path, changes={"objects": objects, "served_objects": None})


def address(world, ticket):
    answer = world.client.post(f"/api/tickets/{ticket.id}/upload", headers=world.sign_in())
    assert answer.status_code == 200, answer.text
    return answer.json["url"]


def reported(world, ticket):
    return world.client.post(f"/api/tickets/{ticket.id}/uploaded", headers=world.sign_in())


def test_upload__the_quoted_file__is_accepted(world):
    ticket = world.funded()
    assert reported(world, ticket).json["error"]["code"] == "upload.missing"
    assert sliced(address(world, ticket), 0, len(CSV), CSV).ok
    assert reported(world, ticket).json["ticket"]["status"] == "UPLOADED"


def test_upload__another_file__is_refused_and_may_be_sent_again(world):
    ticket = world.funded()
    sliced(address(world, ticket), 0, len(CSV), bytes(len(CSV)))
    assert reported(world, ticket).json["error"]["code"] == "upload.hash"
    assert sliced(address(world, ticket), 0, len(CSV), CSV).ok
    assert reported(world, ticket).json["ticket"]["status"] == "UPLOADED"


def test_objects__in_a_bucket__are_not_served_here(world):
    assert world.client.get("/objects/a/b").status_code == 404
    assert world.client.put("/objects/a/b", data=b"x").status_code in (404, 405)


def test_open_objects__a_bucket_in_the_settings__is_what_is_opened(store):
    settings = Settings(
        objects=store.address,
        objects_endpoint=store.endpoint,
        objects_credentials_file=store.credentials_file,
        api_url="http://127.0.0.1:8600/",
    )
    opened = open_objects(settings, b"s" * 32)
    url = opened.upload_url("settings/d", 60, 10)
    told = requests.put(
        url,
        headers={"Content-Range": "bytes */10", "Origin": "http://127.0.0.1:8600"},
        timeout=10,
        allow_redirects=False,
    )
    assert told.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:8600"
    assert settings.objects_origin == store.endpoint
