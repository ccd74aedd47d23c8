"""The routes of volumes, their metadata and their actions."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import metadata, volume_actions, volumes
from lapilli.api.paging import OF_PROJECTS
from lapilli.api.request import Route
from lapilli.api.schemas import volumes as volume_bodies
from lapilli.api.views import metadata as metadata_views
from lapilli.api.views import volumes as views

_METADATA: Final = metadata.VOLUMES

ROUTES: Final = (
    Route("GET", "/volumes", volumes.index, answer=views.SUMMARIES, query=volumes.LISTED),
    Route(
        "POST",
        "/volumes",
        volumes.create,
        202,
        schema=volume_bodies.CREATE,
        also=(
            404,
            409,
        ),
        answer=views.CREATED,
    ),
    Route("GET", "/volumes/detail", volumes.detail, answer=views.DETAILS, query=volumes.LISTED),
    Route("GET", "/volumes/summary", volumes.summary, since=since.SUMMARY, answer=views.TOTAL, query=OF_PROJECTS),
    Route("GET", "/volumes/{id}", volumes.show, answer=views.SHOWN),
    Route("PUT", "/volumes/{id}", volumes.update, schema=volume_bodies.UPDATE, answer=views.CREATED),
    Route("DELETE", "/volumes/{id}", volumes.delete, 202, query=volumes.DELETED),
    volume_actions.ACTIONS.route("/volumes/{id}/action", also=(409, 500)),
    Route("GET", "/volumes/{id}/metadata", _METADATA.index, answer=metadata_views.with_etag, sends=metadata.SENDS),
    Route(
        "POST", "/volumes/{id}/metadata", _METADATA.create, schema=volume_bodies.METADATA_SET, answer=metadata_views.SET
    ),
    Route(
        "PUT",
        "/volumes/{id}/metadata",
        _METADATA.update,
        schema=volume_bodies.METADATA_SET,
        also=(412,),
        reads=metadata.READS,
        answer=metadata_views.SET,
    ),
    Route("GET", "/volumes/{id}/metadata/{key}", _METADATA.show_item, answer=metadata_views.ITEM),
    Route(
        "PUT",
        "/volumes/{id}/metadata/{key}",
        _METADATA.update_item,
        schema=volume_bodies.METADATA_ITEM,
        also=(412,),
        reads=metadata.READS,
        answer=metadata_views.ITEM,
    ),
    Route("DELETE", "/volumes/{id}/metadata/{key}", _METADATA.delete_item),
)
