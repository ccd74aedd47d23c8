"""How the image looks that a volume becomes."""

from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.api.views.shapes import FLAG, NUMBER, TEXT, TEXT_OR_NULL, TEXTS, WORDS, Shape, always, one, whole
from lapilli.db.rows import AnyRow
from lapilli.model.images import Image

_TYPE: Final = whole(
    {
        **dict.fromkeys(("id", "name", "created_at"), TEXT),
        **dict.fromkeys(("description", "qos_specs_id", "updated_at", "deleted_at"), TEXT_OR_NULL),
        **dict.fromkeys(("is_public", "deleted"), FLAG),
        "extra_specs": WORDS,
    }
)


def _upload(minor: int) -> Shape:
    later = {"visibility": TEXT, "protected": FLAG} if minor >= since.UPLOAD_VISIBILITY else {}
    texts = ("id", "status", "image_id", "container_format", "disk_format", "image_name")
    unsure = dict.fromkeys(("updated_at", "display_description"), TEXT_OR_NULL)
    return whole({**dict.fromkeys(texts, TEXT), **unsure, "size": NUMBER, "volume_type": _TYPE, **later})


UPLOAD: Final = one("os-volume_upload_image", _upload)
METADATA: Final = one("metadata", always(TEXTS))


def upload(request: Request, row: AnyRow, kind: AnyRow, image: Image) -> dict[str, Any]:
    """The answer to an upload: the volume, its type as Cinder spells it here alone, and the image."""
    view = {
        "id": row.id,
        "updated_at": row.updated_at,
        "status": row.status,
        "display_description": row.description,
        "size": row.size_gib,
        "volume_type": {
            "id": kind.id,
            "name": kind.name,
            "description": kind.description,
            "is_public": kind.is_public,
            "extra_specs": kind.extra_specs,
            "qos_specs_id": kind.qos_specs_id,
            "created_at": kind.created_at,
            "updated_at": kind.updated_at,
            "deleted": False,
            "deleted_at": None,
        },
        "image_id": image.id,
        "container_format": image.container_format,
        "disk_format": image.disk_format,
        "image_name": image.name,
    }
    if request.minor >= since.UPLOAD_VISIBILITY:
        view |= {"visibility": image.visibility, "protected": image.protected}
    return view
