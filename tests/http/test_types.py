"""Volume types: the list, what administrators do to them, and who may use the private ones."""

import time
from pathlib import Path
from typing import Any

import pytest

from lapilli.api.policy import Policy
from tests.http.client import PROJECT
from tests.http.lab import OTHER_PROJECT, Cloud

_ACCESS = "os-volume-type-access:is_public"
_SHOWN = {"id", "name", "is_public", "description", "extra_specs", _ACCESS}


def test_fields(cloud: Cloud) -> None:
    """Reads, creates and updates each have their form; QoS specs are for administrators, access for members."""
    answer = cloud.call("POST", "/types", {"volume_type": {"name": "fast", "extra_specs": {"k": None}}})
    assert answer.status == 200
    created = answer.json["volume_type"]
    assert set(created) == _SHOWN
    assert (created["is_public"], created[_ACCESS], created["extra_specs"]) == (True, True, {"k": None})
    path = f"/types/{created['id']}"
    updated = cloud.call("PUT", path, {"volume_type": {"description": "d"}}).json["volume_type"]
    assert set(updated) == _SHOWN - {_ACCESS}
    assert set(cloud.call("GET", path).json["volume_type"]) == _SHOWN | {"qos_specs_id"}
    assert set(cloud.call("GET", path, roles="member,reader").json["volume_type"]) == _SHOWN
    assert set(cloud.call("GET", path, roles="reader").json["volume_type"]) == _SHOWN - {_ACCESS}


def test_tenants_see_few_specs(cloud: Cloud) -> None:
    """Extra specs that tell of the deployment are for administrators."""
    told = {"multiattach": "<is> True", "RESKEY:availability_zones": "nova"}
    type_id = cloud.type("fast", extra_specs={**told, "volume_backend_name": "files"})
    for path in (f"/types/{type_id}", f"/types/{type_id}/extra_specs"):
        (shown,) = cloud.call("GET", path, roles="reader").json.values()
        assert shown.get("extra_specs", shown) == told
    assert cloud.call("GET", f"/types/{type_id}/extra_specs/volume_backend_name", roles="reader").status == 404
    assert cloud.call("GET", f"/types/{type_id}/extra_specs/multiattach", roles="reader").status == 200


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"name": "x"}, 200),
        ({"name": "x" * 255, "description": None}, 200),
        ({"name": "x", _ACCESS: "False"}, 200),
        ({"name": "__DEFAULT__"}, 409),
        ({}, 400),
        ({"name": ""}, 400),
        ({"name": "  "}, 400),
        ({"name": None}, 400),
        ({"name": 7}, 400),
        ({"name": "x" * 256}, 400),
        ({"name": "x", "description": "two\nlines"}, 400),
        ({"name": "x", "is_public": True}, 400),
        ({"name": "x", _ACCESS: "perhaps"}, 400),
        ({"name": "x", "extra_specs": {"k": 1}}, 400),
        ({"name": "x", "extra_specs": {"k": "v" * 256}}, 400),
        ({"name": "x", "extra_specs": {"k?": "v"}}, 400),
        ({"name": "x", "extra_specs": {"multiattach": "<is> True", "cacheable": "<is> True"}}, 400),
    ],
)
def test_create(cloud: Cloud, wish: dict[str, Any], status: int) -> None:
    """Each field has its bounds, and a name is taken once."""
    answer = cloud.call("POST", "/types", {"volume_type": wish})
    assert answer.status == status, answer.text
    assert len(cloud.call("GET", "/types?is_public=none").json["volume_types"]) == 1 + (status == 200)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "new"}, 200),
        ({"name": "new", "description": "d", "is_public": "false"}, 200),
        ({"name": "__DEFAULT__"}, 409),
        ({}, 400),
        ({"name": None}, 400),
        ({"name": "", "description": "d"}, 400),
        ({"name": " "}, 400),
        ({"extra_specs": {}}, 400),
        ({"is_public": "perhaps"}, 400),
    ],
)
def test_update(cloud: Cloud, changes: dict[str, Any], status: int) -> None:
    """Name, description and publicity can change."""
    type_id = cloud.type("old")
    answer = cloud.call("PUT", f"/types/{type_id}", {"volume_type": changes})
    assert answer.status == status, answer.text
    shown = cloud.see("types", type_id)
    assert shown["name"] == ("new" if status == 200 else "old")
    assert shown["is_public"] == ("is_public" not in changes or status != 200)


