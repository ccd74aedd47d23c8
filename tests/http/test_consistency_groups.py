"""Consistency groups and cgsnapshots: groups of the reserved type, under their older names."""

from typing import Any

import pytest

from tests.http.group_lab import ask, make_group
from tests.http.lab import OTHER_PROJECT, Cloud

NOBODY = "11111111-1111-4111-8111-111111111111"
_FIELDS = set("id status availability_zone created_at name description volume_types".split())


def make(cloud: Cloud, **wish: Any) -> str:
    """A new consistency group that is placed; its id."""
    answer = cloud.call("POST", "/consistencygroups", {"consistencygroup": {"volume_types": "__DEFAULT__,", **wish}})
    assert answer.status == 202, answer.text
    cloud.work()
    return str(answer.json["consistencygroup"]["id"])


def make_member(cloud: Cloud, group_id: str) -> str:
    """A new volume in the consistency group; its id."""
    wish = {"size": 1, "volume_type": "__DEFAULT__", "consistencygroup_id": group_id}
    return cloud.volume(**wish)


def test_life(cloud: Cloud) -> None:
    """Made, filled, copied, changed and deleted with its volumes."""
    group_id = make(cloud, name=" n ", description="d", availability_zone="nova")
    shown = cloud.call("GET", f"/consistencygroups/{group_id}").json["consistencygroup"]
    assert set(shown) == _FIELDS
    assert (shown["status"], shown["name"], shown["availability_zone"]) == ("available", "n", "nova")
    assert cloud.call("GET", "/consistencygroups/detail").json == {"consistencygroups": [shown]}
    assert cloud.call("GET", "/consistencygroups").json == {"consistencygroups": [{"id": group_id, "name": "n"}]}
    volume_id = make_member(cloud, group_id)
    volume = cloud.see("volumes", volume_id)
    assert (volume["consistencygroup_id"], volume["group_id"]) == (group_id, group_id)
    copy = {"consistencygroup-from-src": {"source_cgid": group_id, "name": "copy"}}
    answer = cloud.call("POST", "/consistencygroups/create_from_src", copy)
    assert answer.status == 202, answer.text
    cloud.work()
    path = f"/consistencygroups/{group_id}"
    for update in (path, f"{path}/update"):
        change = {"consistencygroup": {"name": update[-6:]}}
        assert cloud.call("PUT", update, change).status == 202
    assert cloud.call("GET", path).json["consistencygroup"]["name"] == "update"
    for body in (None, {}, {"consistencygroup": {}}, {"consistencygroup": {"force": False}}, {"melon": {}}):
        assert cloud.call("POST", f"{path}/delete", body).status == 400, body
    assert cloud.call("POST", f"{path}/delete", {"consistencygroup": {"force": "true"}}).status == 202
    cloud.work()
    assert cloud.call("GET", path).status == 404
    assert cloud.call("GET", f"/volumes/{volume_id}").status == 404
    other = f"/consistencygroups/{answer.json['consistencygroup']['id']}"
    assert cloud.call("POST", f"{other}/delete", {"consistency_group": {"force": True}}).status == 202


def test_apart_from_groups(cloud: Cloud) -> None:
    """`/groups` knows no consistency groups; `/consistencygroups` lists all groups."""
    generic, legacy = make_group(cloud), make(cloud)
    assert [group["id"] for group in ask(cloud, "GET", "/groups").json["groups"]] == [generic]
    listed = cloud.call("GET", "/consistencygroups").json["consistencygroups"]
    assert {group["id"] for group in listed} == {generic, legacy}
    for method, path, body in (
        ("GET", f"/groups/{legacy}", None),
        ("PUT", f"/groups/{legacy}", {"group": {"name": "x"}}),
        ("DELETE", f"/groups/{legacy}", None),
        ("POST", f"/groups/{legacy}/action", {"delete": {}}),
        ("POST", "/groups/action", {"create-from-src": {"source_group_id": legacy}}),
        ("POST", "/group_snapshots", {"group_snapshot": {"group_id": legacy}}),
    ):
        assert ask(cloud, method, path, body).status == 400, path


