"""The extra specs of volume types."""

from typing import Any

import pytest

from tests.http.lab import Cloud


@pytest.fixture
def path(cloud: Cloud) -> str:
    """The extra specs of a type, `{"a": "1"}`."""
    return f"/types/{cloud.type('fast', extra_specs={'a': '1'})}/extra_specs"


def test_life(cloud: Cloud, path: str) -> None:
    """Specs are added, written, shown and deleted; writes answer with what was sent (trap 1)."""
    answer = cloud.call("POST", path, {"extra_specs": {"b": "2", "c": None}})
    assert (answer.status, answer.json) == (200, {"extra_specs": {"b": "2", "c": None}})
    answer = cloud.call("PUT", f"{path}/a", {"a": "9"})
    assert (answer.status, answer.json) == (200, {"a": "9"})
    assert cloud.call("GET", path).json == {"extra_specs": {"a": "9", "b": "2", "c": None}}
    assert cloud.call("GET", f"{path}/b").json == {"b": "2"}
    answer = cloud.call("DELETE", f"{path}/b")
    assert (answer.status, answer.text) == (202, "")
    for method in ("GET", "DELETE"):
        assert cloud.call(method, f"{path}/b").status == 404
    assert cloud.call("GET", path).json == {"extra_specs": {"a": "9", "c": None}}


@pytest.mark.parametrize("sign", ["<", ">", "!", "=", "<=", ">=", "==", "!="])
def test_operators_in_keys(cloud: Cloud, sign: str) -> None:
    """A key may end in an operator, which makes it a preference; it is kept as it was given."""
    specs = {f"capabilities:total_volumes{sign}": "800"}
    path = f"/types/{cloud.type('picky')}/extra_specs"
    answer = cloud.call("POST", path, {"extra_specs": specs})
    assert (answer.status, answer.json) == (200, {"extra_specs": specs})
    assert cloud.call("GET", path).json == {"extra_specs": specs}
    assert cloud.see("volumes", cloud.volume(volume_type="picky"))["status"] == "available"


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("POST", "", {"extra_specs": {"with space": "v"}}),
        ("POST", "", {"extra_specs": {"with/slash": "v"}}),
        ("POST", "", {"extra_specs": {"": "v"}}),
        ("POST", "", {"extra_specs": {"<": "v"}}),
        ("POST", "", {"extra_specs": {"a<b": "v"}}),
        ("POST", "", {"extra_specs": {"k" * 256: "v"}}),
        ("POST", "", {"extra_specs": {"k": "v" * 256}}),
        ("POST", "", {"extra_specs": {"k": 1}}),
        ("POST", "", {"extra_specs": {"k": True}}),
        ("POST", "", {"extra_specs": []}),
        ("POST", "", {}),
        ("POST", "", {"extra_specs": {"multiattach": "<is> True", "cacheable": "<is> True"}}),
        ("PUT", "/a", {"b": "1"}),
        ("PUT", "/a", {"a": "1", "b": "1"}),
        ("PUT", "/a", {"extra_specs": {"a": "1"}}),
        ("PUT", "/a", {}),
    ],
)
def test_refused(cloud: Cloud, path: str, method: str, suffix: str, body: Any) -> None:
    """What is no extra spec is a 400, and nothing changes."""
    answer = cloud.call(method, path + suffix, body)
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert cloud.call("GET", path).json == {"extra_specs": {"a": "1"}}


def test_types_in_use(cloud: Cloud) -> None:
    """The specs of a type that a volume is of cannot change (trap 20)."""
    path = f"/types/{cloud.type('slow', extra_specs={'volume_backend_name': 'files'})}/extra_specs"
    cloud.volume(volume_type="slow")
    for method, suffix, body in (
        ("POST", "", {"extra_specs": {"b": "2"}}),
        ("PUT", "/volume_backend_name", {"volume_backend_name": "other"}),
        ("DELETE", "/volume_backend_name", None),
    ):
        assert cloud.call(method, path + suffix, body).status == 400
    assert cloud.call("GET", path).json == {"extra_specs": {"volume_backend_name": "files"}}


def test_no_such_type(cloud: Cloud) -> None:
    """Without a type there are no extra specs."""
    assert cloud.call("GET", "/types/nonsense/extra_specs").status == 404
    assert cloud.call("POST", "/types/nonsense/extra_specs", {"extra_specs": {"k": "v"}}).status == 404
