"""The document of each microversion: whether it is one, and whether it is of this version."""

import json
from typing import Any

import pytest

from lapilli.api import microversions as since
from lapilli.api import openapi, resource_filters
from lapilli.api.microversions import NEWEST
from lapilli.api.routes import ROUTES


def document(minor: int) -> Any:
    return json.loads(openapi.document(ROUTES, minor, "http://cloud/volume"))


def parameters(minor: int, path: str, method: str = "get") -> dict[str, Any]:
    """The schemas of the parameters of a query, by their names."""
    listed = document(minor)["paths"][f"/v3{path}"][method]["parameters"]
    return {each["name"]: each["schema"] for each in listed if each["in"] == "query"}


@pytest.mark.parametrize("minor", [0, 27, NEWEST])
def test_names(minor: int) -> None:
    """Each operation has a name of its own and a tag that is listed."""
    told = document(minor)
    operations = [operation for methods in told["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)
    assert {tag for each in operations for tag in each["tags"]} == {tag["name"] for tag in told["tags"]}
    assert "get_volumes_by_id_metadata_by_key" in names


def test_about() -> None:
    """It says of what it is, where that is, and how a caller is known."""
    told = document(NEWEST)
    assert told["info"]["version"] == f"3.{NEWEST}"
    assert told["servers"] == [{"url": "http://cloud/volume"}]
    (scheme,) = told["security"][0]
    assert told["components"]["securitySchemes"][scheme]["name"] == "X-Auth-Token"


@pytest.mark.parametrize("minor", range(NEWEST + 1))
def test_every_reference_leads_somewhere(minor: int) -> None:
    """Nothing is referred to that is not in the document."""
    told = document(minor)

    def follow(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                found = told
                for step in part["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for inner in part.values():
                follow(inner)
        elif isinstance(part, list):
            for inner in part:
                follow(inner)

    follow(told["paths"])


def test_parameters_come_with_their_version() -> None:
    """A parameter is in no document of a version that does not have it."""
    assert "with_count" not in parameters(since.WITH_COUNT - 1, "/volumes")
    assert "with_count" in parameters(since.WITH_COUNT, "/volumes")
    assert set(parameters(since.FORCED_DELETE - 1, "/volumes/{id}", "delete")) == {"cascade"}
    assert set(parameters(since.FORCED_DELETE, "/volumes/{id}", "delete")) == {"cascade", "force"}
    assert parameters(since.MESSAGE_PAGES - 1, "/messages") == {}
    assert "marker" not in parameters(NEWEST, "/os-volume-transfer")


def test_sort_keys_come_with_their_version() -> None:
    """What a list is sorted by is told, too."""
    keys = [
        parameters(minor, "/snapshots")["sort_key"]["enum"]
        for minor in (since.SORT_SNAPSHOTS_BY_NAME - 1, since.SORT_SNAPSHOTS_BY_NAME)
    ]
    assert set(keys[1]) - set(keys[0]) == {"name"}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("volume", "/volumes"),
        ("snapshot", "/snapshots"),
        ("backup", "/backups"),
        ("group", "/groups"),
        ("group_snapshot", "/group_snapshots"),
        ("attachment", "/attachments"),
        ("message", "/messages"),
        ("pool", "/scheduler-stats/get_pools"),
        ("volume_type", "/types"),
    ],
)
def test_every_filter_of_tenants_is_published(kind: str, path: str) -> None:
    """What `GET /resource_filters` tells of is in the document."""
    assert set(resource_filters.FILTERS[kind].names) <= set(parameters(NEWEST, path))


def test_actions_come_with_their_version() -> None:
    """An action that is not there yet is in no document, and each answers in its way."""
    path = "/v3/volumes/{id}/action"
    old, new = (document(minor)["paths"][path]["post"] for minor in (since.REIMAGE - 1, since.REIMAGE))
    names = [set(each["requestBody"]["content"]["application/json"]["schema"]["properties"]) for each in (old, new)]
    assert names[1] - names[0] == {"os-reimage"}
    forms = new["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"]
    assert {"connection_info"} in [set(form["properties"]) for form in forms]
    assert "os-set_bootable" in new["responses"]["200"]["description"]


def test_refusals_are_those_of_the_route() -> None:
    """A read says nothing of bodies, a list without pages nothing of what is missing."""
    paths = document(NEWEST)["paths"]
    assert set(paths["/v3/os-hosts"]["get"]["responses"]) == {"200", "400", "401", "403", "406", "503"}
    assert {"404", "409", "413", "415"} <= set(paths["/v3/volumes"]["post"]["responses"])
    assert "412" in paths["/v3/volumes/{id}/metadata"]["put"]["responses"]


def test_texts_are_told_from_json() -> None:
    """The metadata of a volume is JSON in a text since it has a checksum."""
    path = "/v3/volumes/{id}/metadata"
    old, new = (document(minor)["paths"][path]["get"]["responses"]["200"] for minor in (14, since.METADATA_ETAG))
    assert set(old["content"]) == {"application/json"}
    assert set(new["content"]) == {"text/html"}
    assert "Etag" in new["headers"]
    assert "Etag" not in old["headers"]
