"""The bodies of what is done between volumes and images."""

from typing import Final

from lapilli.api.formats import BOOL, DESCRIPTION, NAME, UUID, Schema, fields, map_of

_UPLOAD: Final[dict[str, Schema]] = {
    "image_name": NAME,
    "force": BOOL,
    "disk_format": {"enum": ["raw", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ploop"]},
    "container_format": DESCRIPTION,
}
UPLOAD: Final = fields(_UPLOAD, required=["image_name"])
UPLOAD_WITH_VISIBILITY: Final = fields(
    {**_UPLOAD, "visibility": {"enum": ["community", "public", "private", "shared"]}, "protected": BOOL},
    required=["image_name"],
)
REIMAGE: Final = fields({"image_id": UUID, "reimage_reserved": BOOL}, required=["image_id"])
SET_METADATA: Final = fields(
    {"metadata": map_of(r"[a-zA-Z0-9-_:. /]", {"type": "string", "maxLength": 65535})}, required=["metadata"]
)
UNSET_METADATA: Final = fields({"key": NAME}, required=["key"])
