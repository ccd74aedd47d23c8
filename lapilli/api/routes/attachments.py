"""The routes of attachments."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import attachments
from lapilli.api.request import Route
from lapilli.api.schemas import attachments as attachment_bodies
from lapilli.api.views import attachments as views

ROUTES: Final = (
    Route(
        "GET",
        "/attachments",
        attachments.index,
        since=since.ATTACHMENTS,
        answer=views.SUMMARIES,
        query=attachments.LISTED,
    ),
    Route(
        "POST",
        "/attachments",
        attachments.create,
        since=since.ATTACHMENTS,
        schema=attachment_bodies.CREATE,
        also=(404, 409, 500),
        answer=views.SHOWN,
    ),
    Route(
        "GET",
        "/attachments/detail",
        attachments.detail,
        since=since.ATTACHMENTS,
        answer=views.DETAILS,
        query=attachments.LISTED,
    ),
    Route("GET", "/attachments/{id}", attachments.show, since=since.ATTACHMENTS, answer=views.SHOWN),
    Route(
        "PUT",
        "/attachments/{id}",
        attachments.update,
        since=since.ATTACHMENTS,
        schema=attachment_bodies.UPDATE,
        also=(409, 500),
        answer=views.SHOWN,
    ),
    Route(
        "DELETE",
        "/attachments/{id}",
        attachments.delete,
        since=since.ATTACHMENTS,
        also=(409, 500),
        answer=views.SUMMARIES,
    ),
    Route(
        "POST",
        "/attachments/{id}/action",
        attachments.complete,
        204,
        since=since.ATTACHMENT_COMPLETE,
        schema=attachment_bodies.ACTION,
    ),
)
