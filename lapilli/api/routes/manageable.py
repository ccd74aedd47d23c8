"""The routes of what is on a storage and could be managed, under their present and their older names."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import manageable
from lapilli.api.request import Answer, Handler, Route
from lapilli.api.schemas import manageable as bodies
from lapilli.api.views import manageable as views
from lapilli.api.views import snapshots
from lapilli.api.views.volumes import MANAGED


def _list(path: str, first: int, handler: Handler, answer: Answer) -> Route:
    return Route("GET", path, handler, since=first, also=(404, 500), answer=answer, query=manageable.LISTED)


def _volumes(path: str, first: int) -> tuple[Route, ...]:
    return (
        _list(path, first, manageable.volumes_index, views.VOLUMES),
        _list(f"{path}/detail", first, manageable.volumes_detail, views.VOLUME_DETAILS),
        Route("POST", path, manageable.manage_a_volume, 202, since=first, schema=bodies.VOLUME, answer=MANAGED),
    )


def _snapshots(path: str, first: int) -> tuple[Route, ...]:
    return (
        _list(path, first, manageable.snapshots_index, views.SNAPSHOTS),
        _list(f"{path}/detail", first, manageable.snapshots_detail, views.SNAPSHOT_DETAILS),
        Route(
            "POST",
            path,
            manageable.manage_a_snapshot,
            202,
            since=first,
            schema=bodies.SNAPSHOT,
            answer=snapshots.MANAGED,
            also=(404,),
        ),
    )


ROUTES: Final = (
    *_volumes("/manageable_volumes", since.MANAGEABLE),
    *_volumes("/os-volume-manage", since.BEGINNING),
    *_snapshots("/manageable_snapshots", since.MANAGEABLE),
    *_snapshots("/os-snapshot-manage", since.BEGINNING),
)
