"""The types that projects have by default, and the order in which a volume's type is chosen."""

from typing import Any

import pytest

from lapilli.operations.admission import Rules
from tests.http.client import PROJECT, Answer
from tests.http.lab import OTHER_PROJECT, QUOTA, Cloud

_PATH = f"/default-types/{PROJECT}"


class Known:
    """An identity service that knows some projects."""

    def __init__(self, *projects: str) -> None:
        self.projects = projects

    def exists(self, project_id: str) -> bool:
        return project_id in self.projects


def call(cloud: Cloud, method: str, path: str = _PATH, body: Any = None, **how: Any) -> Answer:
    return cloud.call(method, path, body, **{"version": "3.62", **how})


def choose(cloud: Cloud, volume_type: str, path: str = _PATH) -> None:
    """Make it the project's default."""
    assert call(cloud, "PUT", path, {"default_type": {"volume_type": volume_type}}).status == 200


def created(cloud: Cloud, **wish: Any) -> str:
    """The name of the type that a new volume gets."""
    answer = cloud.call("POST", "/volumes", {"volume": {"size": 1, **wish}}, roles="member,reader")
    assert answer.status == 202, answer.text
    cloud.work()
    return str(answer.json["volume"]["volume_type"])


def test_life(cloud: Cloud) -> None:
    """A default is set by name or id, changed, shown, listed and unset."""
    fast, slow = cloud.type("fast"), cloud.type("slow")
    assert call(cloud, "GET").status == 404
    for wanted, found in (("fast", fast), (slow, slow)):
        answer = call(cloud, "PUT", body={"default_type": {"volume_type": wanted}})
        shown = {"project_id": PROJECT, "volume_type_id": found}
        assert (answer.status, answer.json) == (200, {"default_type": shown})
        assert call(cloud, "GET").json == {"default_type": shown}
    choose(cloud, "fast", f"/default-types/{OTHER_PROJECT}")
    other = {"project_id": OTHER_PROJECT, "volume_type_id": fast}
    assert call(cloud, "GET", "/default-types").json == {"default_types": [shown, other]}
    for _ in range(2):
        answer = call(cloud, "DELETE")
        assert (answer.status, answer.text) == (204, "")
    assert call(cloud, "GET", "/default-types").json == {"default_types": [other]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"default_type": {}},
        {"default_type": {"volume_type": ""}},
        {"default_type": {"volume_type": None}},
        {"default_type": {"volume_type": "x" * 256}},
        {"default_type": {"volume_type": "nonsense"}},
        {"default_type": {"volume_type": "__DEFAULT__", "project": "x"}},
    ],
)
def test_refused(quiet: Cloud, body: Any) -> None:
    """What names no type is a 400, an unknown type too."""
    answer = call(quiet, "PUT", body=body)
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert call(quiet, "GET").status == 404


def test_unknown_projects(cloud: Cloud) -> None:
    """Where there is an identity service it must know the project, unless its default is unset."""
    cloud.lend(projects=Known(PROJECT))
    choose(cloud, "__DEFAULT__")
    gone = f"/default-types/{OTHER_PROJECT}"
    assert call(cloud, "PUT", gone, {"default_type": {"volume_type": "__DEFAULT__"}}).status == 404
    assert call(cloud, "GET", gone).status == 404
    assert call(cloud, "DELETE", gone).status == 204


def test_long_names(quiet: Cloud) -> None:
    """A project that no row can name does not exist, even where all others do."""
    body = {"default_type": {"volume_type": "__DEFAULT__"}}
    for method, status in (("PUT", 404), ("GET", 404), ("DELETE", 204)):
        assert call(quiet, method, f"/default-types/{'x' * 256}", body).status == status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_before_3_62(quiet: Cloud, method: str) -> None:
    """There were no such defaults."""
    body = {"default_type": {"volume_type": "__DEFAULT__"}}
    assert call(quiet, method, body=body, version="3.61").status == 404
    assert call(quiet, "GET", "/default-types", version="3.61").status == 404


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/default-types"), ("GET", _PATH), ("PUT", _PATH), ("DELETE", _PATH)]
)
def test_administrators_only(quiet: Cloud, method: str, path: str) -> None:
    """Tenants choose no defaults, not for their own project, nor for one that is gone."""
    body = {"default_type": {"volume_type": "__DEFAULT__"}}
    answer = call(quiet, method, path, body, roles="member,reader")
    assert (answer.status, answer.fault) == (403, "forbidden")


def test_order(cloud: Cloud) -> None:
    """The type asked for, else that of the source, else the project's default, else the operator's."""
    for name in ("asked", "source", "project", "operator"):
        cloud.type(name)
    source = cloud.volume(volume_type="source")
    snapshot = cloud.snapshot(source)
    assert created(cloud) == "__DEFAULT__"
    cloud.lend(rules=Rules(quota=QUOTA, default_volume_type="operator"))
    assert created(cloud) == "operator"
    choose(cloud, "project")
    assert created(cloud) == "project"
    assert created(cloud, source_volid=source) == "source"
    assert created(cloud, snapshot_id=snapshot) == "source"
    assert created(cloud, source_volid=source, volume_type="asked") == "asked"


def test_shown_as_default(cloud: Cloud) -> None:
    """`GET /types/default` is the type that a volume of this project would have."""
    cloud.type("fast")
    choose(cloud, "fast")
    assert cloud.call("GET", "/types/default", roles="reader").json["volume_type"]["name"] == "fast"
    answer = cloud.call("GET", "/types/default", roles="reader", project=OTHER_PROJECT)
    assert answer.json["volume_type"]["name"] == "__DEFAULT__"
    cloud.lend(rules=Rules(quota=QUOTA, default_volume_type="gone"))
    assert cloud.call("GET", "/types/default", project=OTHER_PROJECT).status == 404


def test_private_defaults(cloud: Cloud) -> None:
    """A default that the project may not use is no type of its volumes."""
    private = cloud.type("private", **{"os-volume-type-access:is_public": False})
    choose(cloud, private)
    wish = {"volume": {"size": 1}}
    assert cloud.call("POST", "/volumes", wish, roles="member,reader").status == 404
    assert cloud.call("POST", f"/types/{private}/action", {"addProjectAccess": {"project": PROJECT}}).status == 202
    assert created(cloud) == "private"


def test_types_that_stay(cloud: Cloud) -> None:
    """A type is not deleted while it is anybody's default, or the operator's, or the last."""
    fast, default = cloud.type("fast"), cloud.call("GET", "/types/default").json["volume_type"]["id"]
    choose(cloud, "fast")
    assert cloud.call("DELETE", f"/types/{fast}").status == 400
    assert cloud.call("DELETE", f"/types/{default}").status == 400
    call(cloud, "DELETE")
    assert cloud.call("DELETE", f"/types/{fast}").status == 202
    cloud.lend(rules=Rules(quota=QUOTA, default_volume_type="gone"))
    answer = cloud.call("DELETE", f"/types/{default}")
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert "last" in answer.json["badRequest"]["message"]
