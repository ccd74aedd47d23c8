"""The action that ends the management of a volume."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from lapilli.api.actions import Action
from lapilli.api.handlers.volumes import target
from lapilli.api.request import Reply, Request
from lapilli.operations import unmanage_volume
from lapilli.operations.desks import volume_queue


def _unmanage(request: Request, id: str, _wish: object) -> Reply:
    def work(tx: Connection) -> str | None:
        volume = target(tx, request, id, "volume_extension:volume_unmanage")
        unmanage_volume.admit(tx, request.caller, id)
        return None if volume.host is None else str(volume.host)

    host = request.around.db.write(work)
    if host is not None:
        request.around.wake.ring(volume_queue(host.partition("#")[0]))
    return Reply()


ACTIONS: Final[Mapping[str, Action]] = {"os-unmanage": Action(_unmanage)}
