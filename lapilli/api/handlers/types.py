"""Volume types: list, show, create, update, delete."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api import paging, short_lists
from lapilli.api.filters import dictionary
from lapilli.api.formats import to_bool
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views import types as views
from lapilli.db import default_types, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, NotFound

_SORT_KEYS: Final = {key: key for key in ("id", "name", "description", "is_public", "created_at", "updated_at")}
_COLUMNS: Final = ("id", "name", "description", "qos_specs_id")
LISTED: Final = (
    *paging.paged(_SORT_KEYS),
    short_lists.PUBLICITY,
    Parameter("extra_specs", since=since.FILTER_EXTRA_SPECS),
    *(Parameter(name) for name in _COLUMNS),
)
_IS_PUBLIC: Final = "os-volume-type-access:is_public"
_ZONES: Final = "RESKEY:availability_zones"


def index(request: Request) -> Reply:
    """List volume types."""
    request.enforce("volume_extension:type_get_all")
    asked = _filters(request)
    page = paging.page_of(request, _SORT_KEYS, project_id=None)
    is_public = short_lists.listed_publicity(request)
    with request.around.db.read() as tx:
        # What is public to a project are all types that it may use.
        mine = request.caller.project_id
        rows = types.list_all(tx, mine) if is_public else types.list_all(tx, None, is_public=is_public)
    if "extra_specs" in asked:
        wanted = dictionary("extra_specs", asked.pop("extra_specs"))
        rows = [row for row in rows if _has(views.visible_specs(request, row.extra_specs), wanted)]
    rows = short_lists.matching(rows, asked, _COLUMNS)
    shown = [views.details(request, row) for row in short_lists.page_of(rows, page, "Volume type")]
    return Reply(paging.listing(request, "volume_types", shown, page, None, "volume_type_links"))


def _filters(request: Request) -> dict[str, str]:
    """Filters other than `is_public`. Tenants have them from 3.52 on; what they name before is passed over."""
    if request.minor < since.FILTER_EXTRA_SPECS and not request.caller.is_admin:
        return {}
    asked = paging.check_filters(request, "volume_type")
    return {name: value for name, value in asked.items() if name != "is_public"}


def _has(specs: Mapping[str, str | None], wanted: Mapping[Any, Any]) -> bool:
    """Whether the specs have these values; of zones, whether all that are wanted are among the type's."""
    return all(
        key in specs and (_zones(value) <= _zones(specs[key]) if key == _ZONES else specs[key] == value)
        for key, value in wanted.items()
    )


def _zones(text: object) -> set[str]:
    return {zone.strip() for zone in str(text).split(",")}


def show(request: Request, id: str) -> Reply:
    """Show a volume type; `default` is the one of volumes that name none."""
    request.enforce("volume_extension:type_get")
    with request.around.db.read() as tx:
        row = _default(tx, request) if id == "default" else types.get(tx, id, request.scope)
    return Reply({"volume_type": views.details(request, row)})


def _default(tx: Connection, request: Request) -> AnyRow:
    own = default_types.find(tx, request.caller.project_id)
    name = own or request.around.rules.default_volume_type
    row = types.find(tx, own, request.scope) if own else types.find_named(tx, name, None)
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
        types.change(tx, types.lock(tx, id), **asked)
        return types.get(tx, id, None)

    return Reply({"volume_type": views.updated(request.around.db.write(change))})


def delete(request: Request, id: str) -> Reply:
    """Delete a volume type that nothing uses."""
    request.enforce("volume_extension:type_delete")

    def remove(tx: Connection) -> None:
        row = types.lock(tx, id)
        if request.around.rules.default_volume_type in {row.name, row.id}:
            raise Conflict(f"Volume type {id} cannot be deleted: it is the default type of this service.")
        projects = default_types.projects_of(tx, id)
        if projects:
            raise Conflict(f"Volume type {id} cannot be deleted: it is the default of project {', '.join(projects)}.")
        if len(types.list_all(tx, None)) == 1:
            raise Conflict(f"Volume type {id} cannot be deleted: it is the last one.")
        types.remove(tx, id)

    request.around.db.write(remove)
    return Reply()


def check_specs(extra_specs: Mapping[str, str | None]) -> None:
    """Refuse specs that no volume could have together."""
    if extra_specs.get("multiattach") == extra_specs.get("cacheable") == "<is> True":
        raise Malformed("A type cannot be both multiattach and cacheable: hosts would not see each other's writes.")