def test_quotas_follow_a_new_name(cloud: Cloud) -> None:
    """The quotas of a type are called by its name, the project's own and those of the class."""
    type_id = cloud.type("old")
    cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"volumes_old": 3}})
    cloud.call("PUT", "/os-quota-class-sets/default", {"quota_class_set": {"gigabytes_old": 9}})
    cloud.call("PUT", f"/types/{type_id}", {"volume_type": {"name": "new"}})
    quotas = cloud.call("GET", f"/os-quota-sets/{PROJECT}").json["quota_set"]
    assert (quotas["volumes_new"], quotas["gigabytes_new"]) == (3, 9)
    assert "volumes_old" not in quotas


def test_delete(cloud: Cloud) -> None:
    """A type goes unless it is used or the default."""
    used, free = cloud.type("used"), cloud.type("free")
    cloud.volume(volume_type="used")
    default = cloud.call("GET", "/types/default").json["volume_type"]["id"]
    assert cloud.call("DELETE", f"/types/{used}").status == 400
    assert cloud.call("DELETE", f"/types/{default}").status == 400
    answer = cloud.call("DELETE", f"/types/{free}")
    assert (answer.status, answer.text) == (202, "")
    assert cloud.call("DELETE", f"/types/{free}").status == 404
    assert cloud.call("GET", f"/types/{free}").status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/types", {"volume_type": {"name": "x"}}),
        ("PUT", "/types/{}", {"volume_type": {"name": "x"}}),
        ("DELETE", "/types/{}", None),
        ("POST", "/types/{}/extra_specs", {"extra_specs": {"k": "v"}}),
        ("PUT", "/types/{}/extra_specs/k", {"k": "v"}),
        ("DELETE", "/types/{}/extra_specs/k", None),
        ("GET", "/types/{}/os-volume-type-access", None),
        ("POST", "/types/{}/action", {"addProjectAccess": {"project": "x"}}),
        ("POST", "/types/{}/action", {"removeProjectAccess": {"project": "x"}}),
    ],
)
def test_administrators_only(quiet: Cloud, method: str, path: str, body: Any) -> None:
    """A member changes no type."""
    answer = quiet.call(method, path.format("default"), body, roles="member,reader")
    assert (answer.status, answer.fault) == (403, "forbidden")


@pytest.fixture
def private(cloud: Cloud) -> str:
    """A private type that PROJECT may not use, beside the public ones `a` and the default."""
    cloud.type("a", description="first")
    return cloud.type("private", **{_ACCESS: False})


@pytest.mark.parametrize(
    ("query", "roles", "expected"),
    [
        ("", "reader", {"__DEFAULT__", "a"}),
        ("is_public=none", "reader", {"__DEFAULT__", "a"}),
        ("is_public=false", "reader", {"__DEFAULT__", "a"}),
        ("", "admin", {"__DEFAULT__", "a"}),
        ("is_public=none", "admin", {"__DEFAULT__", "a", "private"}),
        ("is_public=None", "admin", {"__DEFAULT__", "a", "private"}),
        ("is_public=false", "admin", {"private"}),
        ("is_public=1", "admin", {"__DEFAULT__", "a"}),
    ],
)
def test_public_and_private(cloud: Cloud, private: str, query: str, roles: str, expected: set[str]) -> None:
    """Tenants see what they may use; administrators ask for public, private or all."""
    listed = cloud.call("GET", f"/types?{query}", roles=roles).json["volume_types"]
    assert {one["name"] for one in listed} == expected


