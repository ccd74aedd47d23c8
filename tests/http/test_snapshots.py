"""Snapshots on the wire: their lists, and what becomes of them."""

from typing import Any

import pytest

from tests.http.client import PROJECT
from tests.http.lab import OTHER_PROJECT, Cloud

_SUMMARY = set("id created_at updated_at name description volume_id status size metadata".split())
_ATTRIBUTES = {"os-extended-snapshot-attributes:progress", "os-extended-snapshot-attributes:project_id"}
_LATER = {14: {"group_snapshot_id"}, 41: {"user_id"}, 65: {"consumes_quota"}}


@pytest.mark.parametrize("minor", [0, 13, 14, 40, 41, 64, 65, 71])
def test_fields(cloud: Cloud, minor: int) -> None:
    """Each form has its fields at each version; links there are none."""
    volume_id = cloud.volume()
    version = f"3.{minor}"
    later = set().union(*(fields for since, fields in _LATER.items() if since <= minor))
    wish = {"snapshot": {"volume_id": volume_id}}
    created = cloud.call("POST", "/snapshots", wish, version=version).json["snapshot"]
    assert set(created) == _SUMMARY | later
    updated = cloud.call("PUT", f"/snapshots/{created['id']}", {"snapshot": {"name": "x"}}, version=version)
    assert set(updated.json["snapshot"]) == _SUMMARY | later
    shown = cloud.call("GET", f"/snapshots/{created['id']}", version=version, roles="reader").json["snapshot"]
    assert set(shown) == _SUMMARY | later | _ATTRIBUTES
    assert cloud.call("GET", "/snapshots/detail", version=version).json == {"snapshots": [shown]}
    (summary,) = cloud.call("GET", "/snapshots", version=version).json["snapshots"]
    assert set(summary) == _SUMMARY


def test_create(cloud: Cloud) -> None:
    """A snapshot is creating, then available, and keeps the size of its volume."""
    volume_id = cloud.volume(size=2)
    wish = {"volume_id": volume_id, "name": " n ", "description": "d", "metadata": {"k": "v"}, "force": "false"}
    answer = cloud.call("POST", "/snapshots", {"snapshot": wish})
    assert answer.status == 202
    created = answer.json["snapshot"]
    assert (created["status"], created["name"], created["size"]) == ("creating", "n", 2)
    cloud.work()
    shown = cloud.see("snapshots", created["id"])
    assert (shown["status"], shown["metadata"]) == ("available", {"k": "v"})
    assert shown["os-extended-snapshot-attributes:progress"] == "100%"
    assert shown["os-extended-snapshot-attributes:project_id"] == PROJECT
    assert (cloud.folder / f"snapshot-{created['id']}").exists()


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"volume_id": None}, 404),
        ({"volume_id": "11111111-1111-1111-1111-111111111111"}, 404),
        ({"volume_id": "nonsense"}, 400),
        ({"volume_id": 7}, 400),
        ({}, 400),
        ({"volume_id": "VOLUME", "name": "x" * 256}, 400),
        ({"volume_id": "VOLUME", "description": "two\nlines"}, 400),
        ({"volume_id": "VOLUME", "description": "\U0001f600"}, 400),
        ({"volume_id": "VOLUME", "description": "one\n"}, 202),
        ({"volume_id": "VOLUME", "force": 1}, 400),
        ({"volume_id": "VOLUME", "force": None}, 400),
        ({"volume_id": "VOLUME", "metadata": {"k": 1}}, 400),
        ({"volume_id": "VOLUME", "metadata": None}, 202),
        ({"volume_id": "VOLUME", "size": 1}, 400),
    ],
)
def test_create_with(cloud: Cloud, wish: dict[str, Any], status: int) -> None:
    """Each field has its bounds; a refusal leaves no snapshot."""
    volume_id = cloud.volume()
    asked = {**wish, "volume_id": volume_id} if wish.get("volume_id") == "VOLUME" else wish
    answer = cloud.call("POST", "/snapshots", {"snapshot": asked})
    assert answer.status == status, answer.text
    assert len(cloud.call("GET", "/snapshots").json["snapshots"]) == (status == 202)


