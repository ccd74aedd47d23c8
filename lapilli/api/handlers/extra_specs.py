"""The extra specs of a volume type: what it demands of the pools that its volumes go to."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from lapilli.api.handlers.specs import SpecHandlers, Specs
from lapilli.api.handlers.types import check_specs
from lapilli.api.request import Request
from lapilli.api.views.types import visible_specs
from lapilli.db import types
from lapilli.model.errors import Conflict


def _visible(request: Request, id: str) -> Specs:
    with request.around.db.read() as tx:
        return visible_specs(request, types.get(tx, id, request.scope).extra_specs)


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


HANDLERS: Final = SpecHandlers(
    "extra_specs", "Extra spec", "volume_extension:types_extra_specs", ("index", "show"), _visible, _change
)