def test_delete(cloud: Cloud) -> None:
    """The DELETE method takes an empty group, as the older `delete` without force does."""
    group_id = make(cloud)
    make_member(cloud, group_id)
    assert cloud.call("DELETE", f"/consistencygroups/{group_id}").status == 400
    empty = make(cloud)
    assert cloud.call("DELETE", f"/consistencygroups/{empty}").status == 202
    cloud.work()
    assert cloud.call("GET", f"/consistencygroups/{empty}").status == 404


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({}, 400),
        ({"volume_types": ""}, 400),
        ({"volume_types": ","}, 400),
        ({"volume_types": None}, 400),
        ({"volume_types": ["__DEFAULT__"]}, 400),
        ({"volume_types": "melon"}, 404),
        ({"volume_types": "__DEFAULT__", "name": "x" * 256}, 400),
        ({"volume_types": "__DEFAULT__", "availability_zone": "melon"}, 400),
        ({"volume_types": "__DEFAULT__", "melon": 1}, 202),
    ],
)
def test_create_with(cloud: Cloud, wish: dict[str, Any], status: int) -> None:
    """Types are a text of names with commas; further properties do not matter."""
    assert cloud.call("POST", "/consistencygroups", {"consistencygroup": wish}).status == status


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({}, 400),
        ({"cgsnapshot_id": NOBODY}, 404),
        ({"source_cgid": "melon"}, 404),
        ({"source_cgid": NOBODY, "cgsnapshot_id": NOBODY}, 400),
        ({"source_cgid": None}, 400),
        ({"source_cgid": NOBODY, "cgsnapshot_id": None}, 404),
    ],
)
def test_create_from_source_with(quiet: Cloud, wish: dict[str, Any], status: int) -> None:
    """One source, which is there."""
    body = {"consistencygroup-from-src": wish}
    assert quiet.call("POST", "/consistencygroups/create_from_src", body).status == status


@pytest.mark.parametrize(
    ("wish", "version", "status"),
    [
        ({}, "3.71", 400),
        ({"name": ""}, "3.5", 400),
        ({"name": ""}, "3.6", 202),
        ({"name": None, "add_volumes": ""}, "3.71", 400),
        ({"add_volumes": NOBODY}, "3.71", 400),
        ({"name": 7}, "3.71", 400),
    ],
)
def test_update_with(cloud: Cloud, wish: dict[str, Any], version: str, status: int) -> None:
    """Until 3.5 an empty name is no change."""
    path = f"/consistencygroups/{make(cloud, name='old')}/update"
    assert cloud.call("PUT", path, {"consistencygroup": wish}, version=version).status == status


def test_pages(cloud: Cloud) -> None:
    """The link leads to the short list."""
    for _ in range(2):
        make(cloud)
    page = cloud.call("GET", "/consistencygroups/detail?limit=1").json
    (link,) = page["consistencygroup_links"]
    assert link["href"].partition("?")[0].endswith("/v3/consistencygroups")
    assert len(page["consistencygroups"]) == 1


@pytest.mark.parametrize(
    ("query", "number"), [("status=available", 1), ("status=error", 0), ("melon=1", 0), ("project_id=b2", 1)]
)
def test_filters_of_tenants(cloud: Cloud, query: str, number: int) -> None:
    """They may filter by everything, in every version; what is not known finds nothing."""
    make(cloud)
    answer = cloud.call("GET", f"/consistencygroups?{query}", version="3.71", roles="reader")
    assert len(answer.json["consistencygroups"]) == number


@pytest.mark.parametrize("path", ["/cgsnapshots", "/consistencygroups"])
def test_names_of_filters(cloud: Cloud, path: str) -> None:
    """None has letters beyond ASCII."""
    assert cloud.call("GET", f"{path}?é=1").status == 400


def test_cgsnapshots_of_storage_that_cannot(cloud: Cloud) -> None:
    """They are of one moment, or they are refused with a reason."""
    group_id = make(cloud)
    make_member(cloud, group_id)
    answer = cloud.call("POST", "/cgsnapshots", {"cgsnapshot": {"consistencygroup_id": group_id}})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert "one moment" in answer.text


