"""Versions, URLs and bodies: what happens to a request before anybody looks at what it is about."""

from typing import Any

import pytest

from tests.http.client import PROJECT, Answer
from tests.http.lab import OTHER_PROJECT, Cloud

_VOLUME = {"volume": {"size": 1}}


def _get(quiet: Cloud, target: str, **headers: str) -> Answer:
    return quiet.send("GET", target, b"", {"X-Auth-Token": f"someone:{PROJECT}", **headers})


@pytest.mark.parametrize(("path", "status"), [("/", 300), ("/v3/", 200)])
def test_discovery(quiet: Cloud, path: str, status: int) -> None:
    """The version document has one version, with the range of microversions."""
    answer = _get(quiet, path)
    assert answer.status == status
    (version,) = answer.json["versions"]
    assert (version["id"], version["status"], version["min_version"], version["version"]) == (
        "v3.0",
        "CURRENT",
        "3.0",
        "3.71",
    )
    assert {"rel": "self", "href": "http://lab/v3/"} in version["links"]


@pytest.mark.parametrize("path", ["/v3/volumes/", f"/v3/{PROJECT}/volumes/", "/v3/volumes//metadata", "/v3//volumes"])
def test_empty_ids(quiet: Cloud, path: str) -> None:
    """A client that lost its id is not given the list in place of the resource."""
    answer = _get(quiet, path)
    assert (answer.status, answer.json["code"]) == (404, "404 Not Found")


@pytest.mark.parametrize(("path", "where"), [("", "/"), ("/v3", "/v3/")])
def test_redirects(quiet: Cloud, path: str, where: str) -> None:
    """Paths without the last slash lead to those with it."""
    answer = _get(quiet, path)
    assert (answer.status, answer.headers["location"]) == (302, f"http://lab{where}")


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        (None, "3.0"),
        ("volume 3.0", "3.0"),
        ("volume 3.27", "3.27"),
        ("volume 3.71", "3.71"),
        ("volume latest", "3.71"),
        ("compute 2.1,volume 3.10", "3.10"),
        ("block-storage volume 3.5", None),
    ],
)
def test_versions_that_are_served(quiet: Cloud, asked: str | None, got: str | None) -> None:
    """The answer says which version it is of."""
    answer = _get(quiet, "/v3/volumes", **({} if asked is None else {"OpenStack-API-Version": asked}))
    if got is None:
        assert answer.status == 400
    else:
        assert (answer.status, answer.headers["openstack-api-version"]) == (200, f"volume {got}")
        assert answer.headers["vary"] == "OpenStack-API-Version"


@pytest.mark.parametrize(
    ("asked", "status", "fault", "echo"),
    [
        ("volume 3.999", 406, "computeFault", "volume 3.999"),
        ("volume 3.72", 406, "computeFault", "volume 3.72"),
        ("volume 2.0", 406, "computeFault", None),
        ("volume 1.0", 406, "computeFault", None),
        ("volume abc", 400, "badRequest", None),
        ("volume 3", 400, "badRequest", None),
        ("volume 3.01", 400, "badRequest", None),
        ("compute 2.1", 400, "badRequest", None),
        ("3.10", 400, "badRequest", None),
    ],
)
def test_versions_that_are_not(quiet: Cloud, asked: str, status: int, fault: str, echo: str | None) -> None:
    """Too new is a 406 that echoes the version; what cannot be read is a 400."""
    answer = _get(quiet, "/v3/volumes", **{"OpenStack-API-Version": asked})
    assert (answer.status, answer.fault, answer.headers.get("openstack-api-version")) == (status, fault, echo)


def test_method_of_a_later_version(quiet: Cloud) -> None:
    """A route that the version does not have is a 404 with a fault and the version headers."""
    answer = quiet.call("GET", "/volumes/summary", version="3.11")
    assert (answer.status, answer.fault) == (404, "itemNotFound")
    assert answer.headers["openstack-api-version"] == "volume 3.11"
    assert quiet.call("GET", "/volumes/summary", version="3.12").status == 200


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/v3/nothing"), ("PATCH", "/v3/volumes"), ("DELETE", "/v3/volumes"), ("GET", "/v2/volumes")],
)
def test_no_such_route(quiet: Cloud, method: str, target: str) -> None:
    """Unrouted paths and verbs are a 404 that is no fault, and there is no 405."""
    answer = quiet.send(method, target, b"", {"X-Auth-Token": f"someone:{PROJECT}"})
    assert answer.status == 404
    assert answer.json["code"] == "404 Not Found"
    assert answer.json["title"] == "Not Found"
    assert "openstack-api-version" not in answer.headers


