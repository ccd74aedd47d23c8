"""Group types and their specs."""

from typing import Any

import pytest
from sqlalchemy import Connection, insert

from lapilli.db.schema import groups
from lapilli.operations.admission import Rules
from tests.http.client import PROJECT, Answer
from tests.http.lab import QUOTA, Cloud

_RESERVED = "default_cgsnapshot_type"
_NOBODY = "11111111-1111-4111-8111-111111111111"


def call(cloud: Cloud, method: str, path: str = "", body: Any = None, **how: Any) -> Answer:
    return cloud.call(method, f"/group_types{path}", body, **{"version": "3.11", **how})


def group_type(cloud: Cloud, name: str, **wish: Any) -> str:
    """A new group type; its id."""
    answer = call(cloud, "POST", body={"group_type": {"name": name, **wish}})
    assert answer.status == 202, answer.text
    return str(answer.json["group_type"]["id"])


def names(cloud: Cloud, query: str = "", **how: Any) -> list[str]:
    return [one["name"] for one in call(cloud, "GET", query, **how).json["group_types"]]


def test_life(cloud: Cloud) -> None:
    """A type is created, shown, changed and deleted; its specs are for administrators."""
    wish = {"name": "g", "description": "d", "is_public": "yes", "group_specs": {"a b/c": "1"}}
    answer = call(cloud, "POST", body={"group_type": wish})
    type_id = answer.json["group_type"]["id"]
    expected = {**wish, "id": type_id, "is_public": True}
    assert (answer.status, answer.json) == (202, {"group_type": expected})
    assert call(cloud, "GET", f"/{type_id}").json == {"group_type": expected}
    del expected["group_specs"]
    assert call(cloud, "GET", f"/{type_id}", roles="nobody").json == {"group_type": expected}
    answer = call(cloud, "PUT", f"/{type_id}", {"group_type": {"name": "h", "is_public": False}})
    assert answer.status == 200
    assert (answer.json["group_type"]["name"], answer.json["group_type"]["is_public"]) == ("h", False)
    assert call(cloud, "GET", f"/{type_id}", roles="member,reader").status == 404
    answer = call(cloud, "DELETE", f"/{type_id}")
    assert (answer.status, answer.text) == (202, "")
    for method in ("GET", "DELETE", "PUT"):
        assert call(cloud, method, f"/{type_id}", {"group_type": {"name": "i"}}).status == 404


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"name": "x", "group_specs": None}, 202),
        ({"name": "x" * 255}, 202),
        ({"name": _RESERVED}, 409),
        ({}, 400),
        ({"name": ""}, 400),
        ({"name": " "}, 400),
        ({"name": None}, 400),
        ({"name": "x" * 256}, 400),
        ({"name": "x", "description": "two\nlines"}, 400),
        ({"name": "x", "is_public": "perhaps"}, 400),
        ({"name": "x", "group_specs": {"k": None}}, 400),
        ({"name": "x", "group_specs": {"k?": "v"}}, 400),
        ({"name": "x", "colour": "red"}, 400),
    ],
)
def test_create(cloud: Cloud, wish: Any, status: int) -> None:
    """Each field has its bounds, and a name is taken once."""
    assert call(cloud, "POST", body={"group_type": wish}).status == status
    assert len(names(cloud)) == 1 + (status == 202)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"description": "d"}, 200),
        ({"name": "old"}, 200),
        ({"name": _RESERVED}, 409),
        ({}, 400),
        ({"name": None}, 400),
        ({"name": ""}, 400),
        ({"name": "  "}, 400),
        ({"group_specs": {}}, 400),
    ],
)
def test_update(cloud: Cloud, changes: Any, status: int) -> None:
    """Name, description and publicity can change."""
    type_id = group_type(cloud, "old")
    assert call(cloud, "PUT", f"/{type_id}", {"group_type": changes}).status == status
    assert call(cloud, "GET", f"/{type_id}").json["group_type"]["name"] == "old"


def test_types_in_use(cloud: Cloud) -> None:
    """A type that a group is of stays."""
    type_id = group_type(cloud, "g")
    row = {"id": _NOBODY, "project_id": PROJECT, "user_id": "u", "status": "available", "group_type_id": type_id}

    def write(tx: Connection) -> None:
        tx.execute(insert(groups).values(created_at="2026-01-01T00:00:00.000000", **row))

    cloud.db.write(write)
    answer = call(cloud, "DELETE", f"/{type_id}")
    assert (answer.status, answer.fault) == (400, "badRequest")


def test_default(cloud: Cloud) -> None:
    """`default` is the type that the operator has named, if there is one."""
    assert call(cloud, "GET", "/default").status == 404
    for name, status in (("g", 404), (_RESERVED, 200)):
        cloud.lend(rules=Rules(quota=QUOTA, default_group_type=name))
        assert call(cloud, "GET", "/default", roles="nobody").status == status


