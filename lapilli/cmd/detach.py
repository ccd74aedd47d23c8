"""`lapilli detach`: give a volume back that `lapilli attach` has attached."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from lapilli.cmd.attach import instance_of, secret_of, userspace_initiator
from lapilli.cmd.client import from_environment
from lapilli.cmd.initiator import Initiator, kernel_initiator
from lapilli.model.errors import Conflict

_MOUNTS = Path("/proc/self/mounts")


@click.command("detach")
@click.argument("volume")
def detach(volume: str) -> None:
    """Detach VOLUME (its name or id) from this machine; if it is not attached, do nothing."""
    storage = from_environment()
    volume_id = storage.find_volume(volume)
    for name in (userspace_initiator(), kernel_initiator()):
        found = storage.find_attachment(volume_id, instance_of(name)) if name else None
        if found is None:
            continue
        if name == kernel_initiator() and found["connection_info"]:
            _disconnect(Initiator(), found["connection_info"])
        storage.detach(found["id"])
        secret_of(found).unlink(missing_ok=True)
        return
    click.echo(f"Volume {volume} is not attached to this machine.")


def _disconnect(initiator: Initiator, connection: Mapping[str, Any]) -> None:
    mounts = [line.split()[:2] for line in _MOUNTS.read_text().splitlines()]
    for device in initiator.paths(connection):
        for source, place in mounts:
            if re.fullmatch(rf"{re.escape(str(device))}p?\d*", source):
                raise Conflict(f"{source} is mounted at {place}: unmount it first.")
    initiator.disconnect(connection)
