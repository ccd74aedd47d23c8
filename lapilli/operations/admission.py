"""What admissions have in common: the operator's rules, and the quota of a project."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from lapilli.db import pools, quotas, services
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, Refused
from lapilli.model.states import MIGRATING
from lapilli.model.values import Caller, Location


@dataclass(frozen=True)
class Rules:
    """The operator's settings that decide what is admitted."""

    quota: Mapping[str, int] = field(default_factory=dict)
    """Limits of projects that have none of their own, by resource; -1 is unlimited."""
    snapshots_use_gigabytes: bool = True
    default_volume_type: str = "__DEFAULT__"
    default_group_type: str | None = None
    encryption_key_id: str | None = None
    """The id of the key that every encrypted volume has; None where there is no key manager."""
    default_availability_zone: str | None = None
    """The zone of a volume that asks for none; None leaves all zones to the scheduler."""
    falls_back_to_default_zone: bool = False
    uploads_in_use: bool = False
    """Whether a volume in use may become an image, where the request insists."""
    compresses_images: bool = False
    """Whether an image may be made in the container `compressed`."""
    refuses_signed_images: bool = True
    """Signatures cannot be verified here."""
    reserved_image_namespaces: tuple[str, ...] = ()
    """How the names of further properties begin that an image does not get from its volume."""
    service_down_time_s: float = 60.0
    """Seconds without a sign of life after which a service is given no work."""
    volume_name_template: str = "volume-%s"
    snapshot_name_template: str = "snapshot-%s"
    """What volumes and snapshots are called on their storage; `%s` is the id."""
    transfer_key_length: int = 16
    transfer_salt_length: int = 8
    """Hexadecimal digits of the keys of transfers, and of what is mixed into their digests."""


def scope_of(caller: Caller) -> str | None:
    """The project whose resources the caller may see, or None for those of all."""
    return None if caller.is_admin else caller.project_id


def require_status(kind: str, row: AnyRow, allowed: Collection[str]) -> None:
    """Raise `Conflict` unless the row is in one of the statuses; a volume that is being migrated is in none."""
    if row.status not in allowed:
        raise Conflict(f"{kind} {row.id} is {row.status}; it must be {' or '.join(sorted(allowed))}.")
    if getattr(row, "migration_status", None) in MIGRATING:
        raise Conflict(f"{kind} {row.id} is being migrated; wait for the end of that.")


def take_quota(
    tx: Connection,
    rules: Rules,
    project_id: str,
    more: Mapping[str, int],
    type_name: str,
    limits: Mapping[str, int] | None = None,
) -> None:
    """Check that the project may have `more`, also of the type's own quotas; nobody else counts meanwhile.

    Sizes of volumes are GiB under `gigabytes`. `limits` are the project's, if the caller has read them. Raises
    `QuotaExceeded`, and `Malformed` for a caller without a project.
    """
    take_quotas(tx, rules, project_id, [(type_name, more)], limits=limits)


def take_quotas(
    tx: Connection,
    rules: Rules,
    project_id: str,
    pieces: Iterable[tuple[str, Mapping[str, int]]],
    others: Mapping[str, int] | None = None,
    limits: Mapping[str, int] | None = None,
) -> None:
    """`take_quota` of several pieces at once, each (name of its type, how much), and of what has no type."""
    if not project_id:
        raise Malformed("This makes something that belongs to a project, and the token is of none.")
    quotas.take_turn(tx, project_id)
    if limits is None:
        limits = quotas.limits(tx, project_id, rules.quota)
    wanted = Counter(others or {})
    for type_name, more in pieces:
        wanted.update(more)
        wanted.update({f"{resource}_{type_name}": amount for resource, amount in more.items()})
    used = quotas.usage(tx, project_id, snapshots_count=rules.snapshots_use_gigabytes, of=wanted)
    quotas.check(used, limits, wanted)


def check_volume_size(limits: Mapping[str, int], size_gib: int, kind: AnyRow) -> None:
    """The limits that a single volume must keep: the project's, and those of its type."""
    limit = limits.get("per_volume_gigabytes", quotas.UNLIMITED)
    if limit != quotas.UNLIMITED and size_gib > limit:
        raise Refused(f"VolumeSizeExceedsLimit: {size_gib} GiB is more than the {limit} GiB that one volume may have.")
    check_size_for_type(size_gib, kind)


def check_size_for_type(size_gib: int, kind: AnyRow) -> None:
    """The limits that a type sets for its volumes."""
    least = kind.extra_specs.get("provisioning:min_vol_size", "")
    most = kind.extra_specs.get("provisioning:max_vol_size", "")
    if least.isdigit() and size_gib < int(least):
        raise Malformed(f"A volume of type {kind.name} has at least {least} GiB; {size_gib} GiB were asked for.")
    if most.isdigit() and size_gib > int(most):
        raise Malformed(f"A volume of type {kind.name} has at most {most} GiB; {size_gib} GiB were asked for.")


def find_service(tx: Connection, rules: Rules, *, host: str | None, cluster: str | None) -> AnyRow | None:
    """The volume service of a host, or one of a cluster, as an administrator names it; None if there is none.

    Raises `Malformed` if it is down or disabled.
    """
    if host:
        found = services.find(tx, "cinder-volume", Location.parse(host).service)
        candidates = [found] if found else []
    else:
        wanted = Location.parse(cluster or "").service
        candidates = [row for row in services.list_all(tx, "cinder-volume") if row.cluster_name == wanted]
    if not candidates:
        return None
    fit = [row for row in candidates if row.age_s <= rules.service_down_time_s and not row.disabled]
    if not fit:
        how = "disabled" if candidates[0].disabled else "down"
        raise Malformed(f"The volume service {candidates[0].host} is {how}.")
    return fit[0]


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
