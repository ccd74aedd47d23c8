"""Limits, and what is used of them: counted from the rows, in the transaction that adds one, so it cannot drift."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from lapilli.db.schema import backups, groups, projects, quota_classes, quotas, snapshots, volume_types, volumes
from lapilli.model.errors import QuotaExceeded

UNLIMITED = -1
DEFAULT_CLASS = "default"
OF_TYPES: Final = ("volumes", "gigabytes", "snapshots")
"""Resources of which there is also one of each type: `_` and the name of the type follow."""


def _usage_by_type(table: Table, size_gib: Column[int]) -> Select[*tuple[Any, ...]]:
    """Name and id of each type that the project uses, with the number and the GiB of its resources."""
    of_type = (
        select(table.c.volume_type_id, func.count(), func.coalesce(func.sum(size_gib), 0))
        .where(table.c.project_id == bindparam("project"), table.c.consumes_quota)
        .group_by(table.c.volume_type_id)
        .subquery()
    )
    return select(volume_types.c.name, of_type).join(of_type, of_type.c.volume_type_id == volume_types.c.id)


_USAGE: Final = {
    "volumes": _usage_by_type(volumes, volumes.c.charged_gib),
    "snapshots": _usage_by_type(snapshots, snapshots.c.size_gib),
}
# What a retype promises: volumes and their snapshots count in the quotas of the type that they are to have, too.
_IS_RETYPED: Final = (volumes.c.project_id == bindparam("project")) & volumes.c.new_type_id.is_not(None)
_PROMISED: Final = union_all(
    select(literal("volumes"), volume_types.c.name, func.count(), func.sum(volumes.c.charged_gib))
    .join(volumes, volumes.c.new_type_id == volume_types.c.id)
    .where(_IS_RETYPED, volumes.c.consumes_quota)
    .group_by(volume_types.c.name),
    select(literal("snapshots"), volume_types.c.name, func.count(), func.sum(snapshots.c.size_gib))
    .join(volumes, volumes.c.new_type_id == volume_types.c.id)
    .join(snapshots, snapshots.c.volume_id == volumes.c.id)
    .where(_IS_RETYPED, snapshots.c.consumes_quota)
    .group_by(volume_types.c.name),
)
_COUNTS: Final = {
    "groups": select(func.count()).select_from(groups).where(groups.c.project_id == bindparam("project")),
    "backups": select(func.count()).select_from(backups).where(backups.c.project_id == bindparam("project")),
    "backup_gigabytes": select(func.coalesce(func.sum(backups.c.size_gib), 0)).where(
        backups.c.project_id == bindparam("project")
    ),
}
_TAKING_TURN: Final = update(projects).where(projects.c.id == bindparam("project")).values(turn=projects.c.turn + 1)
_TYPE_NAMES: Final = select(volume_types.c.name)
_OWN_LIMITS: Final = select(quotas.c.resource, quotas.c.hard_limit).where(quotas.c.project_id == bindparam("project"))
_CLASS_LIMITS: Final = select(quota_classes.c.resource, quota_classes.c.hard_limit).where(
    quota_classes.c.class_name == bindparam("class")
)


def take_turn(tx: Connection, project_id: str) -> None:
    """Wait until no other transaction changes what the project uses; must be the first statement that writes."""
    which = {"project": project_id}
    if tx.execute(_TAKING_TURN, which).rowcount:
        return
    try:
        with tx.begin_nested():
            tx.execute(insert(projects).values(id=project_id, turn=1))
    except IntegrityError:
        tx.execute(_TAKING_TURN, which)  # another request of a new project was a moment faster


def usage(
    tx: Connection, project_id: str, *, snapshots_count: bool = True, of: Collection[str] | None = None
) -> dict[str, int]:
    """What the project uses: `volumes`, `snapshots`, `gigabytes`, each also with `_<type>` for its types; `groups`,
    `backups` and `backup_gigabytes`.

    `snapshots_count` tells whether the sizes of snapshots are part of the gigabytes. `of` are the resources that are
    asked for; others need not be counted.
    """
    which = {"project": project_id}
    counted = {
        resource: int(tx.execute(counts, which).scalar_one())
        for resource, counts in _COUNTS.items()
        if of is None or resource in of
    }
    if of is not None and counted.keys() >= set(of):
        return counted
    return counted | _usage_of_types(tx, which, snapshots_count=snapshots_count)


def _usage_of_types(tx: Connection, which: Mapping[str, str], *, snapshots_count: bool) -> dict[str, int]:
    used = {"volumes": 0, "snapshots": 0, "gigabytes": 0}
    for resource, usage_by_type in _USAGE.items():
        for name, _type_id, number, size_gib in tx.execute(usage_by_type, which):
            counted_gib = int(size_gib) if resource == "volumes" or snapshots_count else 0
            for key, amount in ((resource, number), ("gigabytes", counted_gib)):
                used[key] += amount
                used[f"{key}_{name}"] = used.get(f"{key}_{name}", 0) + amount
    for resource, name, number, size_gib in tx.execute(_PROMISED, which):
        counted_gib = int(size_gib) if resource == "volumes" or snapshots_count else 0
        for key, amount in ((resource, number), ("gigabytes", counted_gib)):
            used[f"{key}_{name}"] = used.get(f"{key}_{name}", 0) + amount
    return used


def limits(tx: Connection, project_id: str, defaults: Mapping[str, int]) -> dict[str, int]:
    """The limit of every resource: the project's own, else the default class's, else the configured default."""
    found = class_limits(tx, DEFAULT_CLASS, defaults)
    return found | {resource: limit for resource, limit in own_limits(tx, project_id).items() if resource in found}


def own_limits(tx: Connection, project_id: str) -> dict[str, int]:
    """The limits that the project has of its own, also of types that are gone."""
    return {row.resource: row.hard_limit for row in tx.execute(_OWN_LIMITS, {"project": project_id})}


def class_limits(tx: Connection, class_name: str, defaults: Mapping[str, int]) -> dict[str, int]:
    """The limits of a quota class, else the configured defaults. A class that nobody has set has the defaults.

    Every volume type has three resources of its own, unlimited unless somebody set them.
    """
    found = dict(defaults)
    for name in tx.execute(_TYPE_NAMES).scalars():
        found |= {f"{resource}_{name}": UNLIMITED for resource in OF_TYPES}
    of_class = tx.execute(_CLASS_LIMITS, {"class": class_name})
    return found | {resource: limit for resource, limit in of_class if resource in found}


def set_limits(tx: Connection, project_id: str, wanted: Mapping[str, int]) -> None:
    """Write limits of the project's own."""
    for resource, limit in wanted.items():
        mine = (quotas.c.project_id == project_id) & (quotas.c.resource == resource)
        if not tx.execute(update(quotas).where(mine).values(hard_limit=limit)).rowcount:
            tx.execute(insert(quotas).values(project_id=project_id, resource=resource, hard_limit=limit))