@pytest.mark.parametrize(
    ("version", "more", "status"),
    [
        ("3.65", {}, 400),
        ("3.65", {"force": False}, 400),
        ("3.65", {"force": True}, 202),
        ("3.66", {}, 202),
        ("3.66", {"force": True}, 202),
        ("3.66", {"force": "off"}, 400),
    ],
)
def test_volumes_in_use(cloud: Cloud, version: str, more: dict[str, Any], status: int) -> None:
    """Until 3.65 a volume in use needs `force`; from 3.66 on, `force` cannot be false."""
    cloud.tell(copies_snapshots=False)
    volume_id = cloud.volume()
    wish = {"host_name": "compute1", "mountpoint": "/dev/vdb"}
    assert cloud.call("POST", f"/volumes/{volume_id}/action", {"os-attach": wish}).status == 202
    answer = cloud.call("POST", "/snapshots", {"snapshot": {"volume_id": volume_id, **more}}, version=version)
    assert answer.status == status, answer.text


def test_quota(cloud: Cloud) -> None:
    """The number of snapshots has a limit, and a refusal names it as clients know it."""
    volume_id = cloud.volume()
    assert cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"snapshots": 0}}).status == 200
    answer = cloud.call("POST", "/snapshots", {"snapshot": {"volume_id": volume_id}})
    assert answer.status == 413
    assert answer.json["overLimit"]["message"].startswith("SnapshotLimitExceeded: ")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "new"}, 200),
        ({"display_name": "new", "description": None}, 200),
        ({}, 400),
        ({"status": "error"}, 400),
        ({"description": "two\nlines"}, 400),
    ],
)
def test_update(cloud: Cloud, changes: dict[str, Any], status: int) -> None:
    """Name and description can change."""
    snapshot_id = cloud.snapshot(cloud.volume(), name="old")
    answer = cloud.call("PUT", f"/snapshots/{snapshot_id}", {"snapshot": changes}, roles="member")
    assert answer.status == status, answer.text
    assert cloud.see("snapshots", snapshot_id)["name"] == ("new" if status == 200 else "old")


def test_delete(cloud: Cloud) -> None:
    """A deleted snapshot is gone; asking while it goes is no error, and afterwards a 404."""
    snapshot_id = cloud.snapshot(cloud.volume())
    for _ in range(2):
        answer = cloud.call("DELETE", f"/snapshots/{snapshot_id}")
        assert (answer.status, answer.text) == (202, "")
    assert cloud.see("snapshots", snapshot_id)["status"] == "deleting"
    cloud.work()
    assert cloud.call("DELETE", f"/snapshots/{snapshot_id}").status == 404
    assert not (cloud.folder / f"snapshot-{snapshot_id}").exists()


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", "/snapshots/{}", None, "reader"),
        ("PUT", "/snapshots/{}", {"snapshot": {"name": "x"}}, "member"),
        ("DELETE", "/snapshots/{}", None, "member"),
        ("POST", "/snapshots/{}/action", {"os-reset_status": {"status": "error"}}, "admin"),
        ("POST", "/snapshots/{}/action", {"os-force_delete": {}}, "admin"),
    ],
)
def test_whose_and_by_whom(cloud: Cloud, method: str, path: str, body: Any, least: str) -> None:
    """Another project's snapshot does not exist; one's own needs the role."""
    snapshot_id = cloud.snapshot(cloud.volume(project=OTHER_PROJECT), project=OTHER_PROJECT)
    assert cloud.call(method, path.format(snapshot_id), body, roles="member,reader").status == 404
    lesser = {"reader": "nobody", "member": "reader", "admin": "member,reader"}[least]
    answer = cloud.call(method, path.format(snapshot_id), body, roles=lesser, project=OTHER_PROJECT)
    assert (answer.status, answer.fault) == (403, "forbidden")
    assert cloud.see("snapshots", snapshot_id)["status"] == "available"
    roles = {"reader": "reader", "member": "member", "admin": "admin"}[least]
    assert cloud.call(method, path.format(snapshot_id), body, roles=roles, project=OTHER_PROJECT).status < 300


def test_reader_creates_nothing(cloud: Cloud) -> None:
    """A snapshot takes a member, and a volume of the member's project."""
    mine, other = cloud.volume(), cloud.volume(project=OTHER_PROJECT)
    assert cloud.call("POST", "/snapshots", {"snapshot": {"volume_id": mine}}, roles="reader").status == 403
    assert cloud.call("POST", "/snapshots", {"snapshot": {"volume_id": other}}, roles="member").status == 404
