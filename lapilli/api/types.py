"""Volume types: list, show, create, update, delete."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from lapilli.api import paging
from lapilli.api.filters import dictionary
from lapilli.api.formats import to_bool
from lapilli.api.request import Reply, Request
from lapilli.api.views import types as views
from lapilli.db import types
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, NotFound

_SORT_KEYS: Final = {key: key for key in ("id", "name", "description", "is_public", "created_at", "updated_at")}
_IS_PUBLIC: Final = "os-volume-type-access:is_public"


def index(request: Request) -> Reply:
    """List volume types."""
    request.enforce("volume_extension:type_get_all")
    asked = paging.check_filters(request, "volume_type")
    page = paging.page_of(request, _SORT_KEYS, project_id=None)
    with request.around.db.read() as tx:
        rows = _visible(tx, request, asked.get("is_public"))
    if "extra_specs" in asked:
        wanted = dictionary("extra_specs", asked["extra_specs"])
        rows = [row for row in rows if wanted.items() <= views.visible_specs(request, row.extra_specs).items()]
    shown = [views.details(request, row) for row in _page_of(rows, page)]
    return Reply(paging.listing(request, "volume_types", shown, page, None, "volume_type_links"))


def _visible(tx: Connection, request: Request, is_public: str | None) -> Sequence[AnyRow]:
    """What the caller's project may use; an administrator may ask for all types or for the private ones."""
    if not request.caller.is_admin or is_public is None:
        return types.list_all(tx, request.caller.project_id)
    if is_public.lower() == "none":
        return types.list_all(tx, None)
    if paging.flag(request.query, "is_public"):
        return types.list_all(tx, request.caller.project_id)
    return types.list_all(tx, None, is_public=False)


def _page_of(rows: Sequence[AnyRow], page: Page) -> Sequence[AnyRow]:
    """The page of a list that is short enough to be sorted here."""
    ordered = list(rows)
    for name, is_descending in reversed([*page.sort, ("id", page.sort[0][1])]):
        # NULL is the lowest value, as in other lists.
        ordered.sort(key=lambda row: (getattr(row, name) is not None, getattr(row, name)), reverse=is_descending)
    if page.marker is not None:
        ids = [row.id for row in ordered]
        if page.marker not in ids:
            raise NotFound("Volume type", page.marker)
        ordered = ordered[ids.index(page.marker) + 1 :]
    return ordered[page.offset : page.offset + page.limit]


def show(request: Request, id: str) -> Reply:
    """Show a volume type; `default` is the one of volumes that name none."""
    request.enforce("volume_extension:type_get")
    with request.around.db.read() as tx:
        row = _default(tx, request) if id == "default" else types.get(tx, id, request.scope)
    return Reply({"volume_type": views.details(request, row)})


def _default(tx: Connection, request: Request) -> AnyRow:
    name = request.around.rules.default_volume_type
    row = types.find_named(tx, name, request.scope)
    if row is None:
        raise NotFound("Default volume type", name)
    return row


def create(request: Request) -> Reply:
    """Create a volume type."""
    request.enforce("volume_extension:type_create")
    asked = request.body["volume_type"]
    check_specs(asked.get("extra_specs", {}))

    def add(tx: Connection) -> AnyRow:
        type_id = str(uuid.uuid4())
        types.add(
            tx,
            id=type_id,
            name=asked["name"],
            description=asked.get("description"),
            is_public=to_bool(asked.get(_IS_PUBLIC, True)),
            extra_specs=asked.get("extra_specs", {}),
        )
        return types.get(tx, type_id, None)

    return Reply({"volume_type": views.created(request.around.db.write(add))})


def update(request: Request, id: str) -> Reply:
    """Change name, description, or whether every project may use it."""
    request.enforce("volume_extension:type_update")
    asked = {name: value for name, value in request.body["volume_type"].items() if value is not None}
    if not asked:
        raise Malformed("Give a name, a description or is_public.")
    if "is_public" in asked:
        asked["is_public"] = to_bool(asked["is_public"])

    def change(tx: Connection) -> AnyRow:
        types.change(tx, types.get(tx, id, None), **asked)
        return types.get(tx, id, None)

    return Reply({"volume_type": views.updated(request.around.db.write(change))})


def delete(request: Request, id: str) -> Reply:
    """Delete a volume type that nothing uses."""
    request.enforce("volume_extension:type_delete")

    def remove(tx: Connection) -> None:
        row = types.get(tx, id, None)
        if request.around.rules.default_volume_type in {row.name, row.id}:
            raise Conflict(f"Volume type {id} cannot be deleted: it is the default type of this service.")
        if len(types.list_all(tx, None)) == 1:
            raise Conflict(f"Volume type {id} cannot be deleted: it is the last one.")
        types.remove(tx, id)

    request.around.db.write(remove)
    return Reply()


def check_specs(extra_specs: Mapping[str, str | None]) -> None:
    """Refuse specs that no volume could have together."""
    if extra_specs.get("multiattach") == extra_specs.get("cacheable") == "<is> True":
        raise Malformed("A type cannot be both multiattach and cacheable: hosts would not see each other's writes.")
