"""Groups on the wire: their forms at each version, their lists, and what becomes of them and of their volumes."""

from typing import Any

import pytest

from tests.http.client import PROJECT
from tests.http.group_lab import act, ask, group_type, make_group, make_group_snapshot, make_member
from tests.http.lab import OTHER_PROJECT, POOL, Cloud

NOBODY = "11111111-1111-4111-8111-111111111111"
_FIELDS = set("id status availability_zone created_at name description group_type volume_types".split())
_LATER = {14: {"group_snapshot_id", "source_group_id"}, 38: {"replication_status"}, 58: {"project_id"}}


@pytest.mark.parametrize("minor", [13, 14, 24, 25, 37, 38, 57, 58])
def test_fields(cloud: Cloud, minor: int) -> None:
    """Each form has its fields at each version; the project is for administrators."""
    group_id = make_group(cloud, name="g")
    volume_id = make_member(cloud, group_id)
    version = f"3.{minor}"
    fields = _FIELDS.union(*(names for since, names in _LATER.items() if since <= minor))
    shown = ask(cloud, "GET", f"/groups/{group_id}", version=version).json["group"]
    assert set(shown) == fields
    assert ask(cloud, "GET", "/groups/detail", version=version).json == {"groups": [shown]}
    assert ask(cloud, "GET", "/groups", version=version).json == {"groups": [{"id": group_id, "name": "g"}]}
    tenant = ask(cloud, "GET", f"/groups/{group_id}", version=version, roles="reader").json["group"]
    assert set(tenant) == fields - {"project_id"}
    full = ask(cloud, "GET", f"/groups/{group_id}?list_volume=true", version=version).json["group"]
    assert full.get("volumes") == ([volume_id] if minor >= 25 else None)


def test_create(cloud: Cloud) -> None:
    """A group is creating, then available; its types are shown by their ids."""
    kind, volume_type = group_type(cloud), cloud.type("fast")
    wish = {
        "name": " n ",
        "description": " d ",
        "group_type": "plain",
        "volume_types": ["fast", "__DEFAULT__"],
        "availability_zone": "nova",
    }
    answer = ask(cloud, "POST", "/groups", {"group": wish}, roles="member")
    assert answer.status == 202
    created = answer.json["group"]
    assert created == {"id": created["id"], "name": "n"}
    assert cloud.see("groups", created["id"])["status"] == "creating"
    cloud.work()
    shown = cloud.see("groups", created["id"])
    assert (shown["status"], shown["description"], shown["availability_zone"]) == ("available", "d", "nova")
    assert (shown["group_type"], shown["project_id"], shown["replication_status"]) == (kind, PROJECT, "disabled")
    assert len(shown["volume_types"]) == 2
    assert volume_type in shown["volume_types"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"group_type": None}, 400),
        ({"group_type": " "}, 400),
        ({"group_type": "melon"}, 404),
        ({"group_type": "default_cgsnapshot_type"}, 400),
        ({"volume_types": []}, 400),
        ({"volume_types": ["__DEFAULT__", "__DEFAULT__"]}, 400),
        ({"volume_types": ["melon"]}, 404),
        ({"volume_types": "__DEFAULT__"}, 400),
        ({"name": "x" * 256}, 400),
        ({"name": None, "description": None}, 202),
        ({"description": "two\nlines"}, 400),
        ({"availability_zone": "melon"}, 400),
        ({"availability_zone": ""}, 400),
        ({"status": "error"}, 400),
    ],
)
def test_create_with(cloud: Cloud, changes: dict[str, Any], status: int) -> None:
    """Each field has its bounds; a refusal leaves no group."""
    group_type(cloud)
    wish = {"group_type": "plain", "volume_types": ["__DEFAULT__"], **changes}
    answer = ask(cloud, "POST", "/groups", {"group": wish})
    assert answer.status == status, answer.text
    assert len(ask(cloud, "GET", "/groups").json["groups"]) == (status == 202)


def test_quota(cloud: Cloud) -> None:
    """The number of groups has a limit, a refusal names it as clients know it, and what is used is shown."""
    make_group(cloud)
    assert cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"groups": 1}}).status == 200
    answer = ask(cloud, "POST", "/groups", {"group": {"group_type": "plain", "volume_types": ["__DEFAULT__"]}})
    assert answer.status == 413
    assert answer.json["overLimit"]["message"].startswith("GroupLimitExceeded: ")
    used = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=true").json["quota_set"]["groups"]
    assert used == {"limit": 1, "in_use": 1, "reserved": 0}


