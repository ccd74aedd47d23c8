"""QoS specs: how fast the volumes of a type may be, and who sees to it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import paging, short_lists
from lapilli.api.formats import BOOL
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views.qos_specs import QOS_SPECS
from lapilli.db import qos_specs, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.operations import qos

_RULE: Final = "volume_extension:qos_specs_manage"
_COLUMNS: Final = ("id", "name", "consumer")
_SORT_KEYS: Final = {key: key for key in (*_COLUMNS, "created_at", "updated_at")}
LISTED: Final = (*paging.paged(_SORT_KEYS), *(Parameter(name) for name in _COLUMNS))
DELETED: Final = (Parameter("force", BOOL),)
ASSOCIATED: Final = (Parameter("vol_type_id"),)


def index(request: Request) -> Reply:
    """List QoS specs."""
    request.enforce(f"{_RULE}:get_all")
    asked = {name: value for name, value in request.query.items() if name not in paging.PAGING}
    page = paging.page_of(request, _SORT_KEYS, project_id=None)
    with request.around.db.read() as tx:
        rows = short_lists.matching(qos_specs.list_all(tx), asked, _COLUMNS)
    view = QOS_SPECS.for_request(request)
    shown = [view(row) for row in short_lists.page_of(rows, page, "QoS specs")]
    return Reply(paging.listing(request, "qos_specs", shown, page, None))


def show(request: Request, id: str) -> Reply:
    """Show QoS specs."""
    request.enforce(f"{_RULE}:get")
    with request.around.db.read() as tx:
        return _reply(request, qos_specs.get(tx, id))


def create(request: Request) -> Reply:
    """Create QoS specs, of no type yet."""
    request.enforce(f"{_RULE}:create")
    asked = dict(request.body["qos_specs"])
    name, consumer = asked.pop("name").strip(), asked.pop("consumer", None) or "back-end"
    specs = {key: value for key, value in asked.items() if value is not None}
    qos.check(specs)

    def add(tx: Connection) -> AnyRow:
        specs_id = str(uuid.uuid4())
        qos_specs.add(tx, id=specs_id, name=name, consumer=consumer, specs=specs)
        return qos_specs.get(tx, specs_id)

    return _reply(request, request.around.db.write(add))


def _reply(request: Request, row: AnyRow) -> Reply:
    return Reply({"qos_specs": QOS_SPECS.for_request(request)(row), "links": request.links("qos-specs", row.id)})


def update(request: Request, id: str) -> Reply:
    """Add and change specs, or the consumer. Answers with what was sent."""
    request.enforce(f"{_RULE}:update")
    asked = dict(request.body["qos_specs"])
    consumer = asked.pop("consumer", None)
    columns = {} if consumer is None else {"consumer": consumer}
    qos.check(asked)

    def change(tx: Connection) -> None:
        row = qos_specs.lock(tx, id)
        qos_specs.change(tx, id, specs={**row.specs, **asked}, **columns)

    request.around.db.write(change)
    return Reply(request.body)


def delete_keys(request: Request, id: str) -> Reply:
    """Delete specs: all that are named, or none."""
    request.enforce(f"{_RULE}:delete")
    keys = request.body["keys"]

    def change(tx: Connection) -> None:
        specs: Mapping[str, Any] = qos_specs.lock(tx, id).specs
        for key in keys:
            if key not in specs:
                raise NotFound(f"QoS specs {id}: key", key)
        qos_specs.change(tx, id, specs={key: value for key, value in specs.items() if key not in keys})

    request.around.db.write(change)
    return Reply()


def delete(request: Request, id: str) -> Reply:
    """Delete QoS specs; with `force`, also those that types have."""
    request.enforce(f"{_RULE}:delete")
    force = paging.flag(request.query, "force")

    def remove(tx: Connection) -> None:
        qos_specs.lock(tx, id)
        if not force and qos_specs.types_of(tx, id):
            raise Conflict(f"QoS specs {id} are in use: volume types have them. Use force, or disassociate them first.")
        qos_specs.disassociate_all(tx, id)
        qos_specs.remove(tx, id)

    request.around.db.write(remove)
    return Reply()


def associations(request: Request, id: str) -> Reply:
    """List the volume types that have the specs."""
    request.enforce(f"{_RULE}:get_all")
    with request.around.db.read() as tx:
        qos_specs.get(tx, id)
        rows = qos_specs.types_of(tx, id)
    shown = [{"association_type": "volume_type", "name": row.name, "id": row.id} for row in rows]
    return Reply({"qos_associations": shown})


def associate(request: Request, id: str) -> Reply:
    """Give a volume type the specs."""

    def work(tx: Connection, type_id: str) -> None:
        other = types.lock(tx, type_id).qos_specs_id
        if other not in {None, id}:
            raise Conflict(f"Volume type {type_id} has the QoS specs {other} already; disassociate these first.")
        qos_specs.associate(tx, id, type_id)

    return _with_type(request, id, work)


def disassociate(request: Request, id: str) -> Reply:
    """Take the specs from a volume type."""

    def work(tx: Connection, type_id: str) -> None:
        types.lock(tx, type_id)
        qos_specs.disassociate(tx, id, type_id)

    return _with_type(request, id, work)


def _with_type(request: Request, id: str, work: Callable[[Connection, str], None]) -> Reply:
    request.enforce(f"{_RULE}:update")
    type_id = request.query.get("vol_type_id")
    if not type_id:
        raise Malformed("Give the id of a volume type as vol_type_id.")

    def change(tx: Connection) -> None:
        qos_specs.lock(tx, id)
        work(tx, type_id)

    request.around.db.write(change)
    return Reply()


def disassociate_all(request: Request, id: str) -> Reply:
    """Take the specs from every volume type."""
    request.enforce(f"{_RULE}:update")

    def change(tx: Connection) -> None:
        qos_specs.lock(tx, id)
        qos_specs.disassociate_all(tx, id)

    request.around.db.write(change)
    return Reply()
