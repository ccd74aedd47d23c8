"""Every route on one page: method, path, who answers, with what status, from which microversion, for which bodies."""

from typing import Final

from lapilli.api import attachments, volume_actions, volumes
from lapilli.api.request import Route
from lapilli.api.schemas import attachments as attachment_bodies
from lapilli.api.schemas import volumes as volume_bodies

ROUTES: Final = (
    Route("GET", "/volumes", volumes.index),
    Route("POST", "/volumes", volumes.create, 202, schema=volume_bodies.CREATE),
    Route("GET", "/volumes/detail", volumes.detail),
    Route("GET", "/volumes/summary", volumes.summary, since=12),
    Route("GET", "/volumes/{id}", volumes.show),
    Route("PUT", "/volumes/{id}", volumes.update, schema=volume_bodies.UPDATE),
    Route("DELETE", "/volumes/{id}", volumes.delete, 202),
    Route("POST", "/volumes/{id}/action", volume_actions.act, 202, schema=volume_bodies.ACTION),
    Route("GET", "/attachments", attachments.index, since=27),
    Route("POST", "/attachments", attachments.create, since=27, schema=attachment_bodies.CREATE),
    Route("GET", "/attachments/detail", attachments.detail, since=27),
    Route("GET", "/attachments/{id}", attachments.show, since=27),
    Route("PUT", "/attachments/{id}", attachments.update, since=27, schema=attachment_bodies.UPDATE),
    Route("DELETE", "/attachments/{id}", attachments.delete, since=27),
    Route("POST", "/attachments/{id}/action", attachments.complete, 204, since=44, schema=attachment_bodies.ACTION),
)
