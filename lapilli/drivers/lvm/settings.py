"""The options of a backend whose volumes are logical volumes."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class LvmSettings:
    volume_group: str = option(
        "cinder-volumes", help="The volume group. It is made beforehand: `vgcreate NAME DEVICE…`, of clean disks."
    )
    lvm_type: str = option(
        "auto",
        choices=("auto", "default", "thin"),
        help="`default`: thick volumes and copy-on-write snapshots. `thin`: all in the thin pool <volume_group>-pool, "
        "made if missing. `auto`: thin if the group has that pool or is empty, and thin tools are installed.",
    )
    lvm_mirrors: int = option(0, low=0, high=9, help="How many more copies a thick volume has, each on its own disk.")
    lvm_conf_file: str | None = option(
        "/etc/cinder/lvm.conf",
        help="The file, of this name in its own directory, that LVM reads instead of /etc/lvm/lvm.conf if it is there; "
        "None: never.",
    )
    lvm_suppress_fd_warnings: bool = option(False, help="Keep LVM from telling of open files in its messages.")
    volume_clear: str = option(
        "zero",
        choices=("zero", "none"),
        help="What becomes of the bytes of deleted thick volumes. With `none` the next volume has them.",
    )
    volume_clear_size: int = option(
        0, low=0, high=1024, help="MiB from the start of a volume that are overwritten; 0: all of it."
    )
    volume_clear_ionice: str | None = option(
        None, help="What `ionice` is told of the overwriting, such as -c3: only while nobody else needs the disk."
    )
    reserved_percentage: int = option(0, low=0, high=100, help="Per cent of the pool that stays free.")
    max_over_subscription_ratio: str = option(
        "20.0",
        legacy=("lvm_max_over_subscription_ratio",),
        help="How many times the size of a thin pool may be promised: a number from 1, or `auto`.",
    )
