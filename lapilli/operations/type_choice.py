"""The type of a new volume, and what follows from it: the zones that it may go to, and its key."""

from typing import Final

from sqlalchemy import Connection

from lapilli.db import default_types, encryptions, services, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound
from lapilli.model.images import Image
from lapilli.model.values import Caller
from lapilli.operations.admission import Rules, scope_of

_ZONES: Final = "RESKEY:availability_zones"
_KEY_OF_IMAGE: Final = "cinder_encryption_key_id"


def choose_type(
    tx: Connection, rules: Rules, caller: Caller, asked: str | None, *, of_source: str | None, of_image: str | None
) -> AnyRow:
    """The type asked for by id or name, else the source's, the image's, the project's default, or the operator's.

    `of_source` is the id of the type of the volume or snapshot that is copied; `of_image` an id or name. What the
    type promises stays as it is until the transaction has ended. Raises `NotFound`.
    """
    scope = scope_of(caller)
    if not asked and of_source:
        asked, scope = of_source, None  # who may read the source may have another like it
    wanted = asked or of_image or default_types.find(tx, caller.project_id)
    if wanted is None:
        wanted, scope = rules.default_volume_type, None
    found = types.hold_named(tx, wanted, scope)
    if found is None:
        raise NotFound("Volume type", wanted)
    return found


def choose_zones(tx: Connection, rules: Rules, kind: AnyRow, asked: str | None, like: AnyRow | None) -> list[str]:
    """The zones that the volume may go to; empty means any.

    That is the zone asked for, else that of the source `like`, else those of the type, else the operator's default.
    """
    of_type = zones_of(kind)
    default = rules.default_availability_zone
    wanted = asked or (like.availability_zone if like is not None else None)
    if asked is None and of_type is None:
        wanted = wanted or default
        return [wanted] if wanted else []
    known = {row.availability_zone for row in services.list_all(tx, binary="cinder-volume")}
    allowed = known if of_type is None else known & of_type
    if of_type is not None and not allowed:
        raise Malformed(f"None of the availability zones of type {kind.name} exists: {kind.extra_specs[_ZONES]}.")
    if wanted is None:
        return sorted(allowed)
    if wanted in allowed:
        return [wanted]
    if rules.falls_back_to_default_zone and (of_type is None or default in allowed):
        return [default] if default else []
    raise Malformed(f"Availability zone {wanted} is not known; there is {', '.join(sorted(allowed)) or 'none yet'}.")


def zones_of(kind: AnyRow) -> set[str] | None:
    """The zones that the type names, or None if it leaves that open."""
    text = kind.extra_specs.get(_ZONES)
    return None if text is None else {zone.strip() for zone in text.split(",") if zone.strip()}


def choose_key(
    tx: Connection, rules: Rules, kind: AnyRow, of_source: str | None, image: Image | None = None
) -> str | None:
    """The id of the volume's key, or None for a type that is not encrypted. Raises `Malformed`.

    Bytes are copied as they are. So `of_source`, the id of the type of what is copied, must be encrypted in the same
    way as `kind`, or both not; and an encrypted volume can only be of an image that was one.
    """
    encryption = encryptions.find(tx, kind.id)
    if of_source is not None and not is_encrypted_alike(tx, of_source, kind.id):
        raise Malformed(f"A volume of type {kind.name} is not encrypted as its source is; leave the type out.")
    key = None if encryption is None else _key_of(rules, kind, encryption)
    if image is not None and image.properties.get(_KEY_OF_IMAGE) != key:
        raise Malformed(f"Image {image.id} is not encrypted as a volume of type {kind.name} is; choose another type.")
    return key


def _key_of(rules: Rules, kind: AnyRow, encryption: AnyRow) -> str:
    if kind.extra_specs.get("multiattach") == "<is> True":
        raise Malformed(f"Volume type {kind.name} is multiattach and encrypted, which no host can do.")
    if not encryption.cipher:
        raise Malformed(f"The encryption of volume type {kind.name} has no cipher.")
    if rules.encryption_key_id is None:
        raise Malformed(
            f"Volume type {kind.name} is encrypted, and this service has no key manager: "
            "see [key_manager] backend and fixed_key."
        )
    return rules.encryption_key_id


def is_encrypted_alike(tx: Connection, type_id: str, other_id: str) -> bool:
    """Whether volumes of the one type have their bytes as those of the other have."""
    return type_id == other_id or _way(encryptions.find(tx, type_id)) == _way(encryptions.find(tx, other_id))


def _way(encryption: AnyRow | None) -> tuple[object, ...] | None:
    if encryption is None:
        return None
    return encryption.provider, encryption.control_location, encryption.cipher, encryption.key_size
