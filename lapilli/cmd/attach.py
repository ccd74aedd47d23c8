"""`lapilli attach`: a volume as a block device of this machine, or as a disk for QEMU's programs."""

import os
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from lapilli.cmd import qemu
from lapilli.cmd.client import BlockStorage, from_environment
from lapilli.cmd.initiator import Initiator
from lapilli.machine.files import faults
from lapilli.model.errors import BackendFailed

_IQN: Final = "iqn.2010-10.org.openstack:lapilli-"


@click.command("attach")
@click.argument("volume")
@click.option("--ip", default="127.0.0.1", show_default=True, help="Address of this machine, for the records.")
@click.option("--mountpoint", help="Where the volume will be used, for the records; as /dev/vdb or /srv.")
@click.option("--userspace", is_flag=True, help="Do not ask the kernel: print how QEMU's programs reach the volume.")
def attach(volume: str, ip: str, mountpoint: str | None, *, userspace: bool) -> None:
    """Attach VOLUME (its name or id) to this machine, and print its block device.

    The API is found by the variables OS_AUTH_URL, OS_USERNAME … of the openstack client; without any it is the one of
    `lapilli up`. A second call finds what the first one did.
    """
    more = {"mountpoint": mountpoint} if mountpoint else {}
    if userspace:
        click.echo(_attach_userspace(from_environment(), volume, {**_userspace_host(ip), **more}))
        return
    initiator = Initiator()
    storage = from_environment()
    about = {**initiator.properties(ip), **more}
    attachment = _ensure(storage, storage.find_volume(volume), about)
    try:
        device = initiator.connect(attachment["connection_info"])
    except BackendFailed:
        initiator.disconnect(attachment["connection_info"])
        storage.detach(attachment["id"])
        raise
    if attachment["status"] != "attached":
        storage.complete(attachment["id"])
    click.echo(device)


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


def _ensure(storage: BlockStorage, volume: str, connector: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attachment of the volume to the connector's host, with its connection info."""
    instance = instance_of(connector["initiator"])
    found = storage.find_attachment(volume, instance)
    if found is None:
        return storage.attach(volume, instance, connector)
    if found["status"] == "attached":
        return found
    # What a call before this one has begun.
    return storage.connect(found["id"], connector)


def _userspace_host(ip: str) -> Mapping[str, Any]:
    return {"initiator": userspace_initiator(), "host": socket.gethostname(), "ip": ip, "multipath": False}


def _attach_userspace(storage: BlockStorage, volume: str, connector: Mapping[str, Any]) -> str:
    attachment = _ensure(storage, storage.find_volume(volume), connector)
    secret = secret_of(attachment)
    with faults(secret):
        secret.parent.mkdir(parents=True, exist_ok=True)
    disk = qemu.disk(attachment["connection_info"], connector["initiator"], secret)
    if attachment["status"] != "attached":
        storage.complete(attachment["id"])
    return f"qemu-img info {' '.join(disk.options)} --image-opts {disk.image}"
