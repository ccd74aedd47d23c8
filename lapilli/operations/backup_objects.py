"""The objects of a backup whose row is known: where they are, what goes with them, and their way back to a volume."""

from collections.abc import Callable, Sequence

from lapilli.backup import restore, volume_fields
from lapilli.backup.manifest import Manifest
from lapilli.backup.names import Address
from lapilli.backup.volume_fields import Saved
from lapilli.db import backups
from lapilli.db.rows import AnyRow
from lapilli.operations.desks import BackupDesk
from lapilli.work.operation import Job


def address_of(desk: BackupDesk, row: AnyRow) -> Address:
    """Where the backup's objects are; for one that is not complete, where they will be."""
    if row.service_metadata:
        return Address(row.container, row.service_metadata)
    return Address(*desk.store.address(row.id, row.volume_id, row.container, row.created_at))


def facts_of(volume: AnyRow) -> str:
    """What the backup keeps of the volume beside its bytes, as Cinder writes it."""
    fields = {
        "id": volume.id,
        "project_id": volume.project_id,
        "user_id": volume.user_id,
        "display_name": volume.name,
        "display_description": volume.description,
        "size": volume.size_gib,
        "volume_type_id": volume.volume_type_id,
        "availability_zone": volume.availability_zone,
        "host": volume.host,
        "bootable": volume.bootable,
        "multiattach": volume.multiattach,
        "encryption_key_id": volume.encryption_key_id,
        "snapshot_id": volume.snapshot_id,
        "source_volid": volume.source_volid,
    }
    return volume_fields.to_json(fields, volume.metadata, volume.image_metadata)


def read_chain(desk: BackupDesk, backup_id: str) -> tuple[Sequence[Manifest], Saved]:
    """The manifests that make up the backup, all of whose objects are there, and what it knows of its volume.

    Raises `BackendFailed` or `Conflict`, naming the object that is missing or damaged. Nothing is written.
    """
    with desk.db.read() as tx:
        rows = backups.chain(tx, backup_id)
    manifests = restore.read_chain(desk.store, [address_of(desk, row) for row in rows])
    return manifests, volume_fields.from_json(manifests[-1].volume_meta)


def write_to(job: Job, desk: BackupDesk, backup_id: str, path: str) -> Saved:
    """Give the device at `path` the backup's bytes, and return what the volume gets back beside them."""
    manifests, saved = read_chain(desk, backup_id)
    total_bytes = sum(entry.length for each in manifests for entry in each.entries)
    with desk.open_device(path, is_written=True) as device:
        restore.restore(device, desk.store, manifests, watched(job, total_bytes))
    return saved


def watched(job: Job, total_bytes: int) -> Callable[[int], None]:
    """What the writers call with the bytes that are done with: the job says how far it is, or that it is to end."""
    done_bytes = 0

    def watch(more_bytes: int) -> None:
        nonlocal done_bytes
        job.check()
        done_bytes += more_bytes
        job.progress = f"{100 * done_bytes // total_bytes}%"

    return watch
