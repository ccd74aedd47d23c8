"""How quotas and limits look, as JSON schemas."""

from typing import Final

from lapilli.api.views.shapes import NUMBER, TEXT, Shape, always, array, whole

_USED: Final = whole({"limit": NUMBER, "in_use": NUMBER, "reserved": NUMBER})


def _set(key: str, value: Shape, *, has_id: bool) -> Shape:
    about = {"id": TEXT} if has_id else {}
    inner = {"type": "object", "properties": about, "required": sorted(about), "additionalProperties": value}
    return whole({key: inner})


QUOTA: Final = always(_set("quota_set", {"anyOf": [NUMBER, _USED]}, has_id=True))
QUOTA_CHANGED: Final = always(_set("quota_set", NUMBER, has_id=False))
CLASS: Final = always(_set("quota_class_set", NUMBER, has_id=True))
CLASS_CHANGED: Final = always(_set("quota_class_set", NUMBER, has_id=False))

_MOST: Final = ("Volumes", "Snapshots", "VolumeGigabytes", "Backups", "BackupGigabytes")
_TAKEN: Final = ("Volumes", "Snapshots", "Gigabytes", "Backups", "BackupGigabytes")
_ABSOLUTE: Final = whole({f"maxTotal{each}": NUMBER for each in _MOST}, {f"total{each}Used": NUMBER for each in _TAKEN})
LIMITS: Final = always(whole({"limits": whole({"rate": array({}), "absolute": _ABSOLUTE})}))
