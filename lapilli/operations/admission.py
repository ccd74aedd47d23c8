"""What admissions have in common: the operator's rules, and the quota of a project."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from lapilli.db import pools, quotas, services, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, NotFound, Refused
from lapilli.model.values import Caller, Location


@dataclass(frozen=True)
class Rules:
    """The operator's settings that decide what is admitted."""

    quota: Mapping[str, int] = field(default_factory=dict)
    """Limits of projects that have none of their own, by resource; -1 is unlimited."""
    snapshots_use_gigabytes: bool = True
    default_volume_type: str = "__DEFAULT__"
    default_availability_zone: str | None = None
    """The zone of a volume that asks for none; None leaves all zones to the scheduler."""
    falls_back_to_default_zone: bool = False


def scope_of(caller: Caller) -> str | None:
    """The project whose resources the caller may see, or None for those of all."""
    return None if caller.is_admin else caller.project_id


def require_status(kind: str, row: AnyRow, allowed: Collection[str]) -> None:
    """Raise `Conflict` unless the row is in one of the statuses."""
    if row.status not in allowed:
        raise Conflict(f"{kind} {row.id} is {row.status}; it must be {' or '.join(sorted(allowed))}.")


def take_quota(tx: Connection, rules: Rules, project_id: str, more: Mapping[str, int], type_name: str) -> None:
    """Check that the project may have `more`, also of the type's own quotas; nobody else counts meanwhile.

    Sizes of volumes are GiB under `gigabytes`. Raises `QuotaExceeded`.
    """
    quotas.take_turn(tx, project_id)
    limits = quotas.limits(tx, project_id, rules.quota)
    wanted = {**more, **{f"{resource}_{type_name}": amount for resource, amount in more.items()}}
    used = quotas.usage(tx, project_id, snapshots_count=rules.snapshots_use_gigabytes)
    quotas.check(used, limits, wanted)


def check_volume_size(tx: Connection, rules: Rules, project_id: str, size_gib: int, kind: AnyRow) -> None:
    """The limits that a single volume must keep: the project's, and those of its type."""
    limit = quotas.limits(tx, project_id, rules.quota).get("per_volume_gigabytes", quotas.UNLIMITED)
    if limit != quotas.UNLIMITED and size_gib > limit:
        raise Refused(f"VolumeSizeExceedsLimit: {size_gib} GiB is more than the {limit} GiB that one volume may have.")
    least = kind.extra_specs.get("provisioning:min_vol_size", "")
    most = kind.extra_specs.get("provisioning:max_vol_size", "")
    if least.isdigit() and size_gib < int(least):
        raise Malformed(f"A volume of type {kind.name} has at least {least} GiB; {size_gib} GiB were asked for.")
    if most.isdigit() and size_gib > int(most):
        raise Malformed(f"A volume of type {kind.name} has at most {most} GiB; {size_gib} GiB were asked for.")


def check_not_frozen(tx: Connection, host: str) -> None:
    """Refuse what would change a frozen backend."""
    service = services.find(tx, "cinder-volume", Location.parse(host).service)
    if service is not None and service.frozen:
        raise Conflict("The storage behind this volume is frozen: it takes no changes now.")


def check_at_rest(tx: Connection, volume: AnyRow) -> None:
    """Refuse to copy a volume that is written to, where the copy would not be of one moment."""
    if volume.status == "in-use" and pools.fact(tx, volume.host, "copies_snapshots"):
        raise Conflict(
            f"Volume {volume.id} is in-use, and its storage cannot copy it as of one moment. Detach it first, "
            "or keep the volumes on a file system with reflinks (xfs, btrfs)."
        )


def choose_type(tx: Connection, rules: Rules, asked: str | None, like: AnyRow | None, scope: str | None) -> AnyRow:
    """The type asked for by id or name, else that of the source, else the default one."""
    if asked:
        found = types.find_named(tx, asked, scope)
    elif like is not None:
        found = types.find(tx, like.volume_type_id, None)
    else:
        found = types.find_named(tx, rules.default_volume_type, None)
    if found is None:
        raise NotFound("Volume type", asked or rules.default_volume_type)
    return found


def choose_zone(tx: Connection, rules: Rules, asked: str | None, like: AnyRow | None) -> str | None:
    """The zone asked for, else that of the source, else the operator's default; None means any."""
    if asked is None:
        return like.availability_zone if like is not None else rules.default_availability_zone
    known = {row.availability_zone for row in services.list_all(tx, binary="cinder-volume")}
    if asked in known:
        return asked
    if rules.falls_back_to_default_zone:
        return rules.default_availability_zone
    raise Malformed(f"Availability zone {asked} is not known; there is {', '.join(sorted(known)) or 'none yet'}.")