def test_access(cloud: Cloud, private: str) -> None:
    """A project that is let in sees and uses the type; one that is not finds none."""
    path = f"/types/{private}"
    wish = {"volume": {"size": 1, "volume_type": "private"}}
    assert cloud.call("GET", path, roles="reader").status == 404
    assert cloud.call("POST", "/volumes", wish, roles="member").status == 404
    let_in = {"addProjectAccess": {"project": PROJECT}}
    answer = cloud.call("POST", f"{path}/action", let_in)
    assert (answer.status, answer.text) == (202, "")
    again = cloud.call("POST", f"{path}/action", let_in)
    assert (again.status, again.fault) == (409, "conflictingRequest")
    listed = cloud.call("GET", f"{path}/os-volume-type-access").json
    assert listed == {"volume_type_access": [{"volume_type_id": private, "project_id": PROJECT}]}
    assert cloud.call("GET", path, roles="reader").status == 200
    assert cloud.call("POST", "/volumes", wish, roles="member").status == 202
    assert cloud.call("GET", path, roles="reader", project=OTHER_PROJECT).status == 404
    for status in (202, 404):
        shut_out = {"removeProjectAccess": {"project": PROJECT}}
        assert cloud.call("POST", f"{path}/action", shut_out).status == status
    assert cloud.call("GET", path, roles="reader").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"addProjectAccess": {}},
        {"addProjectAccess": {"project": ""}},
        {"addProjectAccess": {"project": 7}},
        {"addProjectAccess": {"project": "x", "more": 1}},
        {"create": {}},
        {},
    ],
)
def test_bad_actions(cloud: Cloud, private: str, body: Any) -> None:
    """What is no action on a type is a 400."""
    assert cloud.call("POST", f"/types/{private}/action", body).status == 400


def test_access_to_public_types(cloud: Cloud) -> None:
    """A public type has no list of projects, and none is added to it."""
    path = f"/types/{cloud.type('a')}"
    assert cloud.call("GET", f"{path}/os-volume-type-access").status == 404
    for action in ("addProjectAccess", "removeProjectAccess"):
        assert cloud.call("POST", f"{path}/action", {action: {"project": PROJECT}}).status == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "cab_"),
        ("sort=name:asc", "_abc"),
        ("sort=description:asc,name:desc", "c_ba"),
        ("sort_key=id&limit=0", ""),
        ("limit=2", "ca"),
        ("limit=2&offset=1", "ab"),
        ("offset=9", ""),
    ],
)
def test_pages(cloud: Cloud, query: str, expected: str) -> None:
    """Types are sorted and paged as other lists, NULL the lowest."""
    for name, description in (("b", "x"), ("a", "y"), ("c", None)):
        cloud.type(name, description=description)
        time.sleep(0.002)  # SQLite tells the time of their creation in milliseconds
    answer = cloud.call("GET", f"/types?{query}").json
    assert "".join(one["name"].replace("__DEFAULT__", "_") for one in answer["volume_types"]) == expected


def test_walk(cloud: Cloud) -> None:
    """Links lead on from the last type, until an empty page."""
    last = cloud.call("GET", "/types?sort=name:asc").json["volume_types"][-1]["id"]
    answer = cloud.call("GET", "/types?limit=1").json
    (link,) = answer["volume_type_links"]
    assert link == {"rel": "next", "href": f"http://lab/v3/types?limit=1&marker={last}"}
    assert cloud.call("GET", f"/types?limit=1&marker={last}").json == {"volume_types": []}
    assert cloud.call("GET", "/types?marker=nonsense").status == 404


@pytest.mark.parametrize("query", ["is_public=perhaps", "sort=nothing", "limit=x", "extra_specs=text"])
def test_bad_lists(quiet: Cloud, query: str) -> None:
    """What cannot be understood is a 400."""
    assert quiet.call("GET", f"/types?{query}", version="3.52").status == 400


