"""What backends say about their pools."""

from dataclasses import replace

import pytest

from lapilli.db import pools
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.operations import report_pools
from tests.unit.operations.lab import Lab, fail


def test_report(lab: Lab) -> None:
    """Sizes and capabilities are written, with the facts of the backend; what is allocated stays ours."""
    lab.create(3)
    assert report_pools.run(lab.first.desk, {"qos": True}) is None
    (row, _) = lab.see(pools.list_all)
    assert (row.name, row.total_gib, row.allocated_gib, row.allocated_gib_at_report) == (lab.first.pool, 20.0, 3, 3)
    assert (row.capabilities["pool_name"], row.capabilities["qos"]) == ("first", True)
    assert row.capabilities["thin_provisioning_support"] is True
    lab.check()


@pytest.mark.parametrize(("part", "method"), [("driver", "check"), ("driver", "report"), ("target", "check")])
def test_backend_that_does_not_work(lab: Lab, part: str, method: str) -> None:
    """The trouble is said, and the pools stay as they were."""
    before = lab.see(pools.list_all)[0]
    getattr(lab.first, part).before[method] = fail
    assert report_pools.run(lab.first.desk, {"changed": True}) == "the disk is gone"
    after = lab.see(pools.list_all)[0]
    assert (after.capabilities, after.reported_s) == (before.capabilities, before.reported_s)


def test_pool_that_is_no_longer_reported(lab: Lab) -> None:
    """It is forgotten when it is empty, and kept while it has a volume."""
    volume_id = lab.create()
    renamed = DirectoryDriver(DirectorySettings(str(lab.first.directory), 20), "other")
    desk = replace(lab.first.desk, driver=renamed)
    assert report_pools.run(desk, {}) is None
    names = ["node@first#first", "node@first#other", "node@second#second"]
    assert [row.name for row in lab.see(pools.list_all)] == names
    lab.check()
    assert lab.volume(volume_id).host == "node@first#first"
    empty = DirectoryDriver(DirectorySettings(str(lab.second.directory), 10), "new")
    assert report_pools.run(replace(lab.second.desk, driver=empty), {}) is None
    assert [row.name for row in lab.see(pools.list_all)] == [*names[:2], "node@second#new"]