def test_lists(cloud: Cloud) -> None:
    """Pages in any order, with links that lead to the short list, and filters."""
    ids = [make_group(cloud, name=name) for name in ("b", "a", "c")]
    names = [group["name"] for group in ask(cloud, "GET", "/groups").json["groups"]]
    assert names == ["c", "a", "b"]
    page = ask(cloud, "GET", "/groups/detail?limit=2&sort=name:asc&list_volume=1").json
    assert [group["name"] for group in page["groups"]] == ["a", "b"]
    (link,) = page["group_links"]
    assert link["href"].partition("?")[0].endswith("/v3/groups")
    assert "list_volume=1" in link["href"]
    rest = ask(cloud, "GET", f"/groups?limit=2&sort=name:asc&marker={ids[0]}").json["groups"]
    assert [group["name"] for group in rest] == ["c"]
    for query, expected in (
        ("name=a", ["a"]),
        ("name=melon", []),
        ("status=available&name=c", ["c"]),
        ("name~=b", ["b"]),
        ("melon=1", []),
        ("limit=0", []),
    ):
        shown = ask(cloud, "GET", f"/groups?{query}").json["groups"]
        assert [group["name"] for group in shown] == expected, query
    assert ask(cloud, "GET", f"/groups?marker={NOBODY}").status == 404
    for query in ("sort=melon", "sort=name:up", "limit=-1", "list_volume=melon"):
        assert ask(cloud, "GET", f"/groups/detail?{query}").status == 400, query


def test_filters_of_tenants(cloud: Cloud) -> None:
    """From 3.31 on others than `name` are refused; before, what is not known finds nothing."""
    make_group(cloud, name="a")
    for version, query, status in (
        ("3.71", "name=a", 200),
        ("3.71", "status=available", 400),
        ("3.71", "list_volume=true", 200),
        ("3.30", "melon=1", 200),
    ):
        assert ask(cloud, "GET", f"/groups?{query}", version=version, roles="reader").status == status, query
    for query, number in (("melon=1", 0), ("status=available", 1), ("project_id=b2", 1)):
        shown = ask(cloud, "GET", f"/groups?{query}", version="3.30", roles="reader").json["groups"]
        assert len(shown) == number, query
    assert len(ask(cloud, "GET", "/groups?status~=avail").json["groups"]) == 1


def test_all_tenants(cloud: Cloud) -> None:
    """The mere presence of all_tenants counts, for administrators only."""
    mine, other = make_group(cloud), make_group(cloud, project=OTHER_PROJECT)
    for query, roles, expected in (
        ("", None, {mine}),
        ("?all_tenants=0", None, {mine, other}),
        ("?all_tenants=1", "reader", {mine}),
        (f"?all_tenants=1&project_id={OTHER_PROJECT}", None, {other}),
    ):
        shown = ask(cloud, "GET", f"/groups{query}", roles=roles).json["groups"]
        assert {group["id"] for group in shown} == expected, query


def test_volumes_in_groups(cloud: Cloud) -> None:
    """A volume joins its group when it is made, shows it from 3.13 on, and is not deleted alone."""
    group_id = make_group(cloud)
    volume_id = make_member(cloud, group_id)
    shown = cloud.see("volumes", volume_id)
    assert (shown["group_id"], shown["consistencygroup_id"]) == (group_id, None)
    assert "group_id" not in cloud.call("GET", f"/volumes/{volume_id}", version="3.12").json["volume"]
    (listed,) = ask(cloud, "GET", f"/volumes?group_id={group_id}").json["volumes"]
    assert listed["id"] == volume_id
    for path in (f"/volumes/{volume_id}", f"/volumes/{volume_id}?force=true"):
        assert ask(cloud, "DELETE", path).status == 400
    plain = cloud.call("POST", "/volumes", {"volume": {"size": 1, "group_id": group_id}}, version="3.12")
    assert plain.status == 202
    assert cloud.see("volumes", plain.json["volume"]["id"])["group_id"] is None


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"volume_type": None}, 400),
        ({"volume_type": "other"}, 400),
        ({"group_id": "melon"}, 404),
        ({"group_id": None}, 202),
        ({"group_id": ""}, 202),
    ],
)
def test_volumes_with(cloud: Cloud, wish: dict[str, Any], status: int) -> None:
    """A group wants a type, and one of its own."""
    cloud.type("other")
    wanted = {"size": 1, "volume_type": "__DEFAULT__", "group_id": make_group(cloud), **wish}
    assert ask(cloud, "POST", "/volumes", {"volume": wanted}).status == status


