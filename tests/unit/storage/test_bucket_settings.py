"""Which object storage the settings name, and which they may not."""

import pytest

from backend.adapters.storage.folder import FolderObjects
from backend.bootstrap.stores import open_objects
from backend.config import load
from backend.errors import Invalid


def test_open_objects__nothing_named__is_a_folder_of_the_state(tmp_path):
    settings = load({"ECODML_STATE_DIR": str(tmp_path)})
    objects = open_objects(settings, b"s" * 32)
    assert isinstance(objects, FolderObjects)
    objects.put("a", b"x")
    assert (tmp_path / "objects" / "a~facts").exists()
    assert settings.objects_origin == ""


def test_settings__a_bucket__leads_to_google_unless_said_otherwise():
    bucket = {"ECODML_OBJECTS": "gs://a-bucket/a/prefix"}
    assert load(bucket).objects_origin == "https://storage.googleapis.com"
    elsewhere = bucket | {"ECODML_OBJECTS_ENDPOINT": "http://127.0.0.1:9023"}
    assert load(elsewhere).objects_origin == "http://127.0.0.1:9023"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ECODML_OBJECTS": "s3://a-bucket"}, "settings.objects"),
        ({"ECODML_OBJECTS": "/var/objects"}, "settings.objects"),
        ({"ECODML_OBJECTS_ENDPOINT": "https://storage.googleapis.com/x"}, "settings.origin"),
        ({"ECODML_OBJECTS": "gs://a-bucket", "ECODML_LINK_DAYS": "8"}, "settings.link_days"),
    ],
)
def test_settings__that_cannot_be__are_refused(changes, code):
    with pytest.raises(Invalid) as refusal:
        load(changes)
    assert refusal.value.code == code
