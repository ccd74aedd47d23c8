"""`lapilli detach`: give a volume back that `lapilli attach` has attached."""

from collections.abc import Mapping
from typing import Any

import click

from lapilli.cmd.attach import instance_of, secret_of, userspace_initiator
from lapilli.host import attached
from lapilli.host.attached import Record
from lapilli.host.client import BlockStorage, from_environment
from lapilli.host.initiator import Initiator, kernel_names
from lapilli.host.removal import remove
from lapilli.model.errors import NotFound


@click.command("detach")
@click.argument("volume")
@click.option(
    "--local", is_flag=True, help="Only on this machine: the API is not asked, and what is unwritten is lost."
)
def detach(volume: str, *, local: bool) -> None:
    """Detach VOLUME (its name or id) from this machine; if it is not attached, do nothing.

    A file system that `lapilli attach --mountpoint` has mounted is unmounted. What an attachment left on this machine
    that the API does not know any more is taken away.
    """
    done = _only_here(attached.find(volume)) if local else _detach(from_environment(), volume)
    if not done:
        click.echo(f"Volume {volume} is not attached to this machine.")


def _only_here(record: Record | None) -> bool:
    if record is None:
        return False
    with attached.held(record.volume):
        remove(Initiator(), record, is_lost=True)
        attached.forget(record.volume)
    return True


def _detach(storage: BlockStorage, name: str) -> bool:
    volume = _volume_id(storage, name)
    record = attached.find(volume)
    userspace = storage.find_attachment(volume, instance_of(userspace_initiator()))
    if userspace is not None:
        storage.detach(userspace["id"])
        secret_of(userspace).unlink(missing_ok=True)
    found = _of_kernel(storage, volume)
    if record is None and found is None:
        return userspace is not None
    with attached.held(volume):
        if record is None and found is not None and found["connection_info"]:
            is_multipath = "target_portals" in found["connection_info"]
            record = Record(volume, name, found["id"], found["connection_info"], is_multipath)
        if record is not None:
            remove(Initiator(), record, is_lost=found is None or found["id"] != record.attachment)
        if found is not None:
            _give_back(storage, found["id"])
        attached.forget(volume)
    return True


def _volume_id(storage: BlockStorage, name: str) -> str:
    """The volume's id, which this machine remembers where the API has forgotten the volume."""
    try:
        return storage.find_volume(name)
    except NotFound:
        if record := attached.find(name):
            return record.volume
        raise


def _of_kernel(storage: BlockStorage, volume: str) -> Mapping[str, Any] | None:
    for name in kernel_names():
        if found := storage.find_attachment(volume, instance_of(name)):
            return found
    return None


def _give_back(storage: BlockStorage, attachment: str) -> None:
    try:
        storage.detach(attachment)
    except NotFound:
        return  # somebody else was faster
