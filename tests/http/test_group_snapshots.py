"""Group snapshots on the wire: their forms, their lists, and what becomes of them."""

from typing import Any

import pytest

from tests.http.client import PROJECT
from tests.http.group_lab import ask, group_type, make_group, make_group_snapshot, make_member
from tests.http.lab import OTHER_PROJECT, Cloud

NOBODY = "11111111-1111-4111-8111-111111111111"
_FIELDS = set("id group_id group_type_id status created_at name description".split())


def kept(cloud: Cloud, *, project: str = PROJECT, **wish: Any) -> str:
    """A group snapshot of a new group of one volume; its id."""
    group_id = make_group(cloud, project=project)
    make_member(cloud, group_id, project=project)
    return make_group_snapshot(cloud, group_id, project=project, **wish)


@pytest.mark.parametrize("minor", [14, 28, 29, 57, 58])
def test_fields(cloud: Cloud, minor: int) -> None:
    """Each form has its fields at each version; the project is for administrators."""
    snapshot_id = kept(cloud, name="s")
    version = f"3.{minor}"
    shown = ask(cloud, "GET", f"/group_snapshots/{snapshot_id}", version=version).json["group_snapshot"]
    assert set(shown) == _FIELDS | ({"project_id"} if minor >= 58 else set())
    assert ask(cloud, "GET", "/group_snapshots/detail", version=version).json == {"group_snapshots": [shown]}
    (summary,) = ask(cloud, "GET", "/group_snapshots", version=version).json["group_snapshots"]
    assert summary == {"id": snapshot_id, "name": "s"}
    tenant = ask(cloud, "GET", f"/group_snapshots/{snapshot_id}", version=version, roles="reader").json
    assert set(tenant["group_snapshot"]) == _FIELDS


def test_create(cloud: Cloud) -> None:
    """The group snapshot is creating, then available, and so are its snapshots, which name it."""
    group_id = make_group(cloud)
    volume_id = make_member(cloud, group_id, size=2)
    wish = {"group_snapshot": {"group_id": group_id, "name": " n ", "description": "d"}}
    answer = ask(cloud, "POST", "/group_snapshots", wish, roles="member")
    assert answer.status == 202
    created = answer.json["group_snapshot"]
    assert created == {
        "id": created["id"],
        "name": " n ",
        "group_type_id": cloud.see("groups", group_id)["group_type"],
    }
    assert cloud.see("group_snapshots", created["id"])["status"] == "creating"
    cloud.work()
    shown = cloud.see("group_snapshots", created["id"])
    assert (shown["status"], shown["description"], shown["group_id"]) == ("available", "d", group_id)
    (piece,) = ask(cloud, "GET", "/snapshots/detail").json["snapshots"]
    assert (piece["volume_id"], piece["size"], piece["name"]) == (volume_id, 2, " n ")
    assert (piece["status"], piece["group_snapshot_id"]) == ("available", created["id"])
    assert ask(cloud, "DELETE", f"/snapshots/{piece['id']}").status == 400
    force = {"os-force_delete": {}}
    assert ask(cloud, "POST", f"/snapshots/{piece['id']}/action", force).status == 400


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({}, 400),
        ({"group_id": NOBODY}, 404),
        ({"group_id": "melon"}, 400),
        ({"group_id": "GROUP", "name": "x" * 256}, 400),
        ({"group_id": "GROUP", "description": "two\nlines"}, 400),
        ({"group_id": "GROUP", "force": True}, 400),
        ({"group_id": "GROUP", "name": None, "description": None}, 202),
    ],
)
def test_create_with(cloud: Cloud, wish: dict[str, Any], status: int) -> None:
    """Each field has its bounds; a refusal leaves no group snapshot."""
    group_id = make_group(cloud)
    make_member(cloud, group_id)
    asked = {**wish, "group_id": group_id} if wish.get("group_id") == "GROUP" else wish
    answer = ask(cloud, "POST", "/group_snapshots", {"group_snapshot": asked})
    assert answer.status == status, answer.text
    assert len(ask(cloud, "GET", "/group_snapshots").json["group_snapshots"]) == (status == 202)


def test_of_nothing(cloud: Cloud) -> None:
    """An empty group is not kept, nor one that has to be of one moment on storage that cannot do that."""
    wish = {"group_snapshot": {"group_id": make_group(cloud)}}
    assert ask(cloud, "POST", "/group_snapshots", wish).status == 400
    group_type(cloud, "strict", consistent_group_snapshot_enabled="<is> True")
    group_id = make_group(cloud, group_type="strict")
    make_member(cloud, group_id)
    answer = ask(cloud, "POST", "/group_snapshots", {"group_snapshot": {"group_id": group_id}})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert "one moment" in answer.text


