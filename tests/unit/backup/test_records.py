"""Records of backups travel, and what is wrong with one is said."""

import base64
import json
from typing import Any

import pytest

from lapilli.backup.records import decode, encode, time_text
from lapilli.model.errors import Malformed

_ID = "11111111-0000-4000-8000-000000000001"
_PARENT = "22222222-0000-4000-8000-000000000002"
_LEAST: dict[str, Any] = {"id": _ID, "size": 3, "container": "weekly", "service_metadata": f"volume_x_backup_{_ID}"}


def test_a_record_comes_back() -> None:
    """What was encoded is decoded, with the fields that Cinder's importer wants beside ours."""
    text = encode({**_LEAST, "parent_id": _PARENT, "object_count": 7, "display_name": "n", "metadata": {"k": "v"}})
    record = decode(text)
    assert (record.id, record.size_gib, record.parent_id, record.object_count) == (_ID, 3, _PARENT, 7)
    assert (record.address.container, record.fields["display_name"], record.metadata) == ("weekly", "n", {"k": "v"})
    assert json.loads(base64.b64decode(text))["driver_info"] == {}


def test_what_is_missing_has_a_default() -> None:
    """Cinder's oldest records have less: no parent, no volume that is known."""
    record = decode(encode(_LEAST))
    assert (record.parent_id, record.object_count, record.data_timestamp) == (None, 0, None)
    assert record.volume_id == "00000000-0000-0000-0000-000000000000"


def test_times_are_in_whole_seconds() -> None:
    """With a Z in records, without one here; the time of the data is that of the row where there is no other."""
    assert time_text("2026-11-20T10:42:13.455874") == "2026-11-20T10:42:13Z"
    assert time_text(None) is None
    assert (
        decode(encode({**_LEAST, "created_at": "2026-11-20T10:42:13Z"})).data_timestamp == "2026-11-20T10:42:13.000000"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, "no id"),
        ({"id": "x"}, "no UUID"),
        ({"size": 0}, "size"),
        ({"size": True}, "size"),
        ({"size": 2**31}, "size"),
        ({"container": "../up"}, "Container"),
        ({"container": 5}, "container"),
        ({"service_metadata": "volume_"}, "service_metadata"),
        ({"parent_id": "x"}, "parent_id"),
        ({"display_name": "n" * 256}, "display_name"),
        ({"object_count": -1}, "object_count"),
        ({"metadata": {"k": None}}, "metadata"),
        ({"metadata": ["k"]}, "metadata"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], words: str) -> None:
    """The message says which field is not as it should be."""
    with pytest.raises(Malformed, match=words):
        decode(encode({**_LEAST, **change}))


@pytest.mark.parametrize(
    "text", ["", "%%", "e30", base64.b64encode(b"\xff").decode(), base64.b64encode(b"[]").decode()]
)
def test_what_is_no_record_is_refused(text: str) -> None:
    """Anything but a JSON object in base64."""
    with pytest.raises(Malformed):
        decode(text)
