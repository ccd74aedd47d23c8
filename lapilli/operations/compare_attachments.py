"""Find ghosts: attachments of which neither the target nor the compute service knows anything. Nothing is changed.

Only a person knows whether a host that is not logged in will come back for its volume.
"""

from collections.abc import Iterator
from contextlib import suppress

from lapilli.db import placed
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Forbidden, Malformed, Unavailable
from lapilli.model.protocols.targets import ShowsSessions
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.findings import Finding


def findings(desk: VolumeDesk) -> Iterator[Finding]:
    """The attachments in use that nobody seems to use."""
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
                "If the host does not use the volume any more: "
                f"openstack --os-volume-api-version 3.27 volume attachment delete {row.id}",
            )


def _is_used(desk: VolumeDesk, row: AnyRow, target: str) -> bool | None:
    """Whether the attachment's host is logged in; None where the target cannot tell."""
    if not isinstance(desk.target, ShowsSessions):
        return None
    with suppress(Malformed):  # a connector of the time when the backend had another target
        initiator = desk.target.check_connector(row.connector).lower()
        return initiator in {each.lower() for each in desk.target.sessions(target)}
    return None


def _is_servers(desk: VolumeDesk, row: AnyRow) -> bool:
    """Whether the compute service says that a server has it, or may have it for all that it says."""
    if desk.servers is None or row.instance_id is None:
        return False
    try:
        return desk.servers.lists_attachment(row.instance_id, row.id)
    except (Unavailable, Forbidden):
        return True
