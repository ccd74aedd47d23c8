"""Find attachments that nobody seems to use: ghosts, of which neither the target nor the compute service knows
anything, and reservations that nobody has connected. Nothing is changed.

Only a person knows whether a host that is not logged in will come back for its volume.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from lapilli.db import placed
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Forbidden, Malformed, Unavailable
from lapilli.model.protocols.targets import ShowsSessions
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.findings import Finding

_RESERVED_LONG_S: Final = 3600.0
"""Who connects what it has reserved does so within seconds; a host that has much to do, within minutes."""
_DELETE: Final = "openstack --os-volume-api-version 3.27 volume attachment delete"


def findings(desk: VolumeDesk) -> Iterator[Finding]:
    """All of the backend's volumes."""
    yield from _ghosts(desk)
    yield from _forgotten(desk)


def _ghosts(desk: VolumeDesk) -> Iterator[Finding]:
    with desk.db.read() as tx:
        rows = placed.attached_on(tx, desk.service)
    there = {name.lower(): name for name in desk.target.exports()} if rows else {}
    for row in rows:
        target = there.get(desk.names.target(row.volume_id).lower())
        # One without a target is another finding.
        if target is not None and _is_used(desk, row, target) is False and not _is_servers(desk, row):
            yield Finding(
                "ghost-attachment",
                desk.service,
                f"Attachment {row.id} of volume {row.volume_id} is in use by {row.host_name} by its row, "
                "but that host is not logged in to the target, and no server is known to have it.",
                f"If the host does not use the volume any more: {_DELETE} {row.id}",
            )


def _forgotten(desk: VolumeDesk) -> Iterator[Finding]:
    """The attachments that were reserved long ago: who did it may have died before it could connect them."""
    with desk.db.read() as tx:
        rows = placed.reserved_on(tx, desk.service, _RESERVED_LONG_S)
    for row in rows:
        whose = f"server {row.instance_id}" if row.instance_id else "no server"
        what = f"Attachment {row.id} reserves volume {row.volume_id} for {whose} since {row.created_at}"
        if _is_servers(desk, row):
            yield Finding(
                "waiting-reservation",
                desk.service,
                f"{what}; for all that is known the server has it, and is not connected.",
                "Nothing, if the server is shelved. Else: "
                f"openstack server remove volume {row.instance_id} {row.volume_id}",
                is_problem=False,
            )
        else:
            yield Finding(
                "forgotten-reservation",
                desk.service,
                f"{what}, is not connected, and no server is known to have it.",
                f"If nobody is about to connect it: {_DELETE} {row.id} (or cinder attachment-delete {row.id})",
            )


def _is_used(desk: VolumeDesk, row: AnyRow, target: str) -> bool | None:
    """Whether the attachment's host is logged in; None where the target cannot tell."""
    if not isinstance(desk.target, ShowsSessions):
        return None
    with suppress(Malformed):  # a connector of the time when the backend had another target
        initiator = desk.target.check_connector(row.connector).lower()
        users = desk.target.sessions(target)
        return None if users is None else initiator in {each.lower() for each in users}
    return None


def _is_servers(desk: VolumeDesk, row: AnyRow) -> bool:
    """Whether the compute service says that a server has it, or may have it for all that it says."""
    if desk.servers is None or row.instance_id is None:
        return False
    try:
        return desk.servers.lists_attachment(row.instance_id, row.id)
    except (Unavailable, Forbidden):
        return True
