"""QoS specs: their life, which types have them, and what hosts are told of them."""

from typing import Any

import pytest

from tests.http.lab import Cloud

_NOBODY = "11111111-1111-4111-8111-111111111111"


def specs(cloud: Cloud, name: str = "gold", **wish: str | None) -> str:
    """New QoS specs; their id."""
    answer = cloud.call("POST", "/qos-specs", {"qos_specs": {"name": name, **wish}})
    assert answer.status == 200, answer.text
    return str(answer.json["qos_specs"]["id"])


def associate(cloud: Cloud, specs_id: str, type_id: str, verb: str = "associate") -> int:
    return cloud.call("GET", f"/qos-specs/{specs_id}/{verb}?vol_type_id={type_id}").status


def names(cloud: Cloud, query: str = "") -> list[str]:
    return [one["name"] for one in cloud.call("GET", f"/qos-specs{query}").json["qos_specs"]]


def test_life(cloud: Cloud) -> None:
    """Specs are created, changed, shown and deleted; links stand beside what they link to."""
    wish = {"name": " gold ", "consumer": "front-end", "total_iops_sec": "100", "": "x"}
    assert cloud.call("POST", "/qos-specs", {"qos_specs": wish}).status == 400
    del wish[""]
    answer = cloud.call("POST", "/qos-specs", {"qos_specs": wish})
    assert answer.status == 200
    created = answer.json["qos_specs"]
    path = f"/qos-specs/{created['id']}"
    expected = {"id": created["id"], "name": "gold", "consumer": "front-end", "specs": {"total_iops_sec": "100"}}
    links = [
        {"rel": "self", "href": f"http://lab/v3{path}"},
        {"rel": "bookmark", "href": f"http://lab{path}"},
    ]
    assert answer.json == {"qos_specs": expected, "links": links}
    assert cloud.call("GET", path).json == answer.json
    assert cloud.call("GET", "/qos-specs").json == {"qos_specs": [expected]}
    more = {"qos_specs": {"consumer": "both", "burst": None, "total_iops_sec": "200"}}
    answer = cloud.call("PUT", path, more)
    assert (answer.status, answer.json) == (200, more)
    changed = cloud.call("GET", path).json["qos_specs"]
    assert (changed["consumer"], changed["specs"]) == ("both", {"total_iops_sec": "200", "burst": None})
    answer = cloud.call("DELETE", path)
    assert (answer.status, answer.text) == (202, "")
    for method, suffix in (("GET", ""), ("DELETE", ""), ("GET", "/associations"), ("GET", "/disassociate_all")):
        assert cloud.call(method, path + suffix).status == 404


def test_consumer_by_default(cloud: Cloud) -> None:
    """Specs are for the backend, unless somebody says otherwise."""
    assert cloud.call("GET", f"/qos-specs/{specs(cloud)}").json["qos_specs"]["consumer"] == "back-end"


def test_null(cloud: Cloud) -> None:
    """What is null is not given: no spec is kept, and the consumer stays."""
    made = cloud.call("POST", "/qos-specs", {"qos_specs": {"name": "x", "consumer": None, "k": None, "l": "1"}})
    shown = made.json["qos_specs"]
    assert (shown["consumer"], shown["specs"]) == ("back-end", {"l": "1"})
    path = f"/qos-specs/{shown['id']}"
    assert cloud.call("PUT", path, {"qos_specs": {"consumer": None}}).status == 200
    assert cloud.call("GET", path).json["qos_specs"]["consumer"] == "back-end"


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": None},
        {"name": 7},
        {"name": "x" * 256},
        {"name": "x", "consumer": "middle"},
        {"name": "x", "k": 7},
        {"name": "x", "k": "v" * 256},
        {"name": "x", "k" * 256: "v"},
        {"name": "x", "total_iops_sec_per_gb": "many"},
        {"name": "x", "read_bytes_sec_max": "-1"},
        [],
    ],
)
def test_refused(quiet: Cloud, wish: Any) -> None:
    """What are no specs is a 400, and none are made."""
    answer = quiet.call("POST", "/qos-specs", {"qos_specs": wish})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert names(quiet) == []


@pytest.mark.parametrize(
    "wish", [{"k?": "v"}, {"k": 7}, {"consumer": "middle"}, {"k": "v" * 256}, {"total_bytes_sec_per_gb": "1.5"}, []]
)
def test_refused_changes(cloud: Cloud, wish: Any) -> None:
    """A change that is none is a 400, and nothing changes."""
    path = f"/qos-specs/{specs(cloud, a='1')}"
    assert cloud.call("PUT", path, {"qos_specs": wish}).status == 400
    assert cloud.call("GET", path).json["qos_specs"]["specs"] == {"a": "1"}
    assert cloud.call("PUT", f"/qos-specs/{_NOBODY}", {"qos_specs": {"a": "2"}}).status == 404


def test_name_is_taken(cloud: Cloud) -> None:
    """Two specs of a name cannot be."""
    specs(cloud, "gold")
    answer = cloud.call("POST", "/qos-specs", {"qos_specs": {"name": "gold"}})
    assert (answer.status, answer.fault) == (409, "conflictingRequest")


