"""`lapilli attach`: a volume as a block device of this machine, or as a disk for QEMU's programs."""

import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from lapilli.cmd.tables import table
from lapilli.host import attached, mounts, qemu
from lapilli.host.attached import Record
from lapilli.host.client import BlockStorage, from_environment
from lapilli.host.initiator import Initiator, kernel_names
from lapilli.host.removal import remove
from lapilli.machine.files import faults
from lapilli.model.errors import Conflict, LapilliError, Unavailable
from lapilli.model.values import GIB

_IQN: Final = "iqn.2010-10.org.openstack:lapilli-"


@click.command("attach")
@click.argument("volume", required=False)
@click.option("--ip", default="127.0.0.1", show_default=True, help="Address of this machine, for the records.")
@click.option(
    "--mountpoint", help="An existing directory: mount the volume's file system there. /dev/…: a record only."
)
@click.option(
    "--multipath/--no-multipath", default=None, help="Several paths to the volume.  [default: as this machine can]"
)
@click.option("--userspace", is_flag=True, help="Do not ask the kernel: print how QEMU's programs reach the volume.")
@click.option("--list", "listing", is_flag=True, help="Show the volumes that are attached to this machine's kernel.")
def attach(
    volume: str | None, ip: str, mountpoint: str | None, *, multipath: bool | None, userspace: bool, listing: bool
) -> None:
    """Attach VOLUME (its name or id) to this machine, and print its block device.

    The API is found by the variables OS_AUTH_URL, OS_USERNAME … of the openstack client; without any it is the one of
    `lapilli up`. A second call finds what the first one did, finishes it, and sees how large the volume is now.
    """
    if listing:
        _list()
    elif volume is None:
        raise click.UsageError("Missing argument 'VOLUME'.")
    elif userspace:
        more = {"mountpoint": mountpoint} if mountpoint else {}
        click.echo(_attach_userspace(from_environment(), volume, {**_userspace_host(ip), **more}))
    else:
        _attach_kernel(volume, ip, mountpoint, multipath)


def instance_of(initiator: str) -> str:
    """What stands for this machine where the API wants a server's id: always the same, so that it is found again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, initiator))


def userspace_initiator() -> str:
    """The initiator's name of this machine's programs, beside that of its kernel."""
    return _IQN + socket.gethostname().lower()


def secret_of(attachment: Mapping[str, Any]) -> Path:
    """The file with the password of an attachment to this machine's programs."""
    base = os.environ.get("XDG_RUNTIME_DIR") or "~/.cache"
    return Path(base).expanduser() / "lapilli" / f"{attachment['id']}.password"


def _attach_kernel(volume: str, ip: str, mountpoint: str | None, multipath: bool | None) -> None:
    initiator = Initiator()
    place = mounts.directory(mountpoint)
    storage = from_environment()
    about = initiator.properties(ip, multipath=multipath)
    volume_id = _find_volume(storage, volume)
    with attached.held(volume_id):
        found, before = _find(storage, volume_id, kernel_names()), attached.find(volume_id)
        if before and (found is None or before.attachment != found["id"]):
            # Somebody else has ended it. Its sessions are cut off, and would be taken for those of the new one.
            remove(initiator, before, is_lost=True)
            attached.forget(volume_id)
            before = None
        if before and multipath not in {None, before.is_multipath}:
            raise Conflict(f"Volume {volume} is attached with{'' if before.is_multipath else 'out'} multipath.")
        more = {"mountpoint": mountpoint} if mountpoint else {}
        attachment = _ensure(storage, volume_id, found, {**about, **more}, kernel_names()[0])
        is_multipath = about["multipath"] and initiator.has_multipath(attachment["connection_info"])
        record = _record(volume, attachment, before, is_multipath=is_multipath)
        attached.write(record)
        device = _connect(initiator, storage, attachment, record)
        record = replace(record, device=str(device), mountpoint=str(place) if place else record.mountpoint)
        attached.write(record)
        click.echo(device)
        if attachment["status"] == "attached":
            size = initiator.rescan(attachment["connection_info"], multipath=record.is_multipath)
            click.echo(f"It has {size} bytes ({size / GIB:g} GiB).", err=True)
        else:
            storage.complete(attachment["id"])
        if place:
            mounts.mount(device, place)


def _record(volume: str, attachment: Mapping[str, Any], before: Record | None, *, is_multipath: bool) -> Record:
    connection = attached.without_secrets(attachment["connection_info"])
    if before:
        return replace(before, name=volume, connection=connection)
    return Record(attachment["volume_id"], volume, attachment["id"], connection, is_multipath)


def _connect(initiator: Initiator, storage: BlockStorage, attachment: Mapping[str, Any], record: Record) -> Path:
    """The volume's block device. A volume that was not attached is given back when it cannot be."""
    try:
        return initiator.connect(attachment["connection_info"], multipath=record.is_multipath)
    except LapilliError:
        if attachment["status"] != "attached":
            remove(initiator, record, is_lost=True)
            storage.detach(attachment["id"])
            attached.forget(record.volume)
        raise


def _find_volume(storage: BlockStorage, name: str) -> str:
    volume = storage.find_volume(name)
    if storage.is_encrypted(volume):
        raise Unavailable(f"Volume {name} is encrypted, and only Nova opens such a volume.")
    return volume


def _find(storage: BlockStorage, volume: str, names: list[str]) -> Mapping[str, Any] | None:
    """The attachment of the volume to the host with one of these initiators' names."""
    found = (storage.find_attachment(volume, instance_of(name)) for name in names)
    return next((each for each in found if each), None)


def _ensure(
    storage: BlockStorage, volume: str, found: Mapping[str, Any] | None, connector: Mapping[str, Any], name: str
) -> Mapping[str, Any]:
    """The attachment of the volume to the host of that initiator, which is the one `found` if any, and connected."""
    if found is None:
        return storage.attach(volume, instance_of(name), connector)
    # One that is not attached is what a call before this one has begun.
    return found if found["status"] == "attached" else storage.connect(found["id"], connector)


def _userspace_host(ip: str) -> Mapping[str, Any]:
    return {"initiator": userspace_initiator(), "host": socket.gethostname(), "ip": ip, "multipath": False}


def _attach_userspace(storage: BlockStorage, volume: str, connector: Mapping[str, Any]) -> str:
    volume_id, name = _find_volume(storage, volume), connector["initiator"]
    attachment = _ensure(storage, volume_id, _find(storage, volume_id, [name]), connector, name)
    secret = secret_of(attachment)
    with faults(secret):
        secret.parent.mkdir(parents=True, exist_ok=True)
    disk = qemu.disk(attachment["connection_info"], name, secret)
    if attachment["status"] != "attached":
        storage.complete(attachment["id"])
    return f"qemu-img info {' '.join(disk.options)} --image-opts {disk.image}"


def _list() -> None:
    rows = []
    for each in attached.read_all():
        there = each.device if each.device and Path(each.device).is_block_device() else "not there"
        rows.append((each.name, each.volume, there, each.mountpoint))
    for line in table(("Name", "Volume", "Device", "Mounted at"), rows):
        click.echo(line)
