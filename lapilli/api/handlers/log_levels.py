"""Log levels of the services that run."""

from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.request import Reply, Request
from lapilli.db import services
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.operations import log_levels

_RULE: Final = "volume_extension:services:update"
_API: Final = "cinder-api"
HEARTBEAT: Final = "duty:heartbeat"
"""Rung so that services look at what is wanted of them now, and not with their next heartbeat."""


def show(request: Request) -> Reply:
    """Show from which level on each logger logs, as each service told last."""
    request.enforce(_RULE)
    prefix = request.body.get("prefix") or ""
    with request.around.db.read() as tx:
        rows = _services(tx, request.body)
    levels = [_view(row, log_levels.beginning_with(row.log_levels or {}, prefix)) for row in rows]
    if _means_api(request.body):
        host = request.around.host
        levels.insert(0, {"host": host, "binary": _API, "levels": log_levels.of_process(prefix)})
    return Reply({"log_levels": levels})


def update(request: Request) -> Reply:
    """Let loggers log from another level on, until the service starts again."""
    request.enforce(_RULE)
    asked = request.body
    level = asked["level"].upper()
    if level not in log_levels.LEVELS:
        raise Malformed(f"level must be one of {', '.join(log_levels.LEVELS)}, not {asked['level']!r}.")
    wanted = {asked.get("prefix") or log_levels.OURS: level}

    def change(tx: Connection) -> None:
        for row in _services(tx, asked):
            services.want_log_levels(tx, row.binary, row.host, {**(row.wanted_log_levels or {}), **wanted})

    request.around.db.write(change)
    request.around.wake.ring(HEARTBEAT)
    if _means_api(asked):
        log_levels.apply(wanted)
    return Reply()


def _services(tx: Connection, asked: dict[str, Any]) -> list[AnyRow]:
    binary, server = asked.get("binary") or "*", asked.get("server")
    rows = services.list_all(tx, None if binary == "*" else binary, server or None)
    return list(rows)


def _means_api(asked: dict[str, Any]) -> bool:
    """The API that answers stands for all: it has no heartbeat to be told with."""
    return (asked.get("binary") or "*") in {"*", _API}


def _view(row: AnyRow, levels: dict[str, str]) -> dict[str, Any]:
    return {"host": row.host, "binary": row.binary, "levels": levels}
