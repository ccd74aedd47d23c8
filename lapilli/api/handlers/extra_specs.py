"""The extra specs of a volume type: what it demands of the pools that its volumes go to."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from lapilli.api.handlers.types import check_specs
from lapilli.api.request import Reply, Request
from lapilli.api.views.types import visible_specs
from lapilli.db import types
from lapilli.model.errors import Conflict, Malformed, NotFound

_RULE = "volume_extension:types_extra_specs"
Specs = Mapping[str, str | None]


def index(request: Request, id: str) -> Reply:
    """List the extra specs."""
    request.enforce(f"{_RULE}:index")
    return Reply({"extra_specs": _visible(request, id)})


def show(request: Request, id: str, key: str) -> Reply:
    """Show an extra spec."""
    request.enforce(f"{_RULE}:show")
    found = _visible(request, id)
    if key not in found:
        raise NotFound("Extra spec", key)
    return Reply({key: found[key]})


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
    if key not in request.body:
        raise Malformed(f"The URL names the extra spec {key}, and the body another.")
    _change(request, id, lambda found: {**found, **request.body})
    return Reply(request.body)


def delete(request: Request, id: str, key: str) -> Reply:
    """Delete an extra spec."""
    request.enforce(f"{_RULE}:delete")

    def without(found: Specs) -> Specs:
        if key not in found:
            raise NotFound("Extra spec", key)
        return {name: value for name, value in found.items() if name != key}

    _change(request, id, without)
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
