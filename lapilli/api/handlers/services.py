"""Services: who lives, who takes new volumes, and whose backend is frozen."""

from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views import services as views
from lapilli.db import services
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed

_UPDATE_RULE = "volume_extension:services:update"
LISTED: Final = tuple(Parameter(name) for name in ("binary", "host"))


def index(request: Request) -> Reply:
    """List the services, all or those of a host or a binary."""
    request.enforce("volume_extension:services:index")
    query = request.query
    with request.around.db.read() as tx:
        rows = services.list_all(tx, query.get("binary") or None, query.get("host") or None)
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

    def change(tx: Connection) -> None:
        for row in _of_host_or_cluster(tx, request.body):
            if row.frozen is frozen:
                raise Conflict(f"Service {row.host} is {'frozen already' if frozen else 'not frozen'}.")
            reason = "frozen" if frozen else ""
            services.change(tx, "cinder-volume", row.host, frozen=frozen, disabled=frozen, disabled_reason=reason)

    request.around.db.write(change)


def _of_host_or_cluster(tx: Connection, asked: dict[str, Any]) -> list[AnyRow]:
    """The volume services meant: the one named, or those of a cluster; at least one."""
    host, cluster = asked.get("host"), asked.get("cluster")
    if bool(host) == bool(cluster):
        raise Malformed("Give either the host, such as node@backend, or the cluster.")
    rows = services.list_all(tx, "cinder-volume")
    meant = [row for row in rows if (row.host == host if host else row.cluster_name == cluster)]
    if not meant:
        raise Malformed(f"There is no volume service {host or cluster}; name it as the list of services does.")
    return meant


def failover(request: Request) -> Reply:
    """Let the other side of a replicated backend serve its volumes; refused, for no backend replicates."""
    request.enforce(_UPDATE_RULE)
    request.enforce("volume:failover_host")
    with request.around.db.read() as tx:
        row = _of_host_or_cluster(tx, request.body)[0]
    raise Conflict(
        f"Service {row.host} cannot fail over: its replication is {row.replication_status or 'disabled'}. "
        "Set replication_device in its section, with a driver that replicates."
    )
