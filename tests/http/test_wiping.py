"""Deleting on storage that has to wipe, as users and administrators see it."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.http.client import PROJECT
from tests.http.lab import Cloud
from tests.wiping import PREFIX, WipingDriver


class WipingCloud(Cloud):
    """A service whose backend overwrites what is deleted."""

    Driver = WipingDriver


@pytest.fixture
def cloud(migrated: Path, tmp_path: Path) -> Iterator[WipingCloud]:
    """A service of the test's own."""
    database = tmp_path / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    with closing(WipingCloud(database, tmp_path / "volumes")) as one:
        yield one


def promised(cloud: Cloud) -> tuple[int, int, int]:
    """What the pool says: GiB that are allocated, GiB that are provisioned, and volumes."""
    (pool,) = cloud.call("GET", "/scheduler-stats/get_pools?detail=True").json["pools"]
    shown: dict[str, Any] = pool["capabilities"]
    return shown["allocated_capacity_gb"], shown["provisioned_capacity_gb"], shown["total_volumes"]


def used(cloud: Cloud) -> tuple[int, int]:
    """What the project uses of its quota: volumes and GiB."""
    quota = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=True").json["quota_set"]
    return quota["volumes"]["in_use"], quota["gigabytes"]["in_use"]


def waiting(cloud: Cloud) -> int:
    """How much waits to be wiped."""
    return len(list(cloud.folder.glob(f"{PREFIX}*")))


def test_volume(cloud: WipingCloud) -> None:
    """It is gone, and its quota free, while the pool still waits for the space."""
    volume_id = cloud.volume(size=3)
    assert cloud.call("DELETE", f"/volumes/{volume_id}").status == 202
    cloud.step()
    assert cloud.call("GET", f"/volumes/{volume_id}").status == 404
    assert (used(cloud), promised(cloud), waiting(cloud)) == ((0, 0), (3, 3, 0), 1)
    cloud.work()
    assert (promised(cloud), waiting(cloud)) == ((0, 0, 0), 0)


def test_snapshots_with_cascade(cloud: WipingCloud) -> None:
    """All that goes along is wiped."""
    volume_id = cloud.volume(size=2)
    snapshot_id = cloud.snapshot(volume_id)
    assert cloud.call("DELETE", f"/volumes/{volume_id}?cascade=true").status == 202
    cloud.step()
    assert cloud.call("GET", f"/snapshots/{snapshot_id}").status == 404
    assert (used(cloud), promised(cloud), waiting(cloud)) == ((0, 0), (4, 4, 0), 2)
    cloud.work()
    assert (promised(cloud), waiting(cloud)) == ((0, 0, 0), 0)
