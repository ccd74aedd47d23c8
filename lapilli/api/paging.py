"""Pages of lists: what the query asks for, and the link to the next page."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement

from lapilli.api import microversions as since
from lapilli.api.formats import BOOL, FORMATS, MOST, to_bool
from lapilli.api.request import Parameter, Request
from lapilli.api.resource_filters import FILTERS, Allowed
from lapilli.db.listing import Page
from lapilli.model.errors import Malformed

PAGING: Final = frozenset({"limit", "marker", "offset", "sort", "sort_key", "sort_dir", "all_tenants"})
"""Query parameters of every list that say how to list, not what."""
_COUNTED: Final = frozenset({"volume", "snapshot", "backup"})
"""The kinds whose lists know `with_count`; to the others it is a filter like any."""

_BOUND: Final = {"type": "integer", "minimum": 0}
BOUNDS: Final = (Parameter("limit", _BOUND), Parameter("offset", {**_BOUND, "maximum": MOST}))
OF_PROJECTS: Final = (Parameter("all_tenants", BOOL), Parameter("project_id"))
"""What `listed_project` reads."""
OF_PROJECTS_BY_PRESENCE: Final = (Parameter("all_tenants"), Parameter("project_id"))
"""What `listed_project_by_presence` reads."""
COUNT: Final = Parameter("with_count", BOOL, since.WITH_COUNT)


def paged(keys: Collection[str]) -> tuple[Parameter, ...]:
    """What `page_of` reads, for a list that is sorted by these keys."""
    direction = Parameter("sort_dir", {"enum": ["asc", "desc"]})
    return (*BOUNDS, Parameter("marker"), Parameter("sort"), sort_key(keys), direction)


def sort_key(keys: Collection[str], first: int = 0) -> Parameter:
    """The parameter that names one of the keys; `first` is the version that brought them."""
    return Parameter("sort_key", {"enum": sorted(keys)}, first)


def from_version(first: int, parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """The parameters, none of them before that version."""
    return tuple(each._replace(since=max(first, each.since)) for each in parameters)


def paging_of(kind: str, minor: int) -> frozenset[str]:
    """The parameters that say how to list this kind of resource."""
    return PAGING | {"with_count"} if kind in _COUNTED and minor >= since.WITH_COUNT else PAGING


def page_of(
    request: Request,
    keys: Mapping[str, str],
    conditions: Sequence[ColumnElement[bool]] = (),
    *,
    project_id: str | None,
) -> Page:
    """The page that the query asks for. `keys` maps what may be sorted by to the columns of the table."""
    query = request.query
    check_names(query)
    return Page(
        project_id=project_id,
        limit=min(_number(query, "limit", request.around.max_limit), request.around.max_limit),
        offset=_number(query, "offset", 0),
        marker=query.get("marker"),
        sort=_sort(query, keys),
        conditions=conditions,
    )


def listed_project(request: Request) -> str | None:
    """Whose resources a list shows: the caller's project, or, for an administrator who asks, all or another's."""
    # What a tenant asks here is not even read: cinderclient always sends it.
    if not (request.caller.is_admin and flag(request.query, "all_tenants")):
        return request.caller.project_id
    return request.query.get("project_id")


def listed_project_by_presence(request: Request) -> str | None:
    """`listed_project` of those lists where the mere presence of `all_tenants` counts, whatever it says."""
    if not (request.caller.is_admin and "all_tenants" in request.query):
        return request.caller.project_id
    return request.query.get("project_id")


def flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean parameter; false when it is missing."""
    word = query.get(name)
    if word is None:
        return False
    if not _is_boolean(word):
        raise Malformed(f"{name} must be a boolean, not {word!r}.")
    return to_bool(word)


def next_link(request: Request, page: Page, ids: Sequence[str], total: int | None = None) -> list[dict[str, str]]:
    """The link to the next page, if there may be one: the page is full, or more were counted than a page holds."""
    if not ids or page.limit > (len(ids) if total is None else total):
        return []
    query = urlencode({**request.query, "marker": ids[-1]})
    return [{"rel": "next", "href": f"{request.base_url}{request.prefix}{request.path}?{query}"}]


def listing(
    request: Request, key: str, views: Sequence[Mapping[str, Any]], page: Page, total: int | None, link_key: str = ""
) -> dict[str, Any]:
    """The body of a list: its views, the link to the next page, and the count if it was asked for."""
    body: dict[str, Any] = {key: views}
    links = next_link(request, page, [view["id"] for view in views], total)
    if links:
        body[link_key or f"{key}_links"] = links
    if total is not None:
        body["count"] = total
    return body


def first_of(allowed: Allowed, name: str) -> int:
    """The version that brought a filter."""
    return since.LIKE_FILTERS if name.endswith("~") else allowed.since.get(name, 0)


def filters_of(request: Request, kind: str) -> dict[str, str]:
    """The parameters that filter a list of this kind of resource (a key of `resource_filters.FILTERS`)."""
    asked = {
        name: value
        for name, value in request.query.items()
        if name not in paging_of(kind, request.minor) and first_of(FILTERS[kind], name) <= request.minor
    }
    check_names(asked)
    if request.caller.is_admin:
        asked.pop("project_id", None)  # it says whose list, see `listed_project`
    return asked


def check_filters(request: Request, kind: str) -> dict[str, str]:
    """`filters_of`, as far as the caller may use them.

    From 3.31 a tenant may name only those of the table; before, others are passed over.
    """
    allowed, asked = FILTERS[kind], filters_of(request, kind)
    if request.caller.is_admin:
        return asked
    if request.minor < since.CHECKED_FILTERS:
        return asked if allowed.of_old is None else {k: v for k, v in asked.items() if k in allowed.of_old}
    unknown = sorted(name for name in asked if name not in allowed.names)
    if unknown:
        raise Malformed(f"Invalid filters {', '.join(unknown)} are found in query options.")
    return asked


def check_names(names: Collection[str]) -> None:
    """Refuse query parameters whose names no filter can have."""
    if not all(name.isascii() for name in names):
        raise Malformed("Filter keys can only contain ASCII characters.")


def _is_boolean(word: str) -> bool:
    check = FORMATS["boolean"]
    assert callable(check)
    return check(word)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text) or (name == "offset" and int(text) > MOST):
        raise Malformed(f"{name} must be an integer of at least 0, not {text!r}.")
    return int(text)


def _sort(query: Mapping[str, str], keys: Mapping[str, str]) -> list[tuple[str, bool]]:
    asked = query.get("sort")
    if asked is not None and ("sort_key" in query or "sort_dir" in query):
        raise Malformed("sort cannot be combined with sort_key or sort_dir.")
    if asked is None:
        asked = f"{query.get('sort_key', 'created_at')}:{query.get('sort_dir', 'desc')}"
    order = []
    for part in asked.split(","):
        key, _, direction = part.strip().partition(":")
        if key not in keys:
            raise Malformed(f"Cannot sort by {key!r}; sort by {', '.join(sorted(keys))}.")
        if direction not in {"", "asc", "desc"}:
            raise Malformed(f"The sort direction must be asc or desc, not {direction!r}.")
        order.append((keys[key], direction != "asc"))
    return order
