"""The metadata of volumes and snapshots."""

import hashlib
import json
from typing import Any

import pytest

from tests.http.lab import OTHER_PROJECT, Cloud


@pytest.fixture(params=["volumes", "snapshots"])
def path(request: pytest.FixtureRequest, cloud: Cloud) -> str:
    """The metadata of a volume or a snapshot, `{"a": "1", "b": "2"}`."""
    first = {"a": "1", "b": "2"}
    if request.param == "volumes":
        return f"/volumes/{cloud.volume(metadata=first)}/metadata"
    return f"/snapshots/{cloud.snapshot(cloud.volume(), metadata=first)}/metadata"


def _found(cloud: Cloud, path: str) -> Any:
    return cloud.call("GET", path).json["metadata"]


def test_set(cloud: Cloud, path: str) -> None:
    """POST merges, PUT replaces, and both answer with the set that is there then."""
    merged = {"a": "1", "b": "3", "c": "4"}
    answer = cloud.call("POST", path, {"metadata": {"b": "3", "c": "4"}}, roles="member")
    assert (answer.status, answer.json) == (200, {"metadata": merged})
    assert _found(cloud, path) == merged
    answer = cloud.call("PUT", path, {"metadata": {"z": ""}}, roles="member")
    assert (answer.status, answer.json) == (200, {"metadata": {"z": ""}})
    assert _found(cloud, path) == {"z": ""}
    assert cloud.call("PUT", path, {"metadata": {}}).json == {"metadata": {}}


def test_items(cloud: Cloud, path: str) -> None:
    """An item is shown, written, made and deleted by its key."""
    assert cloud.call("GET", f"{path}/a", roles="reader").json == {"meta": {"a": "1"}}
    answer = cloud.call("PUT", f"{path}/new one", {"meta": {"new one": "x"}}, roles="member")
    assert (answer.status, answer.json) == (200, {"meta": {"new one": "x"}})
    answer = cloud.call("DELETE", f"{path}/a", roles="member")
    assert (answer.status, answer.text) == (200, "")
    assert _found(cloud, path) == {"b": "2", "new one": "x"}
    for method in ("GET", "DELETE"):
        missing = cloud.call(method, f"{path}/a")
        assert (missing.status, missing.fault) == (404, "itemNotFound")


def test_lists_find_by_it(cloud: Cloud, path: str) -> None:
    """What is written can be searched for, and what is gone cannot."""
    collection = path.split("/")[1]
    cloud.call("PUT", path, {"metadata": {"new": "x"}})
    for pair, number in (("{'new':'x'}", 1), ("{'a':'1'}", 0)):
        answer = cloud.call("GET", f"/{collection}?metadata={pair}", version="3.22")
        assert len(answer.json[collection]) == number


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("POST", "", {"metadata": {"k": 1}}),
        ("POST", "", {"metadata": {"k": None}}),
        ("POST", "", {"metadata": {"": "v"}}),
        ("POST", "", {"metadata": {"k" * 256: "v"}}),
        ("POST", "", {"metadata": {"k": "v" * 256}}),
        ("POST", "", {"metadata": {"kéy": "v"}}),
        ("POST", "", {"metadata": []}),
        ("POST", "", {"meta": {}}),
        ("PUT", "", {}),
        ("PUT", "/a", {"meta": {"b": "1"}}),
        ("PUT", "/a", {"meta": {"a": "1", "b": "2"}}),
        ("PUT", "/a", {"meta": {}}),
        ("PUT", "/a", {"a": "1"}),
    ],
)
def test_bad_bodies(cloud: Cloud, path: str, method: str, suffix: str, body: Any) -> None:
    """What is no metadata is refused, and nothing changes."""
    answer = cloud.call(method, path + suffix, body)
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert _found(cloud, path) == {"a": "1", "b": "2"}


def test_slash_in_keys(cloud: Cloud) -> None:
    """Keys of volumes may have a slash, keys of snapshots set here may not."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    body = {"metadata": {"a/b": "1"}}
    assert cloud.call("POST", f"/volumes/{volume_id}/metadata", body).status == 200
    assert cloud.call("POST", f"/snapshots/{snapshot_id}/metadata", body).status == 400


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("POST", "", {"metadata": {"k": "v"}}),
        ("PUT", "", {"metadata": {"k": "v"}}),
        ("PUT", "/k", {"meta": {"k": "v"}}),
        ("DELETE", "/a", None),
    ],
)
def test_by_whom(cloud: Cloud, path: str, method: str, suffix: str, body: Any) -> None:
    """Readers write nothing, and another project finds nothing."""
    assert cloud.call(method, path + suffix, body, roles="reader").status == 403
    assert cloud.call(method, path + suffix, body, roles="member", project=OTHER_PROJECT).status == 404
    assert cloud.call("GET", path, roles="reader", project=OTHER_PROJECT).status == 404
    assert _found(cloud, path) == {"a": "1", "b": "2"}


def test_etag(cloud: Cloud) -> None:
    """From 3.15 the metadata of a volume is text with the checksum of just that text (trap 16)."""
    volume_id = cloud.volume(metadata={"b": "ü", "a": "1"})
    path = f"/volumes/{volume_id}/metadata"
    old = cloud.call("GET", path, version="3.14")
    assert "etag" not in old.headers
    assert old.headers["content-type"] == "application/json"
    new = cloud.call("GET", path, version="3.15")
    assert new.text == json.dumps({"metadata": {"b": "ü", "a": "1"}})
    assert new.headers["etag"] == hashlib.md5(new.text.encode()).hexdigest()
    assert new.headers["content-type"].startswith("text/html")
    assert "etag" not in cloud.call("GET", f"/snapshots/{cloud.snapshot(volume_id)}/metadata", version="3.15").headers


@pytest.mark.parametrize(
    ("version", "seen", "status"),
    [
        ("3.15", "ETAG", 200),
        ("3.15", '"ETAG"', 200),
        ("3.15", "other, ETAG", 200),
        ("3.15", "*", 200),
        ("3.15", "other", 412),
        ("3.14", "other", 200),
    ],
)
@pytest.mark.parametrize(("suffix", "body"), [("", {"metadata": {"k": "v"}}), ("/k", {"meta": {"k": "v"}})])
def test_if_match(cloud: Cloud, suffix: str, body: Any, version: str, seen: str, status: int) -> None:
    """From 3.15 a PUT that has seen another set changes nothing, with an empty 412."""
    path = f"/volumes/{cloud.volume()}/metadata"
    etag = cloud.call("GET", path, version="3.15").headers["etag"]
    headers = {"If-Match": seen.replace("ETAG", etag)}
    answer = cloud.call("PUT", path + suffix, body, version=version, headers=headers)
    assert answer.status == status
    assert _found(cloud, path) == ({"k": "v"} if status == 200 else {})
    if status == 412:
        assert answer.text == ""


def test_closed_volumes(cloud: Cloud) -> None:
    """The metadata of a volume under maintenance stays as it is."""
    volume_id = cloud.volume()
    cloud.call("POST", f"/volumes/{volume_id}/action", {"os-reset_status": {"status": "maintenance"}})
    answer = cloud.call("POST", f"/volumes/{volume_id}/metadata", {"metadata": {"k": "v"}})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert _found(cloud, f"/volumes/{volume_id}/metadata") == {}
