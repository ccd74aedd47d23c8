"""The extra specs of a volume type: what it demands of the pools that its volumes go to."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection

from lapilli.api import items
from lapilli.api.handlers.types import check_specs
from lapilli.api.request import Reply, Request
from lapilli.api.views.types import visible_specs
from lapilli.db import types
from lapilli.model.errors import Conflict

_RULE: Final = "volume_extension:types_extra_specs"
_KIND: Final = "Extra spec"
Specs = Mapping[str, str | None]


def index(request: Request, id: str) -> Reply:
    """List the extra specs."""
    request.enforce(f"{_RULE}:index")
    return Reply({"extra_specs": _visible(request, id)})


def show(request: Request, id: str, key: str) -> Reply:
    """Show an extra spec."""
    request.enforce(f"{_RULE}:show")
    return Reply(items.item(_visible(request, id), key, _KIND))


def _visible(request: Request, id: str) -> Specs:
    with request.around.db.read() as tx:
        return visible_specs(request, types.get(tx, id, request.scope).extra_specs)


def create(request: Request, id: str) -> Reply:
    """Add extra specs. Answers with those that were sent."""
    request.enforce(f"{_RULE}:create")
    more = request.body["extra_specs"]
    _change(request, id, lambda found: {**found, **more})
    return Reply({"extra_specs": more})


def update(request: Request, id: str, key: str) -> Reply:
    """Write an extra spec."""
    request.enforce(f"{_RULE}:update")
    items.check_named(request.body, key, _KIND)
    _change(request, id, lambda found: {**found, **request.body})
    return Reply(request.body)


def delete(request: Request, id: str, key: str) -> Reply:
    """Delete an extra spec."""
    request.enforce(f"{_RULE}:delete")
    _change(request, id, lambda found: items.less(found, key, _KIND))
    return Reply()


def _change(request: Request, id: str, change: Callable[[Specs], Specs]) -> None:
    """Volumes were placed by the specs of their type, so those of a type in use stay as they are."""

    def write(tx: Connection) -> None:
        row = types.lock(tx, id)
        if types.is_used(tx, id):
            raise Conflict(f"Volume type {id} is in use: its extra specs cannot change.")
        changed = change(row.extra_specs)
        check_specs(changed)
        types.set_extra_specs(tx, id, changed)

    request.around.db.write(write)