def test_delete_keys(cloud: Cloud) -> None:
    """All keys that are named go, or none."""
    specs_id = specs(cloud, a="1", b="2", c="3")
    path = f"/qos-specs/{specs_id}/delete_keys"
    answer = cloud.call("PUT", path, {"keys": ["a", "nothing"]})
    assert (answer.status, answer.fault) == (404, "itemNotFound")
    answer = cloud.call("PUT", path, {"keys": ["a", "c"]})
    assert (answer.status, answer.text) == (202, "")
    assert cloud.call("GET", f"/qos-specs/{specs_id}").json["qos_specs"]["specs"] == {"b": "2"}
    for keys in (["b", "b"], [""], [7], "b", None):
        assert cloud.call("PUT", path, {"keys": keys}).status == 400


def test_associations(cloud: Cloud) -> None:
    """A type has one set of specs, which administrators see in it; a set may be that of many types."""
    gold, silver = specs(cloud, "gold"), specs(cloud, "silver")
    fast, slow = cloud.type("fast"), cloud.type("slow")
    assert associate(cloud, gold, fast) == 202
    assert associate(cloud, gold, fast) == 202  # again
    assert associate(cloud, silver, fast) == 400
    assert associate(cloud, gold, slow) == 202
    assert cloud.see("types", fast)["qos_specs_id"] == gold
    found = cloud.call("GET", f"/qos-specs/{gold}/associations").json["qos_associations"]
    assert found == [
        {"association_type": "volume_type", "name": name, "id": id} for name, id in (("fast", fast), ("slow", slow))
    ]
    assert associate(cloud, silver, fast, "disassociate") == 202  # they are not the type's, so it keeps its own
    assert cloud.see("types", fast)["qos_specs_id"] == gold
    assert associate(cloud, gold, fast, "disassociate") == 202
    assert associate(cloud, gold, fast, "disassociate") == 202  # again
    assert cloud.see("types", fast)["qos_specs_id"] is None
    assert associate(cloud, silver, fast) == 202
    assert cloud.call("GET", f"/qos-specs/{gold}/disassociate_all").status == 202
    assert cloud.see("types", slow)["qos_specs_id"] is None
    assert cloud.see("types", fast)["qos_specs_id"] == silver


@pytest.mark.parametrize("verb", ["associate", "disassociate"])
def test_nothing_to_associate(cloud: Cloud, verb: str) -> None:
    """Both the specs and the type must be there."""
    gold, fast = specs(cloud), cloud.type("fast")
    assert associate(cloud, gold, "", verb) == 400
    assert cloud.call("GET", f"/qos-specs/{gold}/{verb}").status == 400
    assert associate(cloud, gold, _NOBODY, verb) == 404
    assert associate(cloud, _NOBODY, fast, verb) == 404


def test_delete_in_use(cloud: Cloud) -> None:
    """Specs that types have go by force only, and these have none afterwards."""
    gold, fast = specs(cloud), cloud.type("fast")
    associate(cloud, gold, fast)
    for query, status in (("", 400), ("?force=false", 400), ("?force=perhaps", 400), ("?force=True", 202)):
        assert cloud.call("DELETE", f"/qos-specs/{gold}{query}").status == status
    assert cloud.see("types", fast)["qos_specs_id"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=name:asc", ["bronze", "gold", "silver"]),
        ("?sort=consumer:desc,name:asc", ["gold", "bronze", "silver"]),
        ("?sort=name:asc&limit=1&offset=1", ["gold"]),
        ("?name=gold", ["gold"]),
        ("?consumer=both&sort=name:asc", ["bronze", "silver"]),
        ("?consumer=both&name=gold", []),
        ("?colour=red", []),
        ("?limit=0", []),
    ],
)
def test_lists(cloud: Cloud, query: str, expected: list[str]) -> None:
    """Lists are filtered, sorted and paged."""
    for name, consumer in (("silver", "both"), ("gold", "front-end"), ("bronze", "both")):
        specs(cloud, name, consumer=consumer)
    assert names(cloud, query) == expected


def test_pages(cloud: Cloud) -> None:
    """A full page links to the next."""
    first, second = specs(cloud, "a"), specs(cloud, "b")
    answer = cloud.call("GET", "/qos-specs?limit=1&sort_key=name&sort_dir=asc").json
    assert [one["id"] for one in answer["qos_specs"]] == [first]
    (link,) = answer["qos_specs_links"]
    answer = cloud.call("GET", link["href"].removeprefix("http://lab/v3")).json
    assert [one["id"] for one in answer["qos_specs"]] == [second]
    assert cloud.call("GET", "/qos-specs?marker=nonsense").status == 404
    assert cloud.call("GET", "/qos-specs?sort=colour").status == 400


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"qos_specs": {"name": "x"}}),
        ("GET", "/x", None),
        ("PUT", "/x", {"qos_specs": {"k": "v"}}),
        ("DELETE", "/x", None),
        ("PUT", "/x/delete_keys", {"keys": ["k"]}),
        ("GET", "/x/associations", None),
        ("GET", "/x/associate?vol_type_id=y", None),
        ("GET", "/x/disassociate?vol_type_id=y", None),
        ("GET", "/x/disassociate_all", None),
    ],
)
def test_administrators_only(quiet: Cloud, method: str, suffix: str, body: Any) -> None:
    """Tenants have no business here."""
    answer = quiet.call(method, f"/qos-specs{suffix}", body, roles="member,reader")
    assert (answer.status, answer.fault) == (403, "forbidden")
