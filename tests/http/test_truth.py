"""The oracle of the published document finds what it is there to find."""

import json
from typing import Any

import pytest

from lapilli.api.request import Parameter, Reply, Request, Route
from lapilli.api.versions import Version
from tests.http import truth

_QUOTA = {"quota_set": {"id": "a1", "volumes": 1}}


@pytest.mark.parametrize(
    ("method", "path", "asked", "status", "body"),
    [
        ("GET", "/v3/volumes", None, 200, {"volumes": [{"id": "1"}]}),
        ("GET", "/v3/volumes", None, 200, {"volumes": [], "more": 1}),
        ("GET", "/v3/volumes", None, 200, None),
        ("GET", "/v3/volumes", None, 202, {"volumes": []}),
        ("GET", "/v3/volumes", None, 409, {"conflictingRequest": {"code": 409, "message": "in use"}}),
        ("DELETE", "/v3/volumes/1", None, 202, {"volume": {}}),
        ("POST", "/v3/volumes/1/action", {"os-attach": {}}, 200, None),
        ("POST", "/v3/volumes/1/action", {"os-attach": {}}, 202, {"metadata": {}}),
        ("POST", "/v3/volumes/1/action", {"os-show_image_metadata": {}}, 200, None),
        ("POST", "/v3/volumes/1/action", {"os-reimage": {}}, 202, None),
        ("GET", "/v3/attachments", None, 200, {"attachments": []}),
    ],
)
def test_untrue_answers(method: str, path: str, asked: Any, status: int, body: Any) -> None:
    """A body, a status or a version that is not published is found."""
    raw = b"" if asked is None else json.dumps(asked).encode()
    text = "" if body is None else json.dumps(body)
    with pytest.raises(AssertionError):
        truth.check(method, path, 3, raw, status, text)


def test_true_answers() -> None:
    """What is published is let through, with a project in the URL and without."""
    for path in ("/v3/os-quota-sets/a1", "/v3/a1/os-quota-sets/a1"):
        truth.check("GET", path, 3, b"", 200, json.dumps(_QUOTA))
    asked = json.dumps({"os-set_bootable": {"bootable": True}}).encode()
    truth.check("POST", "/v3/volumes/1/action", 3, asked, 200, "")


def test_unpublished_parameters() -> None:
    """Of a query only what is published may be read; that it has more is no fault."""
    query = truth.Published({"limit": "1", "secret": "x"}, frozenset({"limit"}), "GET /volumes")
    assert query.get("limit") == query["limit"] == "1"
    assert {**query, "marker": "2"} == {"limit": "1", "secret": "x", "marker": "2"}
    for read in (lambda: query.get("secret"), lambda: query["secret"], lambda: "secret" in query):
        with pytest.raises(pytest.fail.Exception):
            read()


def test_watched_handlers() -> None:
    """A handler is given the query of its route and version."""
    query = (Parameter("zone", since=7),)
    route = Route("GET", "/os-hosts", lambda request: Reply(request.query.get("zone")), query=query)
    (watched,) = truth.watched([route])
    nothing: Any = None
    old, new = (Request(*[nothing] * 9)._replace(version=Version(minor), query={"zone": "z"}) for minor in (6, 7))
    assert watched.handler(new).body == "z"
    with pytest.raises(pytest.fail.Exception):
        watched.handler(old)
