"""The actions that move a volume to another backend, or give it another type."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api.actions import Action
from lapilli.api.formats import to_bool
from lapilli.api.handlers import attachments as attachments_api
from lapilli.api.handlers.manageable import host_or_cluster
from lapilli.api.handlers.volumes import target
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import volume_actions as bodies
from lapilli.api.views.volumes import MIGRATED
from lapilli.db import attachments, volumes
from lapilli.model.errors import Conflict
from lapilli.operations import attach_volume, migrate_volume, retype_volume
from lapilli.operations.desks import SCHEDULER_QUEUE

_ADMIN_RULE: Final = "volume_extension:volume_admin_actions"


def _migrate(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        target(tx, request, id, f"{_ADMIN_RULE}:migrate_volume")
        host, cluster = host_or_cluster(request, wish, since.MIGRATE_TO_CLUSTER)
        # force_host_copy asks for what is done anyway: no driver moves volumes by itself.
        migrate_volume.admit(
            tx,
            request.caller,
            request.around.rules,
            id,
            host=host,
            cluster=cluster,
            lock_volume=to_bool(wish.get("lock_volume", False)),
        )

    request.around.db.write(work)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply()


def _retype(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        volume = target(tx, request, id, "volume:retype")
        may_move = wish.get("migration_policy", "never") == "on-demand"
        asked = wish["new_type"]
        if retype_volume.admit(tx, request.caller, request.around.rules, id, asked, may_move=may_move):
            request.enforce("volume:multiattach", {"project_id": volume.project_id})

    request.around.db.write(work)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply()


def _complete_migration(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    """A hypervisor has copied one volume to another, and lets the servers of the first have the second.

    The migrations of this service copy by themselves: none of them waits for this.
    """
    new_id = wish["new_volume"]
    with request.around.db.read() as tx:
        volume = target(tx, request, id, f"{_ADMIN_RULE}:migrate_volume_completion")
        new = volumes.get(tx, new_id, request.scope)
        attached = [row for row in attachments.of_volume(tx, id) if row.status == "attached"]
        there = {row.instance_id for row in attachments.of_volume(tx, new_id)}
    for each in (volume, new):
        if each.migration_status is not None:
            raise Conflict(f"Volume {each.id} has been migrated ({each.migration_status}) without a hypervisor's help.")
    if not _is_set(wish.get("error")):
        for row in attached:
            attachments_api.end(request, [row])
            if row.instance_id is None or row.instance_id not in there:
                whom = {"instance_uuid": row.instance_id, "host_name": row.host_name, "mountpoint": row.mountpoint}
                attach = partial(attach_volume.attach, caller=request.caller, volume_id=new_id, wish=whom)
                request.around.db.write(attach)
    return Reply({"save_volume_id": new_id})


def _is_set(flag: str | bool | None) -> bool:
    return bool(flag) and to_bool(flag or False)


ACTIONS: Final[Mapping[str, Action]] = {
    "os-migrate_volume": Action(
        _migrate, bodies.MIGRATE, later={since.MIGRATE_TO_CLUSTER: bodies.MIGRATE_OR_TO_CLUSTER}
    ),
    "os-migrate_volume_completion": Action(_complete_migration, bodies.MIGRATE_COMPLETION, status=200, answer=MIGRATED),
    "os-retype": Action(_retype, bodies.RETYPE),
}
