"""The routes of snapshots."""

from typing import Final

from lapilli.api.handlers import metadata, snapshot_actions, snapshots
from lapilli.api.request import Route
from lapilli.api.schemas import snapshots as snapshot_bodies
from lapilli.api.views import metadata as metadata_views
from lapilli.api.views import snapshots as views

_METADATA: Final = metadata.SNAPSHOTS

ROUTES: Final = (
    Route("GET", "/snapshots", snapshots.index, answer=views.SUMMARIES, query=snapshots.LISTED),
    Route(
        "POST", "/snapshots", snapshots.create, 202, schema=snapshot_bodies.CREATE, answer=views.CHANGED, also=(404,)
    ),
    Route("GET", "/snapshots/detail", snapshots.detail, answer=views.LISTED, query=snapshots.LISTED),
    Route("GET", "/snapshots/{id}", snapshots.show, answer=views.SHOWN),
    Route("PUT", "/snapshots/{id}", snapshots.update, schema=snapshot_bodies.UPDATE, answer=views.CHANGED),
    Route("DELETE", "/snapshots/{id}", snapshots.delete, 202),
    snapshot_actions.ACTIONS.route("/snapshots/{id}/action"),
    Route("GET", "/snapshots/{id}/metadata", _METADATA.index, answer=metadata_views.SET),
    Route(
        "POST",
        "/snapshots/{id}/metadata",
        _METADATA.create,
        schema=snapshot_bodies.METADATA_SET,
        answer=metadata_views.SET,
    ),
    Route(
        "PUT",
        "/snapshots/{id}/metadata",
        _METADATA.update,
        schema=snapshot_bodies.METADATA_SET,
        answer=metadata_views.SENT_SET,
    ),
    Route("GET", "/snapshots/{id}/metadata/{key}", _METADATA.show_item, answer=metadata_views.ITEM),
    Route(
        "PUT",
        "/snapshots/{id}/metadata/{key}",
        _METADATA.update_item,
        schema=snapshot_bodies.METADATA_ITEM,
        answer=metadata_views.SENT_ITEM,
    ),
    Route("DELETE", "/snapshots/{id}/metadata/{key}", _METADATA.delete_item),
)
