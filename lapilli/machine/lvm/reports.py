"""What LVM's reports say of a group and its volumes."""

from collections.abc import Mapping
from dataclasses import dataclass

from lapilli.machine.lvm import lvm
from lapilli.model.errors import BackendFailed


@dataclass(frozen=True)
class VolumeGroup:
    """A volume group; sizes are bytes, whole extents."""

    uuid: str
    size_bytes: int
    free_bytes: int
    extent_bytes: int


@dataclass(frozen=True)
class LogicalVolume:
    """A logical volume or a thin pool.

    `size_bytes` is what its device has; of a copy-on-write snapshot, that is the size that its origin had. `origin` is
    the volume that it is a snapshot or a clone of, for as long as that exists; `pool` the thin pool that it lies in.
    The two percentages say how full a pool is; `data_percent` also how full the room of a copy-on-write snapshot.
    """

    name: str
    uuid: str
    size_bytes: int
    origin: str | None
    pool: str | None
    layout: frozenset[str]
    roles: frozenset[str]
    tags: frozenset[str]
    health: str
    data_percent: float
    metadata_percent: float
    is_active: bool
    is_open: bool
    is_suspended: bool
    is_overflown: bool

    @property
    def is_pool(self) -> bool:
        return "pool" in self.layout

    @property
    def is_thin(self) -> bool:
        return self.pool is not None and not self.is_pool

    @property
    def is_cow(self) -> bool:
        """Whether it is a copy-on-write snapshot."""
        return "thicksnapshot" in self.roles

    @property
    def is_internal(self) -> bool:
        return "private" in self.roles

    @property
    def is_half(self) -> bool:
        """Whether it has not got all its bytes yet."""
        return lvm.HALF in self.tags

    @property
    def is_made_here(self) -> bool:
        return lvm.MADE in self.tags


def group_of(row: Mapping[str, str]) -> VolumeGroup:
    """A row of `vgs`; `BackendFailed` if it is none."""
    try:
        return VolumeGroup(row["vg_uuid"], int(row["vg_size"]), int(row["vg_free"]), int(row["vg_extent_size"]))
    except (KeyError, ValueError) as error:
        raise BackendFailed(f"vgs told something else of a volume group than was asked: {dict(row)}") from error


def volume_of(row: Mapping[str, str]) -> LogicalVolume:
    """A row of `lvs`; `BackendFailed` if it is none."""
    try:
        roles = _words(row["lv_role"])
        size = row["origin_size"] if "thicksnapshot" in roles else row["lv_size"]
        return LogicalVolume(
            name=row["lv_name"],
            uuid=row["lv_uuid"],
            size_bytes=int(size),
            origin=row["origin"].strip("[]") or None,
            pool=row["pool_lv"].strip("[]") or None,
            layout=_words(row["lv_layout"]),
            roles=roles,
            tags=_words(row["lv_tags"]),
            health=row["lv_health_status"],
            data_percent=float(row["data_percent"] or 0),
            metadata_percent=float(row["metadata_percent"] or 0),
            is_active=row["lv_active"] == "active",
            is_open=row["lv_device_open"] == "open",
            is_suspended=row["lv_suspended"] == "suspended",
            is_overflown=row["lv_snapshot_invalid"] == "snapshot invalid",
        )
    except (KeyError, ValueError) as error:
        raise BackendFailed(f"lvs told something else of a volume than was asked: {dict(row)}") from error


def read_group(group: str) -> VolumeGroup:
    """The group as it is now; `BackendFailed` if it is not there."""
    return group_of(lvm.read_group(group))


def read_volumes(group: str) -> dict[str, LogicalVolume]:
    """The group's volumes and thin pools, by name. Those that a killed program has left suspended go on.

    LVM's own lock is held while it reads: no other program of its kind is at work on a volume that is suspended then.
    """
    volumes = {volume.name: volume for volume in map(volume_of, lvm.read_volumes(group))}
    if stopped := [volume.name for volume in volumes.values() if volume.is_suspended and not volume.is_pool]:
        lvm.activate(group, stopped)
    return volumes


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split(",") if word)
