"""How the volumes of a type are encrypted; and of a volume, what its host needs to know of that."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.request import Reply, Request
from lapilli.db import encryptions, types, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, NotFound

_RULE: Final = "volume_extension:volume_type_encryption"
_FIELDS: Final = ("provider", "control_location", "cipher", "key_size")


def index(request: Request, id: str) -> Reply:
    """Show how the volumes of a type are encrypted, if they are."""
    return Reply(_shown(request, id))


def show(request: Request, id: str, key: str) -> Reply:
    """Show one property of it."""
    found = _shown(request, id)
    if key not in found:
        raise NotFound(f"Encryption of volume type {id}: property", key)
    return Reply({key: found[key]})


def _shown(request: Request, id: str) -> Mapping[str, Any]:
    request.enforce(f"{_RULE}:get")
    with request.around.db.read() as tx:
        types.get(tx, id, None)
        row = encryptions.find(tx, id)
    if row is None:
        return {}
    names = ("volume_type_id", "encryption_id", *_FIELDS, "created_at", "updated_at")
    return {**{name: getattr(row, name) for name in names}, "deleted_at": None, "deleted": False}


def create(request: Request, id: str) -> Reply:
    """Encrypt the volumes of a type, which has none yet. Answers with what was sent, and two ids."""
    request.enforce(f"{_RULE}:create")
    ids = {"volume_type_id": id, "encryption_id": str(uuid.uuid4())}

    def write(tx: Connection) -> None:
        _lock_unused(tx, id)
        if encryptions.find(tx, id) is not None:
            raise Malformed(f"Volume type {id} is encrypted already; change or delete its encryption.")
        encryptions.add(tx, **_wish(request), **ids)

    request.around.db.write(write)
    return Reply({"encryption": {**_echo(request), **ids}})


def update(request: Request, id: str, _key: str) -> Reply:
    """Encrypt the volumes to come of a type in another way. Answers with what was sent."""
    request.enforce(f"{_RULE}:update")

    def write(tx: Connection) -> None:
        _lock_unused(tx, id)
        encryptions.change(tx, id, **_wish(request))

    request.around.db.write(write)
    return Reply({"encryption": _echo(request)})


def delete(request: Request, id: str, _key: str) -> Reply:
    """Encrypt the volumes to come of a type no more."""
    request.enforce(f"{_RULE}:delete")

    def write(tx: Connection) -> None:
        _lock_unused(tx, id)
        encryptions.remove(tx, id)

    request.around.db.write(write)
    return Reply()


def _lock_unused(tx: Connection, id: str) -> None:
    """A volume is encrypted as its type was when it was made, so the type of a volume stays as it is."""
    types.lock(tx, id)
    if types.is_used(tx, id):
        raise Conflict(f"Volume type {id} is in use: its encryption cannot change.")


def _echo(request: Request) -> dict[str, Any]:
    asked = request.body["encryption"]
    return asked if asked.get("key_size") is None else {**asked, "key_size": int(asked["key_size"])}


def _wish(request: Request) -> dict[str, Any]:
    return {name: value for name, value in _echo(request).items() if name in _FIELDS}


def of_volume(request: Request, id: str) -> Reply:
    """Show how a volume is encrypted, and the id of its key."""
    return Reply(_of_volume(request, id))


def item_of_volume(request: Request, id: str, key: str) -> Reply:
    """Show one property of it, as plain text; nothing where it has no value."""
    found = _of_volume(request, id)
    if key not in found:
        raise NotFound(f"Encryption of volume {id}: property", key)
    return Reply(None if found[key] is None else str(found[key]))


def _of_volume(request: Request, id: str) -> Mapping[str, Any]:
    with request.around.db.read() as tx:
        volume = volumes.get(tx, id, request.scope)
        request.enforce("volume_extension:volume_encryption_metadata", {"project_id": volume.project_id})
        row: AnyRow | None = encryptions.find(tx, volume.volume_type_id)
    way = {} if row is None else {name: getattr(row, name) for name in _FIELDS}
    return {"encryption_key_id": volume.encryption_key_id, **way}