def test_cgsnapshots(cloud: Cloud) -> None:
    """Their forms and lists, which know a limit and an offset and nothing else; 0 is no limit."""
    cloud.tell(consistent_group_snapshot_enabled=True)
    group_id = make(cloud)
    make_member(cloud, group_id)
    ids = []
    for name in ("a", "b"):
        wish = {"consistencygroup_id": group_id, "name": name, "description": "d"}
        answer = cloud.call("POST", "/cgsnapshots", {"cgsnapshot": wish})
        assert answer.status == 202, answer.text
        assert answer.json["cgsnapshot"]["name"] == name
        ids.append(answer.json["cgsnapshot"]["id"])
    shown = cloud.call("GET", f"/cgsnapshots/{ids[0]}").json["cgsnapshot"]
    assert set(shown) == set("id consistencygroup_id status created_at name description".split())
    assert (shown["consistencygroup_id"], shown["description"]) == (group_id, "d")
    detailed = cloud.call("GET", "/cgsnapshots/detail").json["cgsnapshots"]
    assert detailed[1] == shown
    for query, expected in (("", 2), ("?limit=0", 2), ("?limit=1", 1), ("?offset=1", 1), ("?name=a", 2)):
        answer = cloud.call("GET", f"/cgsnapshots{query}")
        assert set(answer.json) == {"cgsnapshots"}
        assert len(answer.json["cgsnapshots"]) == expected, query
    assert cloud.call("GET", "/cgsnapshots?limit=-1").status == 400
    assert ask(cloud, "GET", "/group_snapshots").json["group_snapshots"] == []
    assert ask(cloud, "GET", f"/group_snapshots/{ids[0]}").status == 400
    assert ask(cloud, "DELETE", f"/group_snapshots/{ids[0]}").status == 400
    cloud.work()
    assert cloud.call("GET", f"/cgsnapshots/{ids[0]}").json["cgsnapshot"]["status"] == "error"
    for snapshot_id in ids:
        assert cloud.call("DELETE", f"/cgsnapshots/{snapshot_id}").status == 202
    cloud.work()
    assert cloud.call("GET", "/cgsnapshots").json == {"cgsnapshots": []}


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({}, 400),
        ({"consistencygroup_id": None}, 400),
        ({"consistencygroup_id": NOBODY, "name": 7}, 400),
        ({"consistencygroup_id": NOBODY, "name": None, "description": None}, 404),
    ],
)
def test_cgsnapshots_with(quiet: Cloud, wish: dict[str, Any], status: int) -> None:
    """The group has to be given; null is what `cinder` sends for a text that is not."""
    assert quiet.call("POST", "/cgsnapshots", {"cgsnapshot": wish}).status == status


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", "/consistencygroups/{}", None, "reader"),
        ("PUT", "/consistencygroups/{}/update", {"consistencygroup": {"name": "x"}}, "member"),
        ("DELETE", "/consistencygroups/{}", None, "member"),
        ("POST", "/consistencygroups/{}/delete", {}, "member"),
    ],
)
def test_whose_and_by_whom(cloud: Cloud, method: str, path: str, body: Any, least: str) -> None:
    """Another project's consistency group does not exist; one's own needs the role."""
    wish = {"consistencygroup": {"volume_types": "__DEFAULT__"}}
    answer = cloud.call("POST", "/consistencygroups", wish, project=OTHER_PROJECT, roles="member")
    cloud.work()
    group_id = answer.json["consistencygroup"]["id"]
    assert cloud.call(method, path.format(group_id), body, roles="member,reader").status == 404
    lesser = {"reader": "nobody", "member": "reader"}[least]
    assert cloud.call(method, path.format(group_id), body, roles=lesser, project=OTHER_PROJECT).status == 403
    assert cloud.call(method, path.format(group_id), body, roles=least, project=OTHER_PROJECT).status < 300
