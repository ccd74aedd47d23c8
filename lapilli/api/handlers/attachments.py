"""Attachments: a volume reserved for a host, exported to it, in use there, and given back."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import answers, paging
from lapilli.api.faults import Status
from lapilli.api.filters import condition, equals, parameters
from lapilli.api.request import Reply, Request
from lapilli.api.views import attachments as views
from lapilli.db import attachments, volumes
from lapilli.db.rows import AnyRow
from lapilli.db.schema import attachments as table
from lapilli.model.errors import Conflict, NotFound
from lapilli.operations import attach_volume, connect_attachment, disconnect_attachment
from lapilli.operations.desks import volume_queue

_SORT_KEYS: Final = {
    **{key: key for key in ("id", "instance_id", "created_at", "volume_id")},
    "attach_status": "status",
}
_FILTERS: Final = {
    "volume_id": equals(table.c.volume_id),
    "status": equals(table.c.status),
    "attach_status": equals(table.c.status),
    "instance_id": equals(table.c.instance_id),
}
LISTED: Final = (
    *paging.paged(_SORT_KEYS),
    *paging.OF_PROJECTS_BY_PRESENCE,
    *parameters(_FILTERS, "attachment"),
)

Admitted = tuple[str, str]
"""An operation that is waited for, and the queue that it waits in."""


def index(request: Request) -> Reply:
    """List attachments."""
    return Reply({"attachments": [views.summary(row) for row in _list(request)]})


def detail(request: Request) -> Reply:
    """List attachments with their details."""
    return Reply({"attachments": [views.details(row) for row in _list(request)]})


def _list(request: Request) -> Any:
    asked = paging.check_filters(request, "attachment")
    conditions = [condition(_FILTERS, name, value) for name, value in asked.items()]
    project_id = paging.listed_project_by_presence(request)
    page = paging.page_of(request, _SORT_KEYS, conditions, project_id=project_id)
    with request.around.db.read() as tx:
        return attachments.list_page(tx, page)


def show(request: Request, id: str) -> Reply:
    """Show an attachment."""
    with request.around.db.read() as tx:
        return Reply({"attachment": views.details(attachments.get(tx, id, request.scope))})


def create(request: Request) -> Reply:
    """Reserve a volume; with a connector, export it too."""
    asked = request.body["attachment"]
    volume_id = asked["volume_uuid"]

    def reserve(tx: Connection) -> tuple[str, Admitted | None]:
        volume = volumes.get(tx, volume_id, request.scope)
        target = {"project_id": volume.project_id}
        request.enforce("volume:attachment_create", target)
        if volume.multiattach and volume.bootable and volume.status == "in-use":
            request.enforce("volume:multiattach_bootable_volume", target)
        instance_id, mode = asked.get("instance_uuid"), asked.get("mode")
        attachment_id = attach_volume.reserve(tx, request.caller, volume_id, instance_id=instance_id, mode=mode)
        connector = asked.get("connector")
        return attachment_id, admit(tx, request, attachment_id, connector, is_new=True) if connector else None

    attachment_id, admitted = request.around.db.write(reserve)
    if admitted:
        answers.result_of(request, *admitted)
    return show(request, attachment_id)


def update(request: Request, id: str) -> Reply:
    """Export the volume to the host that the connector describes."""
    with request.around.db.read() as tx:
        attachment = attachments.get(tx, id, request.scope)
    request.enforce("volume:attachment_update", {"project_id": attachment.project_id})
    connector = request.body["attachment"]["connector"]
    admitted = request.around.db.write(lambda tx: admit(tx, request, id, connector, is_new=False))
    answers.result_of(request, *admitted)
    return show(request, id)


def admit(tx: Connection, request: Request, id: str, connector: dict[str, Any], *, is_new: bool) -> Admitted:
    """What happens before the export to the host that the connector describes."""
    try:
        operation_id = connect_attachment.admit(tx, request.caller, id, connector, is_new=is_new)
    except Conflict as error:
        raise Status(409, str(error)) from error
    return operation_id, _queue_of(tx, id)


def complete(request: Request, id: str) -> Reply:
    """The host has the device: the volume is in use."""

    def act(tx: Connection) -> None:
        attachment = attachments.get(tx, id, request.scope)
        request.enforce("volume:attachment_complete", {"project_id": attachment.project_id})
        attach_volume.complete(tx, request.caller, id)

    request.around.db.write(act)
    return Reply()


def delete(request: Request, id: str) -> Reply:
    """Detach: end the export to this host. Answers with the volume's other attachments."""
    with request.around.db.read() as tx:
        attachment = attachments.get(tx, id, request.scope)
    request.enforce("volume:attachment_delete", {"project_id": attachment.project_id})
    end(request, [attachment])
    with request.around.db.read() as tx:
        rows = attachments.of_volume(tx, attachment.volume_id)
    return Reply({"attachments": [views.summary(row) for row in rows]})


def end(request: Request, rows: Sequence[AnyRow], *, is_forced: bool = False) -> None:
    """End these attachments, each until its target shows no session; none of them while a server uses one.

    With `is_forced` that also ends the volume's being in error.
    """
    for row in rows:
        _refuse_used(request, row)
    for row in rows:
        _disconnect(request, row, is_forced=is_forced)


def _refuse_used(request: Request, attachment: AnyRow) -> None:
    """Only Nova, with a service's token, may end what a server uses: the server would keep a device of a volume whose
    place another tenant's may take (CVE-2023-2088).
    """
    servers, server_id = request.around.servers, attachment.instance_id
    if servers is None or not server_id or not attachment.connection_info:
        return
    if is_service(request):
        return
    if servers.lists_attachment(server_id, attachment.id):
        raise Status(409, f"Server {server_id} uses volume {attachment.volume_id}; detach it with the Compute API.")


def is_service(request: Request) -> bool:
    """Whether the request came from another service, such as Nova, with its own token."""
    return not request.around.service_roles.isdisjoint(request.caller.service_roles)


def _disconnect(request: Request, attachment: AnyRow, *, is_forced: bool) -> None:
    """End the attachment, and wait until the target shows no session of it."""

    def admit(tx: Connection) -> Admitted | None:
        queue_name = _queue_of(tx, attachment.id)
        operation_id = disconnect_attachment.admit(tx, request.caller, attachment.id, is_forced=is_forced)
        return None if operation_id is None else (operation_id, queue_name)

    try:
        admitted = request.around.db.write(admit)
    except NotFound:
        return  # somebody else has detached it meanwhile, which is what was wanted
    if admitted is not None:
        answers.result_of(request, *admitted)


def _queue_of(tx: Connection, attachment_id: str) -> str:
    attachment = attachments.get(tx, attachment_id, None)
    volume = volumes.get(tx, attachment.volume_id, None)
    return volume_queue((volume.host or "").partition("#")[0])
