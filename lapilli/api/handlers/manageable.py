"""What is on a storage and not managed yet: list it, and take it over as a volume or a snapshot."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import answers, paging
from lapilli.api import microversions as since
from lapilli.api.bodies import text
from lapilli.api.formats import to_bool
from lapilli.api.handlers.volumes import target
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.versions import Version
from lapilli.api.views import snapshots as snapshot_views
from lapilli.api.views import volumes as volume_views
from lapilli.db import snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound
from lapilli.operations import list_manageable, manage_snapshot, manage_volume
from lapilli.operations.admission import find_service
from lapilli.operations.desks import SCHEDULER_QUEUE, volume_queue
from lapilli.operations.existing import reference_of

_SORT_KEYS: Final = ("reference", "size")
LISTED: Final = (
    *paging.paged(_SORT_KEYS),
    Parameter("host"),
    Parameter("cluster", since=since.MANAGEABLE_OF_CLUSTER),
)
_DETAILS: Final = ("reason_not_safe", "cinder_id", "extra_info")


def volumes_index(request: Request) -> Reply:
    """List what can be managed as a volume, or is."""
    return _listing(request, "volume", has_details=False)


def volumes_detail(request: Request) -> Reply:
    """List what can be managed as a volume, or is, with details."""
    return _listing(request, "volume", has_details=True)


def snapshots_index(request: Request) -> Reply:
    """List what can be managed as a snapshot, or is."""
    return _listing(request, "snapshot", has_details=False)


def snapshots_detail(request: Request) -> Reply:
    """List what can be managed as a snapshot, or is, with details."""
    return _listing(request, "snapshot", has_details=True)


def _listing(request: Request, kind: str, *, has_details: bool) -> Reply:
    request.enforce(f"{'volume_extension' if kind == 'volume' else 'snapshot_extension'}:list_manageable")
    host, cluster = host_or_cluster(request, request.query, since.MANAGEABLE_OF_CLUSTER)
    order = _order(request.query)

    def ask(tx: Connection) -> tuple[str, str]:
        service = find_service(tx, request.around.rules, host=host, cluster=cluster)
        if service is None:
            raise NotFound("Volume service", str(host or cluster))
        admitted = list_manageable.admit(tx, request.caller, service.host, snapshots=kind == "snapshot")
        return admitted, volume_queue(service.host)

    found = answers.result_of(request, *request.around.db.write(ask))
    page = _page(request, _sorted(found, order))
    hidden = () if has_details else _DETAILS
    return Reply({f"manageable-{kind}s": [{k: v for k, v in each.items() if k not in hidden} for each in page]})


def host_or_cluster(request: Request, asked: Mapping[str, Any], change: int) -> tuple[str | None, str | None]:
    """Where: exactly one of them is given; before the change that brought clusters, it is the host."""
    host = asked.get("host") or None
    cluster = (asked.get("cluster") or None) if request.minor >= change else None
    if (host is None) == (cluster is None):
        raise Malformed("Give a host, or from a later microversion on a cluster, and not both.")
    return host, cluster


def _order(query: Mapping[str, str]) -> list[tuple[str, bool]]:
    """(key, is descending) pairs."""
    asked = query.get("sort") or f"{query.get('sort_key', 'reference')}:{query.get('sort_dir', 'desc')}"
    order = []
    for part in asked.split(","):
        key, _, direction = part.strip().partition(":")
        if key not in _SORT_KEYS or direction not in {"", "asc", "desc"}:
            raise Malformed(f"Cannot sort by {part!r}; sort by {' or '.join(_SORT_KEYS)}, asc or desc.")
        order.append((key, direction != "asc"))
    return order


def _sorted(found: Sequence[dict[str, Any]], order: Sequence[tuple[str, bool]]) -> list[dict[str, Any]]:
    entries = list(found)
    for key, is_descending in reversed(order):
        entries.sort(key=lambda each: _key(each, key), reverse=is_descending)
    return entries


def _key(entry: Mapping[str, Any], key: str) -> Any:
    return entry["size"] if key == "size" else min(entry["reference"].values())


def _page(request: Request, entries: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    page = paging.page_of(request._replace(query=_bounds(request.query)), {"created_at": ""}, project_id=None)
    begin = page.offset
    if request.query.get("marker"):
        begin += _behind(request.query["marker"], entries)
    return entries[begin : begin + page.limit]


def _bounds(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in ("limit", "offset") if name in query}


def _behind(marker: str, entries: Sequence[Mapping[str, Any]]) -> int:
    """The place after the entry whose reference the marker is, as JSON."""
    try:
        reference = json.loads(marker)
    except ValueError as error:
        raise Malformed('The marker must be a reference as JSON, such as {"source-name": "disk"}.') from error
    for place, entry in enumerate(entries, 1):
        if entry["reference"] == reference:
            return place
    raise Malformed(f"The marker {marker} is the reference of nothing that is here.")


def manage_a_volume(request: Request) -> Reply:
    """Take over as a volume what is on a backend's storage. The answer looks as in 3.0 in every version."""
    request.enforce("volume_extension:volume_manage")
    asked = request.body["volume"]
    host, cluster = host_or_cluster(request, asked, since.MIGRATE_TO_CLUSTER)
    wish = manage_volume.Wish(
        reference=reference_of(asked["ref"]),
        host=host,
        cluster=cluster,
        name=text(asked, "name") if asked.get("name") else None,
        description=text(asked, "description") if asked.get("description") else None,
        volume_type=asked.get("volume_type") or None,
        availability_zone=asked.get("availability_zone") or None,
        bootable=to_bool(asked.get("bootable", False)),
        metadata=asked.get("metadata") or {},
    )

    def admit(tx: Connection) -> AnyRow:
        try:
            volume_id = manage_volume.admit(tx, request.caller, request.around.rules, wish)
        except NotFound as error:
            raise Malformed(str(error)) from error
        return volumes.get(tx, volume_id, None)

    row = request.around.db.write(admit)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply({"volume": volume_views.created(request._replace(version=Version(since.BEGINNING)), row)})


def manage_a_snapshot(request: Request) -> Reply:
    """Take over as a snapshot what is on a volume's backend. The answer looks as in 3.0 in every version."""
    asked = request.body["snapshot"]
    wish = manage_snapshot.Wish(
        volume_id=asked["volume_id"],
        reference=reference_of(asked["ref"]),
        name=asked.get("name"),
        description=asked.get("description"),
        metadata=asked.get("metadata") or {},
    )

    def admit(tx: Connection) -> tuple[AnyRow, str]:
        volume = target(tx, request, wish.volume_id, "snapshot_extension:snapshot_manage")
        snapshot_id = manage_snapshot.admit(tx, request.caller, request.around.rules, wish)
        return snapshots.get(tx, snapshot_id, None), volume.host

    row, host = request.around.db.write(admit)
    request.around.wake.ring(volume_queue(host.partition("#")[0]))
    return Reply({"snapshot": snapshot_views.SUMMARY.for_request(request)(row)})