def test_quota(cloud: Cloud) -> None:
    """All snapshots together have to be within the limit."""
    group_id = make_group(cloud)
    for _ in range(2):
        make_member(cloud, group_id)
    assert cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"snapshots": 1}}).status == 200
    answer = ask(cloud, "POST", "/group_snapshots", {"group_snapshot": {"group_id": group_id}})
    assert answer.status == 413
    assert answer.json["overLimit"]["message"].startswith("SnapshotLimitExceeded: ")


def test_lists(cloud: Cloud) -> None:
    """From 3.29 on pages, with links that lead to the short list, and filters; before, neither."""
    ids = [kept(cloud, name=name) for name in ("b", "a", "c")]
    group_id = cloud.see("group_snapshots", ids[0])["group_id"]
    page = ask(cloud, "GET", "/group_snapshots/detail?limit=2&sort=name:asc").json
    assert [each["name"] for each in page["group_snapshots"]] == ["a", "b"]
    (link,) = page["group_snapshot_links"]
    assert link["href"].partition("?")[0].endswith("/v3/group_snapshots")
    for query, expected in (
        ("name=a", ["a"]),
        (f"group_id={group_id}", ["b"]),
        ("status=error", []),
        ("status~=avail&name=a", ["a"]),
        (f"sort=name:asc&marker={ids[0]}", ["c"]),
        ("melon=1", []),
    ):
        shown = ask(cloud, "GET", f"/group_snapshots?{query}").json["group_snapshots"]
        assert [each["name"] for each in shown] == expected, query
    assert ask(cloud, "GET", "/group_snapshots?melon=1", roles="reader").status == 400
    assert ask(cloud, "GET", "/group_snapshots?é=1", version="3.28").status == 400
    assert len(ask(cloud, "GET", "/group_snapshots?name=a&limit=1", version="3.28").json["group_snapshots"]) == 3


def test_all_tenants(cloud: Cloud) -> None:
    """The mere presence of all_tenants counts, for administrators only."""
    mine, other = kept(cloud), kept(cloud, project=OTHER_PROJECT)
    for query, roles, expected in (
        ("", None, {mine}),
        ("?all_tenants=0", None, {mine, other}),
        ("?all_tenants=1", "reader", {mine}),
    ):
        shown = ask(cloud, "GET", f"/group_snapshots{query}", roles=roles).json["group_snapshots"]
        assert {each["id"] for each in shown} == expected, query


def test_delete(cloud: Cloud) -> None:
    """It goes with its snapshots; asking while it goes is no error, and afterwards a 404."""
    snapshot_id = kept(cloud)
    for _ in range(2):
        answer = ask(cloud, "DELETE", f"/group_snapshots/{snapshot_id}", roles="member")
        assert (answer.status, answer.text) == (202, "")
    assert cloud.see("group_snapshots", snapshot_id)["status"] == "deleting"
    cloud.work()
    assert ask(cloud, "DELETE", f"/group_snapshots/{snapshot_id}").status == 404
    assert ask(cloud, "GET", "/snapshots").json["snapshots"] == []


def test_reset_status(cloud: Cloud) -> None:
    """An administrator may set the statuses of the table, from 3.19 on."""
    path = f"/group_snapshots/{kept(cloud)}/action"
    for status, expected in (("ERROR", 202), ("updating", 202), ("in-use", 400), ("melon", 400), (None, 400)):
        assert ask(cloud, "POST", path, {"reset_status": {"status": status}}).status == expected, status
    wish = {"reset_status": {"status": "available"}}
    assert ask(cloud, "POST", path, wish, version="3.18").status == 404
    assert ask(cloud, "POST", path, {"melon": {}}).status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", "/group_snapshots/{}", None, "reader"),
        ("DELETE", "/group_snapshots/{}", None, "member"),
        ("POST", "/group_snapshots/{}/action", {"reset_status": {"status": "error"}}, "admin"),
    ],
)
def test_whose_and_by_whom(cloud: Cloud, method: str, path: str, body: Any, least: str) -> None:
    """Another project's group snapshot does not exist; one's own needs the role."""
    snapshot_id = kept(cloud, project=OTHER_PROJECT)
    assert ask(cloud, method, path.format(snapshot_id), body, roles="member,reader").status == 404
    lesser = {"reader": "nobody", "member": "reader", "admin": "member,reader"}[least]
    answer = ask(cloud, method, path.format(snapshot_id), body, roles=lesser, project=OTHER_PROJECT)
    assert (answer.status, answer.fault) == (403, "forbidden")
    assert ask(cloud, method, path.format(snapshot_id), body, roles=least, project=OTHER_PROJECT).status < 300


def test_who_may_keep(cloud: Cloud) -> None:
    """Keeping a group takes a member, and a group of the member's project."""
    mine, other = make_group(cloud), make_group(cloud, project=OTHER_PROJECT)
    for group_id, roles, status in ((mine, "reader", 403), (other, "member", 404)):
        wish = {"group_snapshot": {"group_id": group_id}}
        assert ask(cloud, "POST", "/group_snapshots", wish, roles=roles).status == status