@pytest.mark.parametrize("version", ["3.0", "3.71"])
@pytest.mark.parametrize("prefix", ["/v3", f"/v3/{PROJECT}"])
def test_both_forms_of_a_url(quiet: Cloud, prefix: str, version: str) -> None:
    """The project may be in the URL or not, at every version, and links look as the request did."""
    volume_id = quiet.volume()
    answer = _get(quiet, f"{prefix}/volumes/{volume_id}", **{"OpenStack-API-Version": f"volume {version}"})
    volume = answer.json["volume"]
    bookmark = f"http://lab{prefix.removeprefix('/v3')}/volumes/{volume['id']}"
    assert [link["href"] for link in volume["links"]] == [f"http://lab{prefix}/volumes/{volume['id']}", bookmark]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"/v3/{OTHER_PROJECT}/volumes", 400),
        ("/v3/not_a_project/volumes", 404),
        (f"/v3/{PROJECT}/volumes.json", 200),
        ("/v3/volumes/detail.json", 200),
    ],
)
def test_projects_in_urls(quiet: Cloud, target: str, status: int) -> None:
    """Another project than the caller's is a malformed URL, even for administrators."""
    assert _get(quiet, target).status == status


def test_forwarded_host(quiet: Cloud) -> None:
    """Links name the host that the last proxy was called by."""
    quiet.volume()
    answer = _get(quiet, "/v3/volumes", **{"X-Forwarded-Host": "first, last"})
    assert answer.json["volumes"][0]["links"][0]["href"].startswith("http://last/v3/volumes/")


def test_request_ids(quiet: Cloud) -> None:
    """Each answer has an id of its own."""
    one, other = _get(quiet, "/v3/volumes"), _get(quiet, "/v3/volumes/gone")
    for answer in (one, other):
        assert answer.headers["x-openstack-request-id"] == answer.headers["x-compute-request-id"]
        assert answer.headers["x-openstack-request-id"].startswith("req-")
    assert one.headers["x-openstack-request-id"] != other.headers["x-openstack-request-id"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "fault"),
    [
        (b"{", "application/json", 400, "badRequest"),
        (b"\xff\xfe", "application/json", 400, "badRequest"),
        (b"[]", "application/json", 400, "badRequest"),
        (b"null", "application/json", 400, "badRequest"),
        (b'"text"', "application/json", 400, "badRequest"),
        (b"{}", "application/json", 400, "badRequest"),
        (b"", "application/json", 400, "badRequest"),
        (b'{"volume": {}}', "application/json", 400, "badRequest"),
        (b'{"volume": {"size": 1}}', "application/vnd.openstack.volume+json", 202, ""),
        (b'{"volume": {"size": 1}}', "application/json; charset=utf-8", 202, ""),
        (b'{"volume": {"size": 1}}', "application/xml", 415, "badMediaType"),
        (b'{"volume": {"size": 1}, "more": 1}', "application/json", 400, "badRequest"),
        (b'{"volume": "' + b"x" * 114688 + b'"}', "application/json", 413, "overLimit"),
        (b'{"volume": {"size": 1, "name": "a\\u0000b"}}', "application/json", 400, "badRequest"),
        (b"[" * 100_000, "application/json", 400, "badRequest"),
    ],
)
def test_bodies(quiet: Cloud, body: bytes, kind: str, status: int, fault: str) -> None:
    """What is not JSON of the right form is refused, and nothing comes of it."""
    answer = quiet.call("POST", "/volumes", body, headers={"Content-Type": kind})
    assert answer.status == status, answer.text
    if fault:
        assert answer.fault == fault
        assert quiet.call("GET", "/volumes?status=creating").json == {"volumes": []}
    quiet.work()


def test_nul(quiet: Cloud) -> None:
    """NUL in an id is in none, and in a parameter it is refused."""
    assert _get(quiet, "/v3/volumes/a%00b").status == 404
    assert _get(quiet, "/v3/volumes?name=a%00b").status == 400


@pytest.mark.parametrize("body", [{}, {"os-extend": {"new_size": 2}, "os-reserve": {}}, {"os-nothing": {}}])
def test_actions_have_one_known_key(quiet: Cloud, body: dict[str, Any]) -> None:
    """An action body with no, two or unknown keys is a 400."""
    answer = quiet.call("POST", f"/volumes/{quiet.volume()}/action", body)
    assert (answer.status, answer.fault) == (400, "badRequest")
