"""Quotas, also when many ask at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, func, insert, select

from lapilli.db import group_types, groups, quotas
from lapilli.db.engine import Database
from lapilli.db.schema import quota_classes, snapshots, volumes
from lapilli.model.errors import QuotaExceeded
from tests.conformance.databases import TYPE, add_volume, new_id

DEFAULTS = {"volumes": 10, "gigabytes": 1000, "snapshots": 10, "per_volume_gigabytes": -1}


def create(tx: Connection) -> str:
    """What an admission does."""
    quotas.take_turn(tx, "p")
    more = {"volumes": 1, "gigabytes": 7}
    quotas.check(quotas.usage(tx, "p"), quotas.limits(tx, "p", DEFAULTS), more)
    return add_volume(tx, size_gib=7)


def test_parallel_creates_keep_the_limit(db: Database) -> None:
    """Of many that ask at once exactly as many get a volume as the limit allows, also in a new project."""
    db.write(lambda tx: quotas.set_limits(tx, "p", {"gigabytes": 36}))

    def ask(_number: int) -> bool:
        try:
            db.write(create)
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(ask, range(20)))
    with db.read() as tx:
        assert tx.scalar(select(func.sum(volumes.c.size_gib))) == 35
        assert quotas.usage(tx, "p")["volumes"] == granted == 5


def test_usage_is_counted_from_rows(db: Database) -> None:
    """What counts, counts for the project and for the type; what does not consume quota is left out."""

    def fill(tx: Connection) -> None:
        volume_id = add_volume(tx, size_gib=3)
        add_volume(tx, size_gib=1, charged_gib=5)
        add_volume(tx, consumes_quota=False)
        add_volume(tx, project_id="q")
        row = {"id": new_id(), "project_id": "p", "user_id": "u", "volume_id": volume_id, "volume_type_id": TYPE}
        tx.execute(insert(snapshots).values(**row, size_gib=3, status="available", created_at="2026"))
        group_types.add(tx, id=TYPE, name="t")
        groups.add(tx, [TYPE], id=new_id(), project_id="p", user_id="u", group_type_id=TYPE)

    db.write(fill)
    with db.read() as tx:
        both = quotas.usage(tx, "p")
        assert both == {
            "volumes": 2,
            "volumes___DEFAULT__": 2,
            "gigabytes": 11,
            "gigabytes___DEFAULT__": 11,
            "snapshots": 1,
            "snapshots___DEFAULT__": 1,
            "groups": 1,
            "backups": 0,
            "backup_gigabytes": 0,
        }
        assert quotas.usage(tx, "p", snapshots_count=False)["gigabytes"] == 8
        assert set(quotas.usage(tx, "nobody").values()) == {0}


def test_limits_come_from_the_nearest(db: Database) -> None:
    """The project's own limit wins over the default class's, and that over the configured one."""

    def fill(tx: Connection) -> None:
        for resource, limit in (("volumes", 20), ("snapshots", 30), ("melons", 1)):
            tx.execute(insert(quota_classes).values(class_name="default", resource=resource, hard_limit=limit))
        quotas.set_limits(tx, "p", {"volumes": 5})
        quotas.set_limits(tx, "p", {"volumes": 6, "gigabytes___DEFAULT__": 7})

    db.write(fill)
    with db.read() as tx:
        limits = quotas.limits(tx, "p", DEFAULTS)
    wanted = {"volumes": 6, "snapshots": 30, "gigabytes": 1000, "gigabytes___DEFAULT__": 7, "volumes___DEFAULT__": -1}
    assert {resource: limits[resource] for resource in wanted} == wanted
    assert "melons" not in limits
    db.write(lambda tx: quotas.forget_limits(tx, "p"))
    with db.read() as tx:
        assert quotas.limits(tx, "p", DEFAULTS)["volumes"] == 20


def test_what_is_exceeded() -> None:
    """Sizes are named first, nothing is refused at the limit, and less is never too much."""
    quotas.check({"volumes": 9}, DEFAULTS, {"volumes": 1, "unheard_of": 1})
    quotas.check({"volumes": 99}, DEFAULTS, {"volumes": 0})
    with pytest.raises(QuotaExceeded) as refusal:
        quotas.check({"volumes": 10, "gigabytes": 999}, DEFAULTS, {"volumes": 1, "gigabytes": 2})
    assert (refusal.value.resource, refusal.value.asked, refusal.value.used, refusal.value.limit) == (
        "gigabytes",
        2,
        999,
        1000,
    )
