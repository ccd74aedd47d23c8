"""What backends say about their pools."""

import logging
from dataclasses import replace
from typing import Any

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


def test_thin_pool_that_fills(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """At its reserve it takes nothing more, and says so: once in the log, in its facts, and in the decision."""
    (report,) = lab.first.driver.report()
    thin = {"reserved_percentage": 10, "max_over_subscription_ratio": "20", "thin_pool_metadata_percent": 1.5}

    def written(gib: float) -> None:
        told = replace(report, free_gib=20 - gib, capabilities={**report.capabilities, **thin})
        lab.first.driver.plugin.report = lambda: [told]
        assert report_pools.run(lab.first.desk, {}) is None

    def facts() -> dict[str, Any]:
        return dict(lab.see(pools.list_all)[0].capabilities)

    with caplog.at_level(logging.WARNING, "lapilli.operations.report_pools"):
        written(17.5)
        assert lab.volume(lab.create(30)).host == lab.first.pool
        assert "why_closed" not in facts()
        for gib in (18.0, 18.5, 18.5):
            written(gib)
    why = "1.5 of 20 GiB are unwritten, and 2 GiB are reserved"
    assert facts()["why_closed"] == why
    (line,) = [record.message for record in caplog.records]
    assert line.startswith("pool node@first#first takes no more volumes: 2 of 20 GiB are unwritten, and 2 GiB are res")
    refused = lab.create(15)
    assert lab.status(refused) == "error"
    assert f"node@first#first: closed: {why}" in lab.operation(refused).error
    caplog.clear()
    with caplog.at_level(logging.WARNING, "lapilli.operations.report_pools"):
        written(3)
        written(2)
    assert [record.message for record in caplog.records] == ["pool node@first#first takes volumes again"]
    assert lab.status(lab.create(15)) == "available"


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
