"""Quotas: the limits of a project and of a quota class."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import paging
from lapilli.api.formats import BOOL
from lapilli.api.request import Parameter, Reply, Request
from lapilli.db import quotas, types
from lapilli.model.errors import Malformed

_RULE: Final = "volume_extension:quotas"
_CLASS_RULE: Final = "volume_extension:quota_classes"
SHOWN: Final = (Parameter("usage", BOOL),)
_IGNORED: Final = frozenset({"id", "tenant_id"})


def show(request: Request, id: str) -> Reply:
    """Show the limits of a project, with `usage` also what is used of them."""
    request.enforce(f"{_RULE}:show", {"project_id": id})
    rules = request.around.rules
    with request.around.db.read() as tx:
        limits = _known(tx, request, quotas.limits(tx, id, rules.quota))
        if not paging.flag(request.query, "usage"):
            return Reply({"quota_set": {"id": id, **limits}})
        used = quotas.usage(tx, id, snapshots_count=rules.snapshots_use_gigabytes)
    # Nothing is ever only reserved: what is admitted is in use.
    shown = {
        resource: {"limit": limit, "in_use": used.get(resource, 0), "reserved": 0} for resource, limit in limits.items()
    }
    return Reply({"quota_set": {"id": id, **shown}})


def defaults(request: Request, id: str) -> Reply:
    """Show the limits of projects that have none of their own."""
    request.enforce(f"{_RULE}:show", {"project_id": id})
    with request.around.db.read() as tx:
        limits = _known(tx, request, quotas.class_limits(tx, quotas.DEFAULT_CLASS, request.around.rules.quota))
    return Reply({"quota_set": {"id": id, **limits}})


def _known(tx: Connection, request: Request, limits: Mapping[str, int]) -> Mapping[str, int]:
    """Without the limits of types that the caller cannot see, which would tell their names."""
    seen, others = ({row.name for row in types.list_all(tx, scope)} for scope in (request.scope, None))
    hidden = {f"{resource}_{name}" for name in others - seen for resource in quotas.OF_TYPES}
    return {resource: limit for resource, limit in limits.items() if resource not in hidden}


def update(request: Request, id: str) -> Reply:
    """Give a project limits of its own."""
    request.enforce(f"{_RULE}:update", {"project_id": id})
    rules = request.around.rules
    wanted = {resource: int(limit) for resource, limit in request.body["quota_set"].items() if resource not in _IGNORED}

    def write(tx: Connection) -> Mapping[str, int]:
        quotas.take_turn(tx, id)
        _check_known(wanted, quotas.limits(tx, id, rules.quota))
        used = quotas.usage(tx, id, snapshots_count=rules.snapshots_use_gigabytes)
        _check_not_below(wanted, quotas.own_limits(tx, id), used)
        quotas.set_limits(tx, id, wanted)
        return quotas.limits(tx, id, rules.quota)

    return Reply({"quota_set": request.around.db.write(write)})


def delete(request: Request, id: str) -> Reply:
    """Let a project have the defaults again."""
    request.enforce(f"{_RULE}:delete", {"project_id": id})
    request.around.db.write(lambda tx: quotas.forget_limits(tx, id))
    return Reply()


def show_class(request: Request, id: str) -> Reply:
    """Show the limits of a quota class."""
    request.enforce(f"{_CLASS_RULE}:get")
    with request.around.db.read() as tx:
        limits = quotas.class_limits(tx, id, request.around.rules.quota)
    return Reply({"quota_class_set": {"id": id, **limits}})


def update_class(request: Request, id: str) -> Reply:
    """Change the limits of a quota class; `default` holds for every project without its own."""
    request.enforce(f"{_CLASS_RULE}:update")
    asked: dict[str, Any] = request.body["quota_class_set"]
    wanted = {resource: int(limit) for resource, limit in asked.items() if resource not in _IGNORED}
    around = request.around

    def write(tx: Connection) -> Mapping[str, int]:
        _check_known(wanted, quotas.class_limits(tx, id, around.rules.quota))
        quotas.set_class_limits(tx, id, wanted)
        return quotas.class_limits(tx, id, around.rules.quota)

    return Reply({"quota_class_set": around.db.write(write)})


def _check_known(wanted: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise Malformed(f"There is no quota {', '.join(unknown)}; there is {', '.join(sorted(known))}.")


def _check_not_below(wanted: Mapping[str, int], own: Mapping[str, int], used: Mapping[str, int]) -> None:
    """As in Cinder, the first limit of a project's own may be below what it uses; a later one may not."""
    for resource, limit in wanted.items():
        if resource in own and quotas.UNLIMITED != limit < used.get(resource, 0):
            raise Malformed(f"{resource}: the project uses {used[resource]}, which is more than {limit}.")
