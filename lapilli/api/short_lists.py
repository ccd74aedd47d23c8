"""Pages of lists that are short enough to be filtered and sorted here: kinds of types, and QoS specs."""

from collections.abc import Mapping, Sequence
from typing import Final

from lapilli.api import paging
from lapilli.api.request import Parameter, Request
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.model.errors import NotFound

PUBLICITY: Final = Parameter("is_public")
"""What `listed_publicity` reads: a boolean, or `none`."""


def page_of(rows: Sequence[AnyRow], page: Page, kind: str) -> Sequence[AnyRow]:
    """The rows of the page; NULL is the lowest value, as in other lists. `NotFound` for an unknown marker."""
    ordered = list(rows)
    rest = [(name, page.sort[0][1]) for name in ("created_at", "id")]
    for name, is_descending in reversed([*page.sort, *rest]):
        ordered.sort(key=lambda row: (getattr(row, name) is not None, getattr(row, name)), reverse=is_descending)
    if page.marker is not None:
        ids = [row.id for row in ordered]
        if page.marker not in ids:
            raise NotFound(kind, page.marker)
        ordered = ordered[ids.index(page.marker) + 1 :]
    return ordered[page.offset : page.offset + page.limit]


def matching(rows: Sequence[AnyRow], asked: Mapping[str, str], names: Sequence[str]) -> Sequence[AnyRow]:
    """The rows whose columns have the values asked for; an unknown column leaves nothing of the list, as in Cinder."""
    if not asked.keys() <= set(names):
        return []
    return [row for row in rows if all(getattr(row, name) == value for name, value in asked.items())]


def listed_publicity(request: Request) -> bool | None:
    """Whether an administrator's list is of public types, or of private ones, or with `is_public=none` of both."""
    asked = request.query.get("is_public")
    if asked is None or not request.caller.is_admin:
        return True
    return None if asked.lower() == "none" else paging.flag(request.query, "is_public")
