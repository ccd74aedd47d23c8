"""The action `revert`: a volume is as it was when its newest snapshot was made."""

from typing import Any

import pytest

from tests.http.lab import OTHER_PROJECT, Cloud


def revert(cloud: Cloud, volume_id: str, snapshot_id: str | None, version: str = "3.40", **options: Any) -> int:
    body = {"revert": {"snapshot_id": snapshot_id}}
    options.setdefault("roles", "member")
    return cloud.call("POST", f"/volumes/{volume_id}/action", body, version=version, **options).status


def write(cloud: Cloud, volume_id: str, mark: bytes) -> None:
    with (cloud.folder / f"volume-{volume_id}").open("r+b") as file:
        file.write(mark)


def read(cloud: Cloud, volume_id: str) -> bytes:
    with (cloud.folder / f"volume-{volume_id}").open("rb") as file:
        return file.read(3)


def test_the_bytes_come_back(cloud: Cloud) -> None:
    """Volume and snapshot are set aside meanwhile, and available afterwards; the snapshot stays."""
    volume_id = cloud.volume()
    write(cloud, volume_id, b"old")
    snapshot_id = cloud.snapshot(volume_id)
    write(cloud, volume_id, b"new")
    assert revert(cloud, volume_id, snapshot_id) == 202
    assert cloud.see("volumes", volume_id)["status"] == "reverting"
    assert cloud.see("snapshots", snapshot_id)["status"] == "restoring"
    assert revert(cloud, volume_id, snapshot_id) == 409
    cloud.work()
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert cloud.see("snapshots", snapshot_id)["status"] == "available"
    assert read(cloud, volume_id) == b"old"
    assert revert(cloud, volume_id, snapshot_id) == 202


def test_before_its_version(cloud: Cloud) -> None:
    """There is no such action before 3.40, whatever its value is."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    assert revert(cloud, volume_id, snapshot_id, "3.39") == 404
    assert cloud.call("POST", f"/volumes/{volume_id}/action", {"revert": 1}, version="3.39").status == 404
    assert cloud.call("POST", f"/volumes/{volume_id}/action", {"revert": 1}, version="3.40").status == 400


def test_only_the_newest(cloud: Cloud) -> None:
    """No snapshot, none said, an older one, another volume's, and one of another size are malformed."""
    volume_id, other = cloud.volume(), cloud.volume()
    assert revert(cloud, volume_id, None) == 400
    older, newer = cloud.snapshot(volume_id), cloud.snapshot(volume_id)
    for snapshot_id in (None, older, cloud.snapshot(other), "nonsense"):
        assert revert(cloud, volume_id, snapshot_id) == 400
    cloud.call("POST", f"/volumes/{volume_id}/action", {"os-extend": {"new_size": 2}})
    cloud.work()
    assert revert(cloud, volume_id, newer) == 400
    assert cloud.see("volumes", volume_id)["status"] == "available"


def test_not_at_rest(cloud: Cloud) -> None:
    """The wrong status of either is a 409."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-reset_status": {"status": "error"}})
    assert revert(cloud, volume_id, snapshot_id) == 409
    cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-reset_status": {"status": "available"}})
    cloud.call("POST", f"/volumes/{volume_id}/action", {"os-reserve": None})
    assert revert(cloud, volume_id, snapshot_id) == 409


@pytest.mark.parametrize(("options", "expected"), [({"roles": "reader"}, 403), ({"project": OTHER_PROJECT}, 404)])
def test_who_may(cloud: Cloud, options: dict[str, str], expected: int) -> None:
    """A member of the volume's project."""
    volume_id = cloud.volume()
    assert revert(cloud, volume_id, cloud.snapshot(volume_id), **options) == expected
