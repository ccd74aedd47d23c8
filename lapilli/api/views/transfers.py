"""How transfers look. The name in their links is that of the older URL, whichever was called."""

from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.api.views import View, field
from lapilli.api.views.shapes import FLAG, LINKS, TEXT, many, one
from lapilli.db.rows import AnyRow

COLLECTION: Final = "os-volume-transfer"

_SUMMARY: Final = View((field("id", shape=TEXT), field("volume_id", shape=TEXT), field("name")))
_DETAILS: Final = View(
    (
        field("id", shape=TEXT),
        field("created_at", shape=TEXT),
        field("name"),
        field("volume_id", shape=TEXT),
        field("no_snapshots", since=since.TRANSFER_WITHOUT_SNAPSHOTS, shape=FLAG),
        # An offer is gone when it is accepted, so that none is seen that was.
        field("destination_project_id", lambda _row: None, since=since.TRANSFER_PROJECTS),
        field("source_project_id", "project_id", since=since.TRANSFER_PROJECTS),
        field("accepted", lambda _row: False, since=since.TRANSFER_PROJECTS, shape=FLAG),
    )
)

_LINKED: Final = {"links": LINKS}
SUMMARIES: Final = many("transfers", lambda minor: _SUMMARY.shape(minor, _LINKED), links="transfers_links")
DETAILS: Final = many("transfers", lambda minor: _DETAILS.shape(minor, _LINKED), links="transfers_links")
SHOWN: Final = one("transfer", lambda minor: _DETAILS.shape(minor, _LINKED))
CREATED: Final = one("transfer", lambda minor: _DETAILS.shape(minor, {**_LINKED, "auth_key": TEXT}))
ACCEPTED: Final = one("transfer", lambda minor: _SUMMARY.shape(minor, _LINKED))


def summary(request: Request, row: AnyRow) -> dict[str, Any]:
    """The short form, and the answer to an acceptance."""
    return {**_SUMMARY.for_request(request)(row), "links": request.links(COLLECTION, row.id)}


def details(request: Request, row: AnyRow) -> dict[str, Any]:
    """The full form."""
    return {**_DETAILS.for_request(request)(row), "links": request.links(COLLECTION, row.id)}