def test_extra_specs_filter(cloud: Cloud) -> None:
    """From 3.52 types are found by extra specs, by tenants only through those that they see."""
    cloud.type("one", extra_specs={"multiattach": "<is> True", "hidden": "1"})
    for version, roles, specs, expected in (
        ("3.52", "admin", "{'hidden':'1','multiattach':'<is> True'}", ["one"]),
        ("3.52", "admin", "{'hidden':'2'}", []),
        ("3.52", "reader", "{'hidden':'1'}", []),
        ("3.52", "reader", "{'multiattach':'<is> True'}", ["one"]),
        ("3.51", "reader", "{'hidden':'1'}", ["one", "__DEFAULT__"]),
    ):
        answer = cloud.call("GET", f"/types?extra_specs={specs}".replace(" ", "%20"), version=version, roles=roles)
        assert [one["name"] for one in answer.json["volume_types"]] == expected


def test_default(cloud: Cloud) -> None:
    """`default` is the type of volumes that name none."""
    assert cloud.call("GET", "/types/default", roles="reader").json["volume_type"]["name"] == "__DEFAULT__"
    assert cloud.call("GET", "/types/nonsense").status == 404


@pytest.mark.parametrize(
    ("query", "version", "roles", "expected"),
    [
        ("name=one", "3.0", "admin", ["one"]),
        ("name=one&description=d", "3.71", "admin", ["one"]),
        ("name=one&description=e", "3.71", "admin", []),
        ("colour=red", "3.71", "admin", []),
        ("name=one", "3.51", "reader", ["one", "__DEFAULT__"]),
        ("extra_specs={'RESKEY:availability_zones':'far'}", "3.52", "reader", ["one"]),
        ("extra_specs={'RESKEY:availability_zones':'nova,far'}", "3.52", "reader", ["one"]),
        ("extra_specs={'RESKEY:availability_zones':'fa'}", "3.52", "reader", []),
    ],
)
def test_filters(cloud: Cloud, query: str, version: str, roles: str, expected: list[str]) -> None:
    """Administrators filter by any column, tenants from 3.52 on by what is told to them; zones are found singly."""
    cloud.type("one", description="d", extra_specs={"RESKEY:availability_zones": "nova, far"})
    answer = cloud.call("GET", f"/types?{query}", version=version, roles=roles)
    assert [one["name"] for one in answer.json["volume_types"]] == expected


def test_unknown_filters_of_tenants(quiet: Cloud) -> None:
    """From 3.52 they are refused."""
    assert quiet.call("GET", "/types?name=one", version="3.52", roles="reader").status == 400


def test_quotas_of_every_type(cloud: Cloud) -> None:
    """Private types have quotas in everybody's set too, until they are gone."""
    type_id = cloud.type("private", **{_ACCESS: False})
    names = {f"{resource}_private" for resource in ("volumes", "gigabytes", "snapshots")}
    for path in (f"/os-quota-sets/{PROJECT}", f"/os-quota-sets/{PROJECT}/defaults", "/os-quota-class-sets/default"):
        (shown,) = cloud.call("GET", path).json.values()
        assert {name: shown[name] for name in names} == dict.fromkeys(names, -1)
    cloud.call("DELETE", f"/types/{type_id}")
    assert not names & cloud.call("GET", f"/os-quota-sets/{PROJECT}").json["quota_set"].keys()


def test_multiattach_has_a_rule(cloud: Cloud, tmp_path: Path) -> None:
    """Who may create volumes may not create such that can be attached twice, if the operator says so."""
    cloud.type("shared", extra_specs={"multiattach": "<is> True"})
    (tmp_path / "policy.yaml").write_text('"volume:multiattach": "rule:admin_api"')
    cloud.lend(policy=Policy.load(tmp_path / "policy.yaml"))
    for volume_type, status in (("shared", 403), ("__DEFAULT__", 202)):
        wish = {"volume": {"size": 1, "volume_type": volume_type}}
        assert cloud.call("POST", "/volumes", wish, roles="member,reader").status == status
    assert len(cloud.call("GET", "/volumes").json["volumes"]) == 1


def test_order_of_equals(cloud: Cloud) -> None:
    """Types that are equal in what is sorted by come in the order of their making, the newest first."""
    for name in ("b", "a", "c"):
        cloud.type(name)
    shown = cloud.call("GET", "/types?sort=is_public").json["volume_types"]
    assert [one["name"] for one in shown] == ["c", "a", "b", "__DEFAULT__"]