def test_update(cloud: Cloud) -> None:
    """Name, description and volumes change; lists of volumes are ids with commas."""
    group_id = make_group(cloud, name="old")
    stays, leaves = make_member(cloud, group_id), make_member(cloud, group_id)
    joins = cloud.volume()
    wish = {"name": " new ", "description": "d", "add_volumes": f"{joins},", "remove_volumes": leaves}
    answer = ask(cloud, "PUT", f"/groups/{group_id}", {"group": wish}, roles="member")
    assert (answer.status, answer.text) == (202, "")
    assert cloud.see("groups", group_id)["status"] == "updating"
    cloud.work()
    shown = ask(cloud, "GET", f"/groups/{group_id}?list_volume=true").json["group"]
    assert (shown["status"], shown["name"], shown["description"]) == ("available", "new", "d")
    assert set(shown["volumes"]) == {stays, joins}
    assert cloud.see("volumes", leaves)["group_id"] is None


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": "g"},
        {"name": None},
        {"name": "x" * 256},
        {"add_volumes": " "},
        {"add_volumes": NOBODY},
        {"add_volumes": "x" * 256},
        {"remove_volumes": NOBODY},
        {"add_volumes": NOBODY, "remove_volumes": NOBODY},
        {"add_volumes": None, "remove_volumes": ","},
        {"status": "error"},
    ],
)
def test_update_refused(cloud: Cloud, wish: dict[str, Any]) -> None:
    """What changes nothing, and volumes that are not there."""
    group_id = make_group(cloud, name="g")
    assert ask(cloud, "PUT", f"/groups/{group_id}", {"group": wish}).status == 400
    assert cloud.see("groups", group_id)["status"] == "available"


def test_delete(cloud: Cloud) -> None:
    """Without `delete-volumes` only an empty group goes; with it, its volumes go too."""
    group_id = make_group(cloud)
    volume_id = make_member(cloud, group_id)
    for wish in ({}, {"delete-volumes": False}, {"delete-volumes": 1}, {"delete-volumes": None}, {"force": True}):
        assert act(cloud, group_id, "delete", wish).status == 400, wish
    assert ask(cloud, "DELETE", f"/groups/{group_id}").status == 400
    answer = act(cloud, group_id, "delete", {"delete-volumes": "true"}, roles="member")
    assert (answer.status, answer.text) == (202, "")
    assert cloud.see("volumes", volume_id)["status"] == "deleting"
    cloud.work()
    assert ask(cloud, "GET", f"/groups/{group_id}").status == 404
    assert ask(cloud, "GET", f"/volumes/{volume_id}").status == 404
    empty = make_group(cloud)
    assert ask(cloud, "DELETE", f"/groups/{empty}", roles="member").status == 202
    cloud.work()
    assert ask(cloud, "DELETE", f"/groups/{empty}").status == 404


def test_create_from_source(cloud: Cloud) -> None:
    """From a group or a group snapshot, one of them; an empty source is refused."""
    group_id = make_group(cloud)
    empty = {"create-from-src": {"source_group_id": group_id}}
    assert ask(cloud, "POST", "/groups/action", empty).status == 400
    make_member(cloud, group_id, size=2)
    snapshot_id = make_group_snapshot(cloud, group_id)
    for key, source in (("source_group_id", group_id), ("group_snapshot_id", snapshot_id)):
        wish = {"name": " n ", "description": None, key: source}
        answer = ask(cloud, "POST", "/groups/action", {"create-from-src": wish}, roles="member")
        assert answer.status == 202, answer.text
        created = answer.json["group"]
        assert created == {"id": created["id"], "name": "n"}
        cloud.work()
        shown = ask(cloud, "GET", f"/groups/{created['id']}?list_volume=true").json["group"]
        assert (shown["status"], shown[key]) == ("available", source)
        (volume_id,) = shown["volumes"]
        assert cloud.see("volumes", volume_id)["os-vol-host-attr:host"] == POOL


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({}, 400),
        ({"source_group_id": NOBODY}, 404),
        ({"group_snapshot_id": NOBODY}, 404),
        ({"source_group_id": "melon"}, 400),
        ({"source_group_id": None}, 400),
        ({"source_group_id": NOBODY, "group_snapshot_id": None, "name": None}, 404),
        ({"source_group_id": NOBODY, "group_snapshot_id": NOBODY}, 400),
        ({"source_group_id": NOBODY, "size": 1}, 400),
    ],
)
def test_create_from_source_with(quiet: Cloud, wish: dict[str, Any], status: int) -> None:
    """Each field has its bounds."""
    assert ask(quiet, "POST", "/groups/action", {"create-from-src": wish}).status == status


