"""Snapshots on the wire: their lists, and what becomes of them."""

from typing import Any

import pytest

from tests.http.lab import OTHER_PROJECT, PROJECT, Cloud

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


@pytest.fixture
def named(cloud: Cloud) -> dict[str, str]:
    """Three snapshots of two volumes; name → id."""
    first, second = cloud.volume(), cloud.volume(size=2)
    places = {"c": first, "b": first, "a": second}
    return {name: cloud.snapshot(volume, name=name, metadata={"is": name}) for name, volume in places.items()}


@pytest.mark.parametrize(
    ("version", "query", "expected"),
    [
        ("3.0", "", "abc"),
        ("3.0", "sort_key=created_at&sort_dir=asc", "cba"),
        ("3.0", "sort=display_name:asc", "abc"),
        ("3.30", "sort=name:desc", "cba"),
        ("3.0", "sort=volume_size:desc,created_at:asc", "acb"),
        ("3.0", "limit=1&offset=1", "b"),
        ("3.0", "name=b", "b"),
        ("3.0", "status=error", ""),
        ("3.0", "availability_zone=mars", "abc"),
        ("3.31", "availability_zone=mars", ""),
        ("3.31", "availability_zone=nova", "abc"),
        ("3.21", "metadata={'is':'b'}", "abc"),
        ("3.22", "metadata={'is':'b'}", "b"),
        ("3.64", "consumes_quota=false", "abc"),
        ("3.65", "consumes_quota=false", ""),
        ("3.30", "nothing=1", "abc"),
    ],
)
def test_lists(cloud: Cloud, named: dict[str, str], version: str, query: str, expected: str) -> None:
    """What a tenant may ask of a list, by version."""
    answer = cloud.call("GET", f"/snapshots?{query}", version=version, roles="reader")
    assert "".join(snapshot["name"] for snapshot in answer.json["snapshots"]) == expected


@pytest.mark.parametrize(
    ("version", "query", "roles"),
    [
        ("3.29", "sort=name", None),
        ("3.31", "nothing=1", "reader"),
        ("3.34", "name~=a", "reader"),
        ("3.31", f"project_id={OTHER_PROJECT}", "reader"),
        ("3.71", "limit=x", "reader"),
        ("3.71", "consumes_quota=perhaps", "reader"),
        ("3.71", "all_tenants=perhaps", None),
    ],
)
def test_bad_lists(cloud: Cloud, version: str, query: str, roles: str | None) -> None:
    """What cannot be understood, or is not a tenant's to ask, is a 400."""
    assert cloud.call("GET", f"/snapshots?{query}", version=version, roles=roles).status == 400


def test_filters_of_administrators(cloud: Cloud, named: dict[str, str]) -> None:
    """Administrators filter by parts and by further columns; an unknown one leaves nothing."""
    expected = {
        "name~=b": "b",
        f"id={named['c']}": "c",
        "volume_size=2": "a",
        "nothing=1": "",
        "user_id=someone": "abc",
    }
    for query, names in expected.items():
        answer = cloud.call("GET", f"/snapshots?{query}", version="3.34")
        assert "".join(snapshot["name"] for snapshot in answer.json["snapshots"]) == names, query


def test_pages(cloud: Cloud, named: dict[str, str]) -> None:
    """Links stay on the list that was asked; from 3.45 it counts."""
    answer = cloud.call("GET", "/snapshots/detail?limit=2&with_count=yes", version="3.45").json
    assert answer["count"] == 3
    (link,) = answer["snapshots_links"]
    assert link["href"] == f"http://lab/v3/snapshots/detail?limit=2&with_count=yes&marker={named['b']}"
    following = cloud.call("GET", link["href"].removeprefix("http://lab/v3"), version="3.44").json
    assert [snapshot["name"] for snapshot in following["snapshots"]] == ["c"]
    assert set(following) == {"snapshots"}
    assert cloud.call("GET", "/snapshots?marker=nonsense").status == 404


def test_all_tenants(cloud: Cloud, named: dict[str, str]) -> None:
    """Only administrators see other projects' snapshots, if they ask."""
    other = cloud.snapshot(cloud.volume(project=OTHER_PROJECT), project=OTHER_PROJECT)
    seen = {
        (query, roles): {snapshot["id"] for snapshot in answer.json["snapshots"]}
        for query in ("", "all_tenants=1", f"all_tenants=1&project_id={OTHER_PROJECT}")
        for roles in ("admin", "reader")
        if (answer := cloud.call("GET", f"/snapshots?{query}", roles=roles))
    }
    mine = set(named.values())
    assert seen["", "admin"] == mine
    assert seen["all_tenants=1", "admin"] == mine | {other}
    assert seen["all_tenants=1", "reader"] == mine
    assert seen[f"all_tenants=1&project_id={OTHER_PROJECT}", "admin"] == {other}
