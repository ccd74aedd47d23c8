"""What tenants may filter lists by: one table, which the lists follow and which they can read (from 3.33)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lapilli.api import microversions as since
from lapilli.api.request import Parameter, Reply, Request


class Allowed(NamedTuple):
    """The filters of one kind of resource.

    `names` are those of tenants from 3.31 on, and `of_old` those of before, or None where none was passed over. `since`
    tells which of all filters came later than their list; until then they are passed over, whoever asks.
    """

    names: tuple[str, ...]
    of_old: tuple[str, ...] | None = ()
    since: Mapping[str, int] = {}


FILTERS: Final[Mapping[str, Allowed]] = {
    "volume": Allowed(
        names=(
            "name",
            "status",
            "metadata",
            "bootable",
            "migration_status",
            "availability_zone",
            "group_id",
            "size",
            "created_at",
            "updated_at",
            "consumes_quota",
        ),
        of_old=(
            "name",
            "status",
            "metadata",
            "bootable",
            "migration_status",
            "availability_zone",
            "group_id",
            "size",
            "created_at",
            "updated_at",
        ),
        since={
            "glance_metadata": since.FILTER_GLANCE_METADATA,
            "group_id": since.FILTER_GROUP_ID,
            "created_at": since.TIME_FILTERS,
            "updated_at": since.TIME_FILTERS,
            "consumes_quota": since.CONSUMES_QUOTA,
        },
    ),
    "backup": Allowed(names=("name", "status", "volume_id"), of_old=("name", "status", "volume_id")),
    "snapshot": Allowed(
        names=("name", "status", "volume_id", "metadata", "availability_zone", "consumes_quota"),
        of_old=("name", "status", "volume_id", "metadata"),
        since={"metadata": since.FILTER_SNAPSHOT_METADATA, "consumes_quota": since.CONSUMES_QUOTA},
    ),
    "group": Allowed(names=("name",), of_old=None),
    "group_snapshot": Allowed(
        names=("name", "status", "group_id"),
        of_old=("name", "description", "status", "group_id", "group_type_id", "id"),
    ),
    "attachment": Allowed(
        names=("volume_id", "status", "instance_id", "attach_status"),
        of_old=("volume_id", "status", "instance_id", "attach_status"),
    ),
    "message": Allowed(
        names=("resource_uuid", "resource_type", "event_id", "request_id", "message_level"),
        of_old=("resource_uuid", "resource_type", "event_id", "request_id", "message_level"),
    ),
    "pool": Allowed(names=("name", "volume_type"), since={"volume_type": since.POOLS_OF_TYPE}),
    "volume_type": Allowed(names=("is_public", "extra_specs"), since={"extra_specs": since.FILTER_EXTRA_SPECS}),
}

LISTED: Final = (Parameter("resource"),)


def index(request: Request) -> Reply:
    """The filters that tenants may use, of all kinds of resources or of one."""
    wanted = request.query.get("resource")
    shown = [
        {"resource": kind, "filters": list(allowed.names)}
        for kind, allowed in FILTERS.items()
        if wanted in {None, "", kind}
    ]
    return Reply({"resource_filters": shown})
