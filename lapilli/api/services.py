"""Services: who lives, who takes new volumes, and whose backend is frozen."""

from typing import Any

from sqlalchemy import Connection

from lapilli.api.request import Reply, Request
from lapilli.api.views import services as views
from lapilli.db import services
from lapilli.model.errors import Conflict, Malformed

_UPDATE_RULE = "volume_extension:services:update"


def index(request: Request) -> Reply:
    """List the services, all or those of a host or a binary."""
    request.enforce("volume_extension:services:index")
    query = request.query
    with request.around.db.read() as tx:
        rows = services.list_all(tx, query.get("binary") or query.get("service") or None, query.get("host") or None)
    return Reply({"services": [views.details(request, row) for row in rows]})


def enable(request: Request) -> Reply:
    """Let a service take new volumes. Why it did not is forgotten."""
    return Reply(_switch(request, "enabled", disabled=False, disabled_reason=None))


def disable(request: Request) -> Reply:
    """Give a service no new volumes."""
    return Reply(_switch(request, "disabled", disabled=True))


def disable_with_reason(request: Request) -> Reply:
    """Give a service no new volumes, and say why."""
    reason = request.body["disabled_reason"]
    view = _switch(request, "disabled", disabled=True, disabled_reason=reason)
    return Reply({**view, "disabled_reason": reason})


def _switch(request: Request, status: str, **values: Any) -> dict[str, Any]:
    request.enforce(_UPDATE_RULE)
    asked = request.body
    binary, service = asked.get("binary", ""), asked.get("service", "")
    request.around.db.write(lambda tx: services.change(tx, binary or service, asked["host"], **values))
    view = {"host": asked["host"], "service": service, "binary": binary}
    return {**view, "status": status, "disabled": values["disabled"]}


def freeze(request: Request) -> Reply:
    """Let nothing be created, changed or deleted on a backend."""
    _set_frozen(request, "volume:freeze_host", frozen=True)
    return Reply()


def thaw(request: Request) -> Reply:
    """End the freeze of a backend."""
    _set_frozen(request, "volume:thaw_host", frozen=False)
    return Reply()


def _set_frozen(request: Request, rule: str, *, frozen: bool) -> None:
    request.enforce(_UPDATE_RULE)
    request.enforce(rule)
    if request.body.get("cluster"):
        raise Malformed("cluster: this service has no clusters; name the host.")
    host = request.body.get("host")
    if host is None:
        raise Malformed("Give the host, such as node@backend.")

    def change(tx: Connection) -> None:
        row = services.find(tx, "cinder-volume", host)
        if row is None:
            raise Malformed(f"There is no volume service {host}; name it as the list of services does.")
        if row.frozen is frozen:
            raise Conflict(f"Service {host} is {'frozen already' if frozen else 'not frozen'}.")
        services.change(tx, "cinder-volume", host, frozen=frozen)

    request.around.db.write(change)
