"""What tenants may filter lists by: one table, which the lists follow and which they can read (from 3.33)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lapilli.api.request import Reply, Request


class Allowed(NamedTuple):
    """The filters of one kind of resource.

    `names` are those of tenants from 3.31 on, and `of_old` those of before. `since` tells which of all filters came
    later than their list; until then they are passed over, whoever asks.
    """

    names: tuple[str, ...]
    of_old: tuple[str, ...] = ()
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
        of_old=("name", "status", "metadata", "availability_zone", "bootable", "group_id"),
        since={"glance_metadata": 4, "group_id": 10, "created_at": 60, "updated_at": 60, "consumes_quota": 65},
    ),
    "snapshot": Allowed(
        names=("name", "status", "volume_id", "metadata", "availability_zone", "consumes_quota"),
        of_old=("name", "status", "volume_id", "metadata"),
        since={"metadata": 22, "consumes_quota": 65},
    ),
    "attachment": Allowed(
        names=("volume_id", "status", "instance_id", "attach_status"),
        of_old=("volume_id", "status", "instance_id", "attach_status"),
    ),
    "pool": Allowed(names=("name", "volume_type"), since={"volume_type": 35}),
    "volume_type": Allowed(names=("is_public", "extra_specs"), since={"extra_specs": 52}),
}


def index(request: Request) -> Reply:
    """The filters that tenants may use, of all kinds of resources or of one."""
    wanted = request.query.get("resource")
    shown = [
        {"resource": kind, "filters": list(allowed.names)}
        for kind, allowed in FILTERS.items()
        if wanted in {None, kind}
    ]
    return Reply({"resource_filters": shown})