def test_reserved_type(cloud: Cloud) -> None:
    """The type of legacy consistency groups is there from the beginning."""
    (found,) = call(cloud, "GET").json["group_types"]
    assert (found["name"], found["is_public"]) == (_RESERVED, True)
    assert found["group_specs"] == {"consistent_group_snapshot_enabled": "<is> True"}


@pytest.mark.parametrize(
    ("query", "roles", "expected"),
    [
        ("?sort=name:asc", "reader", ["a", _RESERVED]),
        ("?sort=name:asc&is_public=none", "reader", ["a", _RESERVED]),
        ("?sort=name:asc", "admin", ["a", _RESERVED]),
        ("?sort=name:asc&is_public=none", "admin", ["a", "b", _RESERVED]),
        ("?is_public=false", "admin", ["b"]),
        ("?sort=name:asc&is_public=True", "admin", ["a", _RESERVED]),
        ("?sort=name:asc&is_public=none&limit=1&offset=1", "admin", ["b"]),
        ("?sort=name:asc&colour=red", "reader", ["a", _RESERVED]),
    ],
)
def test_lists(cloud: Cloud, query: str, roles: str, expected: list[str]) -> None:
    """Tenants see the public types, administrators those they ask for."""
    group_type(cloud, "a")
    group_type(cloud, "b", is_public=False)
    assert names(cloud, query, roles=roles) == expected


def test_pages(cloud: Cloud) -> None:
    """A full page links to the next."""
    group_type(cloud, "z")
    answer = call(cloud, "GET", "?limit=1&sort=name:asc").json
    (link,) = answer["group_type_links"]
    assert names(cloud, link["href"].removeprefix("http://lab/v3/group_types")) == ["z"]
    assert call(cloud, "GET", "?marker=nonsense").status == 404
    assert call(cloud, "GET", "?is_public=perhaps").status == 400
    assert call(cloud, "GET", "?é=1").status == 400


def test_specs(cloud: Cloud) -> None:
    """Specs are added, written, shown and deleted; writes answer with what was sent."""
    path = f"/{group_type(cloud, 'g', group_specs={'a': '1'})}/group_specs"
    answer = call(cloud, "POST", path, {"group_specs": {"b": "2", "c": None}})
    assert (answer.status, answer.json) == (202, {"group_specs": {"b": "2", "c": None}})
    answer = call(cloud, "PUT", f"{path}/a", {"a": "9"})
    assert (answer.status, answer.json) == (200, {"a": "9"})
    assert call(cloud, "GET", path).json == {"group_specs": {"a": "9", "b": "2", "c": None}}
    assert call(cloud, "GET", f"{path}/b").json == {"b": "2"}
    answer = call(cloud, "DELETE", f"{path}/b")
    assert (answer.status, answer.text) == (202, "")
    for method in ("GET", "DELETE"):
        assert call(cloud, method, f"{path}/b").status == 404
    for method, suffix, body in (("GET", "", None), ("POST", "", {"group_specs": {}}), ("PUT", "/k", {"k": "v"})):
        assert call(cloud, method, f"/{_NOBODY}/group_specs{suffix}", body).status == 404


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("POST", "", {}),
        ("POST", "", {"group_specs": []}),
        ("POST", "", {"group_specs": {"with space": "v"}}),
        ("POST", "", {"group_specs": {"k": 7}}),
        ("POST", "", {"group_specs": {"k": "v" * 256}}),
        ("PUT", "/k", {"other": "v"}),
        ("PUT", "/k", {"k": "v", "l": "v"}),
        ("PUT", "/k", {}),
    ],
)
def test_refused_specs(cloud: Cloud, method: str, suffix: str, body: Any) -> None:
    """What is no spec is a 400, and nothing changes."""
    path = f"/{group_type(cloud, 'g')}/group_specs"
    assert call(cloud, method, path + suffix, body).status == 400
    assert call(cloud, "GET", path).json == {"group_specs": {}}


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("POST", "", {"group_type": {"name": "x"}}),
        ("PUT", "/x", {"group_type": {"name": "x"}}),
        ("DELETE", "/x", None),
        ("GET", "/x/group_specs", None),
        ("POST", "/x/group_specs", {"group_specs": {"k": "v"}}),
        ("GET", "/x/group_specs/k", None),
        ("PUT", "/x/group_specs/k", {"k": "v"}),
        ("DELETE", "/x/group_specs/k", None),
    ],
)
def test_administrators_only(quiet: Cloud, method: str, suffix: str, body: Any) -> None:
    """Tenants look at types, and at no specs; before 3.11 nobody did."""
    answer = call(quiet, method, suffix, body, roles="member,reader")
    assert (answer.status, answer.fault) == (403, "forbidden")
    assert call(quiet, method, suffix, body, version="3.10").status == 404
