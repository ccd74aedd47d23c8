"""The `_metadata` object of a backup: what its objects are, and of which volume."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lapilli.backup import compression
from lapilli.backup.names import Address
from lapilli.model.errors import BackendFailed, Conflict, LapilliError
from lapilli.model.protocols.backups import BackupStore

_VERSION: Final = "1.0.0"


@dataclass(frozen=True)
class Entry:
    """A data object: the part of the volume it holds, in bytes, and the MD5 of that part before compression."""

    name: str
    offset: int
    length: int
    compression: str
    md5: str


@dataclass(frozen=True)
class About:
    """Of which volume the backup is. `created_at` is UTC as the wire spells it."""

    backup_id: str
    volume_id: str
    name: str | None
    description: str | None
    created_at: str
    parent_id: str | None = None
    volume_meta: str | None = None
    """The volume's own fields, see `volume_fields`."""

    def common(self) -> dict[str, Any]:
        """The fields that both JSON objects of a backup have."""
        return {
            "backup_id": self.backup_id,
            "volume_id": self.volume_id,
            "backup_name": self.name,
            "backup_description": self.description,
            "created_at": f"{self.created_at[:19].replace('T', ' ')}+00:00",
        }


@dataclass(frozen=True)
class Manifest:
    """A complete backup, as its `_metadata` tells it."""

    address: Address
    entries: tuple[Entry, ...]
    volume_meta: str | None


def to_json(about: About, entries: Iterable[Entry]) -> bytes:
    """The `_metadata` object."""
    objects = [
        {
            entry.name: {
                "offset": entry.offset,
                "length": entry.length,
                "compression": entry.compression,
                "md5": entry.md5,
            }
        }
        for entry in entries
    ]
    rest = {"version": _VERSION, "objects": objects, "parent_id": about.parent_id, "volume_meta": about.volume_meta}
    return json.dumps({**about.common(), **rest}, indent=2, sort_keys=True).encode()


def read(store: BackupStore, address: Address) -> Manifest:
    """Read the manifest, and make sure that the store has exactly the objects it lists.

    Raises `BackendFailed` when an object is missing, and `Conflict` when there is one too many or the manifest is
    damaged; both name the object.
    """
    raw = b"".join(store.get(address.container, address.metadata))
    try:
        fields = json.loads(raw)
        if fields["version"] != _VERSION:
            raise Conflict(f"Object {address.metadata} has version {fields['version']!r}, which is not known here.")
        entries = tuple(_entry(name, facts) for each in fields["objects"] for name, facts in each.items())
        manifest = Manifest(address, entries, fields.get("volume_meta"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Conflict(f"Object {address.metadata} is damaged: it is not the metadata of a backup.") from error
    _check_complete(store, manifest)
    return manifest


def find(store: BackupStore, address: Address) -> Manifest | None:
    """The manifest of a backup that is complete, or None."""
    if address.metadata not in store.names(address.container, address.prefix):
        return None
    try:
        return read(store, address)
    except LapilliError:
        return None  # half a backup is made anew, whatever is wrong with it


def _entry(name: str, facts: Mapping[str, Any]) -> Entry:
    label = facts["compression"]
    if label.lower() not in compression.LABELS:
        raise ValueError(name)
    offset, length = int(facts["offset"]), int(facts["length"])
    if offset < 0 or length < 1:
        raise ValueError(name)
    return Entry(str(name), offset, length, label, str(facts["md5"]))


def _check_complete(store: BackupStore, manifest: Manifest) -> None:
    address = manifest.address
    there = {name for name in store.names(address.container, address.prefix) if address.is_data(name)}
    listed = {entry.name for entry in manifest.entries}
    if missing := sorted(listed - there):
        raise BackendFailed(f"Object {missing[0]} is missing in container {address.container}.")
    if others := sorted(there - listed):
        raise Conflict(f"Object {others[0]} in container {address.container} is not in the list of its backup.")
