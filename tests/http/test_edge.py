"""The edge: proxies in front, load balancers, the size of bodies, ids that other services pass on."""

import logging
from pathlib import Path

import pytest

from tests.http.client import PROJECT, Answer
from tests.http.lab import Cloud


def _get(cloud: Cloud, target: str, **headers: str) -> Answer:
    return cloud.send("GET", target, b"", {"X-Auth-Token": f"someone:{PROJECT}", **headers})


@pytest.mark.parametrize(("method", "status", "text"), [("GET", 200, "OK"), ("HEAD", 204, "")])
def test_health(cloud: Cloud, tmp_path: Path, method: str, status: int, text: str) -> None:
    """A load balancer sees that the API is well, until the operator makes a file; nobody needs a token."""
    switch = tmp_path / "healthcheck_disable"
    cloud.lend(disabled_by=switch)
    answer = cloud.send(method, "/healthcheck", b"", {})
    assert (answer.status, answer.text) == (status, text)
    switch.touch()
    answer = cloud.send(method, "/healthcheck", b"", {})
    assert (answer.status, answer.text) == (503, "DISABLED BY FILE" if text else "")
    assert _get(cloud, "/v3/volumes").status == 200
    switch.unlink()
    assert cloud.send(method, "/healthcheck", b"", {}).status == status


PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example.org", "X-Forwarded-Prefix": "/volume"}


def test_behind_a_proxy(cloud: Cloud) -> None:
    """All links are those that the client can call: of volumes, of pages, of versions, and redirects."""
    cloud.lend(believes_proxies=True)
    cloud.volume()
    outside = "https://api.example.org/volume"
    listed = _get(cloud, "/v3/volumes?limit=1", **PROXIED).json
    assert listed["volumes"][0]["links"][0]["href"].startswith(f"{outside}/v3/volumes/")
    assert listed["volumes_links"][0]["href"].startswith(f"{outside}/v3/volumes?")
    (version,) = _get(cloud, "/", **PROXIED).json["versions"]
    assert {"rel": "self", "href": f"{outside}/v3/"} in version["links"]
    assert _get(cloud, "/v3", **PROXIED).headers["location"] == f"{outside}/v3/"


def test_proxies_are_not_believed(cloud: Cloud) -> None:
    """Unless the operator says so, only the host counts, as in Cinder."""
    (version,) = _get(cloud, "/", **PROXIED).json["versions"]
    assert {"rel": "self", "href": "http://api.example.org/v3/"} in version["links"]


@pytest.mark.parametrize("endpoint", ["https://api.example.org/volume", "https://api.example.org/volume/v3"])
def test_public_endpoint(cloud: Cloud, endpoint: str) -> None:
    """The operator's own setting beats whatever a proxy says."""
    cloud.lend(public_endpoint=endpoint, believes_proxies=True)
    cloud.volume()
    volume = _get(cloud, "/v3/volumes", **{"X-Forwarded-Host": "else.where"}).json["volumes"][0]
    assert volume["links"][0]["href"] == f"https://api.example.org/volume/v3/volumes/{volume['id']}"


def test_largest_body(cloud: Cloud) -> None:
    """`max_request_body_size` is the last size that is read, whatever the URL says; nothing comes of a larger one."""
    cloud.lend(max_body_bytes=100)
    body = b'{"volume": {"size": 1, "name": "%s"}}'
    padding = 100 - len(body) + 2
    assert cloud.call("POST", "/volumes", body % (b"x" * padding)).status == 202
    answer = cloud.call("POST", "/volumes", body % (b"x" * (padding + 1)))
    assert (answer.status, answer.fault) == (413, "overLimit")
    assert len(cloud.call("GET", "/volumes").json["volumes"]) == 1


WHOLE = "req-0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(("sent", "is_told"), [(WHOLE, True), ("req-1", False), (f"{WHOLE}\nroot: hello", False)])
def test_global_request_id(cloud: Cloud, caplog: pytest.LogCaptureFixture, sent: str, is_told: bool) -> None:
    """The id of a request that another service passes on is tied to this one's, in the log; nonsense is not."""
    with caplog.at_level(logging.INFO, "lapilli.api.wsgi"):
        answer = _get(cloud, "/v3/volumes", **{"X-OpenStack-Request-ID": sent})
    own = answer.headers["x-openstack-request-id"]
    assert own != sent
    assert [each.message for each in caplog.records] == ([f"{own} is part of {WHOLE}: GET '/v3/volumes'"] * is_told)
