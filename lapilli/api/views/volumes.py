"""How volumes look."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.api.views import View, field
from lapilli.api.views.shapes import (
    FLAG,
    LINKS,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    WORDS,
    Answer,
    Shape,
    always,
    array,
    many,
    one,
    whole,
)
from lapilli.db.rows import AnyRow
from lapilli.model.values import FIXED_KEY_ID

_SHOWN_AS: Final = {
    "managing": "creating",
    "error_managing": "error",
    "error_managing_deleting": "deleting",
}
_ADMIN: Final = "context_is_admin"
_MIGRATION: Final = "volume_extension:volume_mig_status_attribute"
_VISIBLE_ADMIN_METADATA: Final = ("readonly", "attached_mode")

VOLUME: Final = View(
    (
        field("id", shape=TEXT),
        field("status", lambda row: _SHOWN_AS.get(row.status, row.status), shape=TEXT),
        field("size", "size_gib", shape=NUMBER),
        field("availability_zone"),
        field("created_at", shape=TEXT),
        field("updated_at"),
        field("name"),
        field("description"),
        field("volume_type"),
        field("snapshot_id"),
        field("source_volid"),
        field("metadata", lambda row: row.metadata, shape=TEXTS),
        field("user_id"),
        field("bootable", lambda row: "true" if row.bootable else "false", shape={"enum": ["true", "false"]}),
        field("encrypted", lambda row: row.encryption_key_id is not None, shape=FLAG),
        field("replication_status"),
        field("consistencygroup_id"),
        field("multiattach", shape=FLAG),
        field("migration_status", rule=_ADMIN),
        field("group_id", since=since.GROUPS),
        field("provider_id", since=since.PROVIDER_ID, rule=_ADMIN),
        field("shared_targets", lambda _row: False, since=since.SHARED_TARGETS, shape=FLAG),
        field("service_uuid", since=since.SHARED_TARGETS),
        field("cluster_name", since=since.CLUSTER_NAME, rule=_ADMIN),
        field("volume_type_id", since=since.VOLUME_TYPE_ID),
        field("consumes_quota", since=since.CONSUMES_QUOTA, shape=FLAG),
    )
)

_DETAILS: Final = View(
    (
        field("os-vol-tenant-attr:tenant_id", "project_id", rule="volume_extension:volume_tenant_attribute"),
        field("os-vol-host-attr:host", "host", rule="volume_extension:volume_host_attribute"),
        field("os-vol-mig-status-attr:migstat", "migration_status", rule=_MIGRATION),
        field("os-vol-mig-status-attr:name_id", lambda _row: None, rule=_MIGRATION),
    )
)

_ATTACHED: Final = {
    **dict.fromkeys(("id", "attachment_id", "volume_id"), TEXT),
    **dict.fromkeys(("server_id", "host_name", "device", "attached_at"), TEXT_OR_NULL),
}
_BESIDE: Final = {"links": LINKS, "attachments": array(whole(_ATTACHED))}


def _details_shape(minor: int) -> Shape:
    key = {"encryption_key_id": TEXT} if minor >= since.ENCRYPTION_KEY_ID else {}
    shown = View((*VOLUME.fields, *_DETAILS.fields))
    return shown.shape(minor, _BESIDE, {"volume_image_metadata": WORDS, **key})


def _total(minor: int) -> Shape:
    values = {"type": "object", "additionalProperties": array(TEXT)}
    return whole(
        {
            "total_count": NUMBER,
            "total_size": NUMBER,
            **({"metadata": values} if minor >= since.SUMMARY_METADATA else {}),
        }
    )


_SUMMARY: Final = always(whole({"id": TEXT, "name": TEXT_OR_NULL, "links": LINKS}))
SUMMARIES: Final = many("volumes", _SUMMARY, links="volumes_links", counted=since.WITH_COUNT)
DETAILS: Final = many("volumes", _details_shape, links="volumes_links", counted=since.WITH_COUNT)
SHOWN: Final = one("volume", _details_shape)
CREATED: Final = one("volume", lambda minor: VOLUME.shape(minor, _BESIDE))
MANAGED: Final[Answer] = always(CREATED(since.BEGINNING))
MIGRATED: Final = one("save_volume_id", always(TEXT))
TOTAL: Final = one("volume-summary", _total)

Attached = Mapping[str, Sequence[AnyRow]]
"""The attached attachments by the id of their volume."""


def summaries(request: Request, rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """The short form of a list."""
    return [{"id": row.id, "name": row.name, "links": request.links("volumes", row.id)} for row in rows]


def created(request: Request, row: AnyRow) -> dict[str, Any]:
    """The answer to a create: the volume without what only its details show."""
    view = VOLUME.for_request(request)(row)
    view |= {"links": request.links("volumes", row.id), "attachments": []}
    return view


def updated(request: Request, row: AnyRow, attached: Attached) -> dict[str, Any]:
    """The answer to an update."""
    view = created(request, row)
    view |= {"metadata": _metadata(row), "attachments": _attachments(request, attached.get(row.id, ()))}
    return view


def details(request: Request, rows: Sequence[AnyRow], attached: Attached) -> list[dict[str, Any]]:
    """The full form, of one or of many."""
    show, show_more = VOLUME.for_request(request), _DETAILS.for_request(request)
    shows_image = request.allows("volume_extension:volume_image_metadata:show")
    views = []
    for row in rows:
        view = show(row)
        view["links"] = request.links("volumes", row.id)
        view["attachments"] = _attachments(request, attached[row.id]) if row.id in attached else []
        if row.admin_metadata:
            view["metadata"] = _metadata(row)
        view.update(show_more(row))
        if row.encryption_key_id not in {None, FIXED_KEY_ID} and request.minor >= since.ENCRYPTION_KEY_ID:
            view["encryption_key_id"] = row.encryption_key_id
        if row.image_metadata and shows_image:
            view["volume_image_metadata"] = row.image_metadata
        views.append(view)
    return views


def _metadata(row: AnyRow) -> dict[str, Any]:
    visible = {key: row.admin_metadata[key] for key in _VISIBLE_ADMIN_METADATA if key in row.admin_metadata}
    return {**row.metadata, **visible}


def _attachments(request: Request, rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    sees_host = request.caller.is_admin or "service" in request.caller.roles | request.caller.service_roles
    return [
        {
            "id": row.volume_id,
            "attachment_id": row.id,
            "volume_id": row.volume_id,
            "server_id": row.instance_id,
            "host_name": row.host_name if sees_host else None,
            "device": row.mountpoint,
            "attached_at": row.attached_at,
        }
        for row in rows
    ]
