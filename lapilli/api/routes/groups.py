"""The routes of groups and group snapshots, also under their older names."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import cgsnapshots, consistency_groups, group_actions, group_snapshots, groups
from lapilli.api.paging import BOUNDS
from lapilli.api.request import Route
from lapilli.api.schemas import groups as bodies
from lapilli.api.views import groups as views

_GROUPS: Final = (
    Route("GET", "/groups", groups.index, since=since.GROUPS, answer=views.GROUPS, query=groups.LISTED),
    Route(
        "POST",
        "/groups",
        groups.create,
        202,
        since=since.GROUPS,
        schema=bodies.CREATE,
        answer=views.CREATED,
        also=(404,),
    ),
    Route(
        "GET",
        "/groups/detail",
        groups.detail,
        since=since.GROUPS,
        answer=views.DETAILS,
        query=(*groups.LISTED, *groups.SHOWN),
    ),
    Route(
        "POST",
        "/groups/action",
        groups.create_from_source,
        202,
        since=since.GROUP_SNAPSHOTS,
        schema=bodies.CREATE_FROM_SOURCE,
        answer=views.CREATED,
        also=(404,),
    ),
    Route("GET", "/groups/{id}", groups.show, since=since.GROUPS, answer=views.GROUP, query=groups.SHOWN),
    Route("PUT", "/groups/{id}", groups.update, 202, since=since.GROUPS, schema=bodies.UPDATE),
    Route("DELETE", "/groups/{id}", groups.delete, 202, since=since.GROUPS),
    group_actions.ACTIONS.route("/groups/{id}/action", since=since.GROUPS),
)
_GROUP_SNAPSHOTS: Final = (
    Route(
        "GET",
        "/group_snapshots",
        group_snapshots.index,
        since=since.GROUP_SNAPSHOTS,
        answer=views.SNAPSHOTS,
        query=group_snapshots.LISTED,
    ),
    Route(
        "POST",
        "/group_snapshots",
        group_snapshots.create,
        202,
        since=since.GROUP_SNAPSHOTS,
        schema=bodies.CREATE_SNAPSHOT,
        answer=views.CREATED_SNAPSHOT,
        also=(404,),
    ),
    Route(
        "GET",
        "/group_snapshots/detail",
        group_snapshots.detail,
        since=since.GROUP_SNAPSHOTS,
        answer=views.SNAPSHOT_DETAILS,
        query=group_snapshots.LISTED,
    ),
    Route(
        "GET", "/group_snapshots/{id}", group_snapshots.show, since=since.GROUP_SNAPSHOTS, answer=views.SHOWN_SNAPSHOT
    ),
    Route("DELETE", "/group_snapshots/{id}", group_snapshots.delete, 202, since=since.GROUP_SNAPSHOTS),
    group_snapshots.ACTIONS.route("/group_snapshots/{id}/action", since=since.GROUP_SNAPSHOT_RESET),
)
_LEGACY: Final = (
    Route("GET", "/consistencygroups", consistency_groups.index, answer=views.CONSISTENCY_GROUPS, query=groups.LISTED),
    Route(
        "POST",
        "/consistencygroups",
        consistency_groups.create,
        202,
        schema=bodies.CREATE_CONSISTENCY_GROUP,
        answer=views.CREATED_CONSISTENCY_GROUP,
        also=(404,),
    ),
    Route(
        "GET",
        "/consistencygroups/detail",
        consistency_groups.detail,
        answer=views.CONSISTENCY_GROUP_DETAILS,
        query=groups.LISTED,
    ),
    Route(
        "POST",
        "/consistencygroups/create_from_src",
        consistency_groups.create_from_source,
        202,
        schema=bodies.CREATE_CONSISTENCY_GROUP_FROM_SOURCE,
        answer=views.CREATED_CONSISTENCY_GROUP,
        also=(404,),
    ),
    Route("GET", "/consistencygroups/{id}", consistency_groups.show, answer=views.CONSISTENCY_GROUP),
    Route("PUT", "/consistencygroups/{id}", consistency_groups.update, 202, schema=bodies.UPDATE_CONSISTENCY_GROUP),
    Route("DELETE", "/consistencygroups/{id}", consistency_groups.delete_empty, 202),
    Route(
        "PUT",
        "/consistencygroups/{id}/update",
        consistency_groups.update,
        202,
        schema=bodies.UPDATE_CONSISTENCY_GROUP,
    ),
    Route(
        "POST",
        "/consistencygroups/{id}/delete",
        consistency_groups.delete,
        202,
        schema=bodies.DELETE_CONSISTENCY_GROUP,
    ),
    Route("GET", "/cgsnapshots", cgsnapshots.index, answer=views.CGSNAPSHOTS, query=BOUNDS),
    Route(
        "POST",
        "/cgsnapshots",
        cgsnapshots.create,
        202,
        schema=bodies.CREATE_CGSNAPSHOT,
        answer=views.CREATED_CGSNAPSHOT,
        also=(404,),
    ),
    Route("GET", "/cgsnapshots/detail", cgsnapshots.detail, answer=views.CGSNAPSHOT_DETAILS, query=BOUNDS),
    Route("GET", "/cgsnapshots/{id}", cgsnapshots.show, answer=views.SHOWN_CGSNAPSHOT),
    Route("DELETE", "/cgsnapshots/{id}", cgsnapshots.delete, 202),
)

ROUTES: Final = (*_GROUPS, *_GROUP_SNAPSHOTS, *_LEGACY)
