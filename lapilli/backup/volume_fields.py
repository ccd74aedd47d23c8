"""The volume's own fields, which travel with its backup: Cinder's JSON, version 2."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lapilli.model.errors import Conflict

_VERSION: Final = 2
_KNOWN: Final = {1, 2}
_FIELDS, _METADATA, _IMAGE = "volume-base-metadata", "volume-metadata", "volume-glance-metadata"


@dataclass(frozen=True)
class Saved:
    """What a restored volume gets back. `image_metadata` is what it has of the image it was made from."""

    name: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    image_metadata: Mapping[str, str] = field(default_factory=dict)


def to_json(fields: Mapping[str, Any], metadata: Mapping[str, str], image_metadata: Mapping[str, str]) -> str:
    """`fields` are the volume's columns, named as Cinder does. Sections that are empty are absent."""
    sections = {_FIELDS: fields, _METADATA: metadata, _IMAGE: image_metadata}
    return json.dumps({"version": _VERSION, **{name: dict(each) for name, each in sections.items() if each}})


def from_json(text: str | None) -> Saved:
    """Read what was saved; `Conflict` if it is of a version that is not known, or damaged."""
    if text is None:
        return Saved()
    try:
        sections = json.loads(text)
        if sections["version"] not in _KNOWN:
            raise Conflict(f"The volume's metadata in the backup has version {sections['version']!r}, not 1 or 2.")
        fields = sections.get(_FIELDS, {})
        return Saved(
            fields.get("display_name"),
            fields.get("display_description"),
            dict(sections.get(_METADATA, {})),
            dict(sections.get(_IMAGE, {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Conflict("The volume's metadata in the backup is damaged.") from error