def test_reset_status(cloud: Cloud) -> None:
    """An administrator may set the statuses of the table, in any letters."""
    group_id = make_group(cloud)
    for status, expected in (
        ("ERROR", 202),
        ("updating", 202),
        ("in-use", 400),
        ("", 400),
        (None, 400),
        ("melon", 400),
    ):
        assert act(cloud, group_id, "reset_status", {"status": status}).status == expected, status
    assert cloud.see("groups", group_id)["status"] == "updating"
    assert act(cloud, group_id, "reset_status", {"status": "error"}, roles="member").status == 403


@pytest.mark.parametrize(
    "action", ["enable_replication", "disable_replication", "failover_replication", "list_replication_targets"]
)
def test_replication(cloud: Cloud, action: str) -> None:
    """A group that cannot be replicated says why."""
    group_id = make_group(cloud)
    answer = act(cloud, group_id, action, {}, roles="member")
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert "does not ask for replication" in answer.text
    assert act(cloud, group_id, action, None).status == 400
    assert act(cloud, group_id, action, {}, version="3.37").status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "since"),
    [
        ("GET", "/groups", None, 13),
        ("POST", "/groups/action", {"create-from-src": {"source_group_id": NOBODY}}, 14),
        ("POST", "/groups/{}/action", {"delete": {}}, 13),
        ("POST", "/groups/{}/action", {"reset_status": {"status": "error"}}, 20),
    ],
)
def test_since(quiet: Cloud, method: str, path: str, body: Any, since: int) -> None:
    """Before its version, nothing is there."""
    answer = ask(quiet, method, path.format(NOBODY), body, version=f"3.{since - 1}")
    assert answer.status == 404


@pytest.mark.parametrize("body", [{}, {"melon": {}}, {"delete": {}, "reset_status": {"status": "error"}}])
def test_actions_that_are_none(quiet: Cloud, body: Any) -> None:
    """An action is one key, and a known one."""
    assert ask(quiet, "POST", f"/groups/{NOBODY}/action", body).status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", "/groups/{}", None, "reader"),
        ("PUT", "/groups/{}", {"group": {"name": "x"}}, "member"),
        ("DELETE", "/groups/{}", None, "member"),
        ("POST", "/groups/{}/action", {"delete": {}}, "member"),
        ("POST", "/groups/{}/action", {"reset_status": {"status": "error"}}, "admin"),
    ],
)
def test_whose_and_by_whom(cloud: Cloud, method: str, path: str, body: Any, least: str) -> None:
    """Another project's group does not exist; one's own needs the role."""
    group_id = make_group(cloud, project=OTHER_PROJECT)
    assert ask(cloud, method, path.format(group_id), body, roles="member,reader").status == 404
    lesser = {"reader": "nobody", "member": "reader", "admin": "member,reader"}[least]
    answer = ask(cloud, method, path.format(group_id), body, roles=lesser, project=OTHER_PROJECT)
    assert (answer.status, answer.fault) == (403, "forbidden")
    assert ask(cloud, method, path.format(group_id), body, roles=least, project=OTHER_PROJECT).status < 300


def test_reader_creates_nothing(quiet: Cloud) -> None:
    """A group takes a member."""
    wish = {"group": {"group_type": "plain", "volume_types": ["__DEFAULT__"]}}
    assert ask(quiet, "POST", "/groups", wish, roles="reader").status == 403
