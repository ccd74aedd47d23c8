"""How groups and group snapshots look, also under their older names."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.api.views import View, field
from lapilli.api.views.shapes import TEXT, Shape, array, many, one
from lapilli.db.rows import AnyRow

SUMMARY: Final = View((field("id", shape=TEXT), field("name")))

_GROUP: Final = View(
    (
        *SUMMARY.fields,
        field("status", shape=TEXT),
        field("availability_zone"),
        field("created_at", shape=TEXT),
        field("description"),
        field("group_type", "group_type_id", shape=TEXT),
        field("group_snapshot_id", since=since.GROUP_SNAPSHOTS),
        field("source_group_id", since=since.GROUP_SNAPSHOTS),
        field("replication_status", since=since.GROUP_REPLICATION),
        field("project_id", since=since.GROUP_PROJECT, rule="group:group_project_attribute"),
    )
)
_CONSISTENCY_GROUP: Final = View(
    (
        *SUMMARY.fields,
        field("status", shape=TEXT),
        field("availability_zone"),
        field("created_at", shape=TEXT),
        field("description"),
    )
)

SNAPSHOT_CREATED: Final = View((*SUMMARY.fields, field("group_type_id", shape=TEXT)))
SNAPSHOT: Final = View(
    (
        *SNAPSHOT_CREATED.fields,
        field("group_id", shape=TEXT),
        field("status", shape=TEXT),
        field("created_at", shape=TEXT),
        field("description"),
        field("project_id", since=since.GROUP_PROJECT, rule="group:group_snapshot_project_attribute"),
    )
)
CGSNAPSHOT: Final = View(
    (
        *SUMMARY.fields,
        field("consistencygroup_id", "group_id", shape=TEXT),
        field("status", shape=TEXT),
        field("created_at", shape=TEXT),
        field("description"),
    )
)

_TYPES: Final = {"volume_types": array(TEXT)}


def _group(minor: int) -> Shape:
    return _GROUP.shape(minor, _TYPES, {"volumes": array(TEXT)} if minor >= since.GROUP_VOLUMES else {})


GROUPS: Final = many("groups", SUMMARY.shape, links="group_links")
DETAILS: Final = many("groups", _group, links="group_links")
GROUP: Final = one("group", _group)
CREATED: Final = one("group", SUMMARY.shape)
SNAPSHOTS: Final = many("group_snapshots", SUMMARY.shape, links="group_snapshot_links")
SNAPSHOT_DETAILS: Final = many("group_snapshots", SNAPSHOT.shape, links="group_snapshot_links")
SHOWN_SNAPSHOT: Final = one("group_snapshot", SNAPSHOT.shape)
CREATED_SNAPSHOT: Final = one("group_snapshot", SNAPSHOT_CREATED.shape)
CONSISTENCY_GROUPS: Final = many("consistencygroups", SUMMARY.shape, links="consistencygroup_links")
CONSISTENCY_GROUP_DETAILS: Final = many(
    "consistencygroups", lambda minor: _CONSISTENCY_GROUP.shape(minor, _TYPES), links="consistencygroup_links"
)
CONSISTENCY_GROUP: Final = one("consistencygroup", lambda minor: _CONSISTENCY_GROUP.shape(minor, _TYPES))
CREATED_CONSISTENCY_GROUP: Final = one("consistencygroup", SUMMARY.shape)
CGSNAPSHOTS: Final = many("cgsnapshots", SUMMARY.shape)
CGSNAPSHOT_DETAILS: Final = many("cgsnapshots", CGSNAPSHOT.shape)
SHOWN_CGSNAPSHOT: Final = one("cgsnapshot", CGSNAPSHOT.shape)
CREATED_CGSNAPSHOT: Final = one("cgsnapshot", SUMMARY.shape)

Ids = Mapping[str, Sequence[str]]
"""Ids of what belongs to a group, by the id of the group."""


def groups(request: Request, rows: Sequence[AnyRow], types: Ids, volumes: Ids | None) -> list[dict[str, Any]]:
    """The full form; `volumes` is None where they are not shown."""
    views = _with_types(_GROUP, request, rows, types)
    if volumes is not None:
        for view in views:
            view["volumes"] = volumes[view["id"]]
    return views


def consistency_groups(request: Request, rows: Sequence[AnyRow], types: Ids) -> list[dict[str, Any]]:
    """The full form of legacy consistency groups."""
    return _with_types(_CONSISTENCY_GROUP, request, rows, types)


def _with_types(view: View, request: Request, rows: Sequence[AnyRow], types: Ids) -> list[dict[str, Any]]:
    show = view.for_request(request)
    return [{**show(row), "volume_types": types[row.id]} for row in rows]
