"""What is looked at before an image is taken for a volume, and what the volume remembers of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from lapilli.model.errors import Malformed
from lapilli.model.images import Image
from lapilli.model.values import GIB
from lapilli.operations.admission import Rules
from lapilli.work.operation import Job

_SIGNATURE: Final = "img_signature"
_NOT_UPLOADED: Final = ("os_glance", _SIGNATURE, "signature_verified", "cinder_encryption_key")
"""How the names of those properties begin that a new image does not get from its volume."""
_OF_THE_IMAGE: Final = frozenset(
    "checksum container_format disk_format image_name image_id min_disk min_ram name size".split()
)
"""What a volume remembers of its image beside its properties, which says nothing about another image."""


def check_usable(image: Image, size_gib: int, rules: Rules) -> None:
    """Raise `Malformed` unless a volume of this size can be given the image."""
    if image.status != "active":
        raise Malformed(f"Image {image.id} is not active: it is {image.status}.")
    needed_gib = -(-max(image.size_bytes, image.virtual_size_bytes or 0) // GIB)
    if needed_gib > size_gib:
        raise Malformed(
            f"Size of specified image {needed_gib}GB is larger than volume size {size_gib}GB. Ask for a larger volume."
        )
    if image.min_disk_gib > size_gib:
        raise Malformed(
            f"Volume size {size_gib}GB cannot be smaller than the image minDisk size {image.min_disk_gib}GB."
        )
    if rules.refuses_signed_images and _SIGNATURE in image.properties:
        raise Malformed(
            f"Image {image.id} is signed, and this service cannot verify signatures. "
            "The operator can say verify_glance_signatures = disabled."
        )


CACHE_ARGS: Final[Mapping[str, Any]] = {
    "zones": [],
    "extra_specs": {},
    "origin": None,
    "snapshot": None,
    "image_metadata": {},
    "is_cache": True,
}
"""What `volume.create` is told of a volume that is to hold an image for others."""


def image_args(image: Image | None, rules: Rules, size_gib: int) -> dict[str, Any]:
    """What `volume.create` is told of the image that a volume is made of; nothing without one.

    Raises `Malformed` for an image that the volume cannot be made of.
    """
    if image is None:
        return {}
    check_usable(image, size_gib, rules)
    return {"image": asdict(image), "image_metadata": metadata_of(image, rules), "is_cache": False}


def of_image(job: Job) -> dict[str, Any]:
    """The columns of a volume that was made of an image; none for others."""
    if not job.args.get("image"):
        return {}
    return {"bootable": True, "image_metadata": job.args["image_metadata"]}


def metadata_of(image: Image, rules: Rules) -> dict[str, str]:
    """The image metadata of a volume that is made of the image."""
    facts = {
        "image_id": image.id,
        "image_name": image.name,
        "checksum": image.checksum,
        "container_format": image.container_format,
        "disk_format": image.disk_format,
        "min_disk": image.min_disk_gib,
        "min_ram": image.min_ram_mib,
        "size": image.size_bytes,
        # Cinder says so of images without a signature, too.
        "signature_verified": False if rules.refuses_signed_images else None,
    }
    return {**image.properties, **{key: str(value) for key, value in facts.items() if value is not None}}


def properties_of(image_metadata: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """The properties that an image gets which is made of a volume with this image metadata."""
    kept_back = (*_NOT_UPLOADED, *rules.reserved_image_namespaces)
    return {
        key: value
        for key, value in image_metadata.items()
        if key not in _OF_THE_IMAGE and not key.startswith(kept_back)
    }


def snapshot_of(image: Image) -> str | None:
    """The id of the snapshot that an image stands for: Nova makes such images of servers that boot from volumes."""
    try:
        devices = json.loads(image.properties.get("block_device_mapping", "[]"))
    except ValueError:
        return None
    if not isinstance(devices, list):
        return None
    return next((device["snapshot_id"] for device in devices if _boots_from_snapshot(device)), None)


def _boots_from_snapshot(device: Any) -> bool:
    if not isinstance(device, dict) or not isinstance(device.get("snapshot_id"), str):
        return False
    return device.get("source_type") == "snapshot" and device.get("boot_index") == 0
