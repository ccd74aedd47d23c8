"""Actions on snapshots."""

from typing import Any

import pytest

from tests.http.lab import Cloud


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("error", 202),
        ("ERROR", 202),
        ("available", 202),
        ("deleted", 202),
        ("error_deleting", 202),
        ("backing-up", 202),
        ("creating", 202),
        ("deleting", 202),
        ("restoring", 202),
        ("nonsense", 400),
        ("", 400),
    ],
)
def test_reset_status(cloud: Cloud, status: str, expected: int) -> None:
    """An administrator sets any status by hand, and another one after it."""
    snapshot_id = cloud.snapshot(cloud.volume())
    answer = cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-reset_status": {"status": status}})
    assert answer.status == expected, answer.text
    assert cloud.see("snapshots", snapshot_id)["status"] == (status.lower() if expected == 202 else "available")
    cloud.work()
    again = cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-reset_status": {"status": "available"}})
    assert again.status == 202
    assert cloud.see("snapshots", snapshot_id)["status"] == "available"


def test_report_after_reset(cloud: Cloud) -> None:
    """A snapshot that was set to `creating` by hand takes what a hypervisor reports of it."""
    snapshot_id = cloud.snapshot(cloud.volume())
    path = f"/snapshots/{snapshot_id}/action"
    assert cloud.call("POST", path, {"os-reset_status": {"status": "creating"}}).status == 202
    report = {"os-update_snapshot_status": {"status": "error", "progress": "80%"}}
    assert cloud.call("POST", path, report).status == 202
    assert cloud.see("snapshots", snapshot_id)["status"] == "error"


def test_reset_while_it_is_made(cloud: Cloud) -> None:
    """The status of a snapshot that is being made belongs to the operation."""
    wish = {"snapshot": {"volume_id": cloud.volume()}}
    snapshot_id = cloud.call("POST", "/snapshots", wish).json["snapshot"]["id"]
    for action in ({"os-reset_status": {"status": "error"}}, {"os-update_snapshot_status": {"status": "error"}}):
        assert cloud.call("POST", f"/snapshots/{snapshot_id}/action", action).status == 400
    cloud.work()
    assert cloud.see("snapshots", snapshot_id)["status"] == "available"


@pytest.mark.parametrize("status", ["available", "error", "error_deleting", "backing-up", "creating", "deleting"])
def test_force_delete(cloud: Cloud, status: str) -> None:
    """Whatever its status, a snapshot can be deleted by force."""
    snapshot_id = cloud.snapshot(cloud.volume())
    cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-reset_status": {"status": status}})
    assert cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-force_delete": None}).status == 202
    cloud.work()
    assert cloud.call("GET", f"/snapshots/{snapshot_id}").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"os-reset_status": {}},
        {"os-reset_status": {"status": None}},
        {"os-reset_status": {"status": "error", "more": 1}},
        {"os-reset_status": "error"},
        {"os-update_snapshot_status": {"progress": "1%"}},
        {"os-update_snapshot_status": {"status": "available", "progress": "101%"}},
        {"os-update_snapshot_status": {"status": "available", "progress": "50"}},
        {"os-update_snapshot_status": {"status": "available", "progress": "50%"}},
        {"os-nothing": {}},
        {},
    ],
)
def test_refused(cloud: Cloud, body: Any) -> None:
    """What is no action, or reports on a snapshot that nobody makes, is a 400."""
    snapshot_id = cloud.snapshot(cloud.volume())
    answer = cloud.call("POST", f"/snapshots/{snapshot_id}/action", body)
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert cloud.see("snapshots", snapshot_id)["status"] == "available"