def set_class_limits(tx: Connection, class_name: str, wanted: Mapping[str, int]) -> None:
    """Write limits of a quota class; those of the class `default` hold for every project without its own."""
    take_turn(tx, f"class {class_name}")
    for resource, limit in wanted.items():
        mine = (quota_classes.c.class_name == class_name) & (quota_classes.c.resource == resource)
        if not tx.execute(update(quota_classes).where(mine).values(hard_limit=limit)).rowcount:
            tx.execute(insert(quota_classes).values(class_name=class_name, resource=resource, hard_limit=limit))


def forget_limits(tx: Connection, project_id: str) -> None:
    """Let the project have the defaults again."""
    tx.execute(delete(quotas).where(quotas.c.project_id == project_id))


def check(used: Mapping[str, int], limit_of: Mapping[str, int], more: Mapping[str, int]) -> None:
    """Raise `QuotaExceeded` when `more` on top of `used` passes a limit. Sizes are named before numbers."""
    exceeded = [
        resource
        for resource, amount in more.items()
        if amount > 0
        and limit_of.get(resource, UNLIMITED) != UNLIMITED
        and used.get(resource, 0) + amount > limit_of[resource]
    ]
    if exceeded:
        first = min(exceeded, key=lambda resource: ("gigabytes" not in resource, exceeded.index(resource)))
        raise QuotaExceeded(first, more[first], used.get(first, 0), limit_of[first])
