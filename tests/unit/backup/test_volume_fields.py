"""What a volume gets back beside its bytes."""

import json

import pytest

from lapilli.backup.volume_fields import Saved, from_json, to_json
from lapilli.model.errors import Conflict


def test_fields_come_back() -> None:
    """Name, description, metadata and image metadata; sections that are empty are absent, as in Cinder."""
    text = to_json({"display_name": "n", "display_description": "d"}, {"k": "v"}, {"disk_format": "raw"})
    assert from_json(text) == Saved("n", "d", {"k": "v"}, {"disk_format": "raw"})
    assert set(json.loads(to_json({"display_name": "n"}, {}, {}))) == {"version", "volume-base-metadata"}


def test_a_backup_without_fields_gives_none() -> None:
    """As of backups that were made by others."""
    assert from_json(None) == Saved()
    assert from_json('{"version": 1}') == Saved()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 3}', '{"version": 2, "volume-metadata": 5}'])
def test_what_is_damaged_is_said_to_be(text: str) -> None:
    """A version that is not known, or no such document."""
    with pytest.raises(Conflict):
        from_json(text)
