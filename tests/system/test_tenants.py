"""A tenant's requests about what is another's, over all routes: a new route is tried without being named here."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from lapilli.api.request import Route
from lapilli.api.routes import ROUTES
from lapilli.db import migrate
from lapilli.db.schema import metadata
from tests.http.lab import OTHER_PROJECT, PROJECT, Cloud
from tests.system.published import Deed, deeds

_DEEDS = [deed for deed in deeds() if "{id}" in deed.route.path]
_LISTS = [route for route in ROUTES if route.method == "GET" and "{" not in route.path]
_MEMBER = "member,reader"


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, Mapping[str, str]]]:
    """A service in which the project has one of everything, and the ids by collection."""
    folder = tmp_path_factory.mktemp("tenants")
    migrate.upgrade(f"sqlite:///{folder / 'lapilli.sqlite'}")
    cloud = Cloud(folder / "lapilli.sqlite", folder / "volumes")
    ids = {"volumes": cloud.volume(name="mine", metadata={"k": "v"}), "os-quota-sets": PROJECT}
    ids["snapshots"] = cloud.snapshot(ids["volumes"], name="mine", metadata={"k": "v"})
    specs = {"multiattach": "<is> True"}
    ids["types"] = cloud.type("private", extra_specs=specs, **{"os-volume-type-access:is_public": False})
    cloud.call("POST", f"/types/{ids['types']}/action", {"addProjectAccess": {"project": PROJECT}})
    reserved = cloud.volume(name="reserved")
    wish = {"attachment": {"volume_uuid": reserved, "instance_uuid": reserved}}
    ids["attachments"] = cloud.call("POST", "/attachments", wish, version="3.71").json["attachment"]["id"]
    yield cloud, {**ids, "os-quota-class-sets": "default"}
    cloud.close()


def _ask(cloud: Cloud, route: Route, ids: Mapping[str, str], body: Any, project: str) -> Any:
    collection = route.path.split("/")[1]
    assert collection in ids, f"what has an id below /{collection}? The fixture makes one of each"
    path = route.path.replace("{id}", ids[collection]).replace("{key}", quote(_key(collection, body), safe=""))
    return cloud.call(route.method, path, body, version="3.71", roles=_MEMBER, project=project)


def _key(collection: str, body: Any) -> str:
    """The key that the body writes, or one that is there and that members may see."""
    if body is None:
        return "multiattach" if collection == "types" else "k"
    ((key, _),) = body.get("meta", body).items()
    return str(key)


def _rows(cloud: Cloud) -> Mapping[str, Any]:
    with cloud.db.read() as tx:
        return {table.name: tx.execute(select(table)).all() for table in metadata.sorted_tables}


@pytest.mark.parametrize("deed", _DEEDS, ids=str)
def test_of_another_project(owned: tuple[Cloud, Mapping[str, str]], deed: Deed) -> None:
    """It is not there, or is forbidden, and nothing changes."""
    cloud, ids = owned
    before = _rows(cloud)

    @settings(max_examples=2, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(body=deed.bodies())
    def attempt(body: Any) -> None:
        answer = _ask(cloud, deed.route, ids, body, OTHER_PROJECT)
        assert answer.status in {403, 404}, answer

    attempt()
    assert _rows(cloud) == before


@pytest.mark.parametrize("deed", [deed for deed in _DEEDS if deed.route.method == "GET"], ids=str)
def test_of_their_own(owned: tuple[Cloud, Mapping[str, str]], deed: Deed) -> None:
    """The same reads are answered to members of the project: it is not for a wrong URL that others see nothing."""
    cloud, ids = owned
    answer = _ask(cloud, deed.route, ids, None, PROJECT)
    assert answer.status in {200, 403}, answer


@pytest.mark.parametrize("route", _LISTS, ids=lambda route: route.path)
def test_lists(owned: tuple[Cloud, Mapping[str, str]], route: Route) -> None:
    """No list shows another's ids, whatever its parameters."""
    cloud, ids = owned
    for query in ("", "?all_tenants=1", f"?all_tenants=1&project_id={PROJECT}", f"?project_id={PROJECT}", "?name=mine"):
        answer = cloud.call("GET", f"{route.path}{query}", version="3.71", roles=_MEMBER, project=OTHER_PROJECT)
        shown = [each for each in ids.values() if f'"{each}"' in answer.text and each != "default"]
        assert shown == [], query


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/volumes", {"volume": {"size": 1, "source_volid": "volumes"}}),
        ("/volumes", {"volume": {"size": 1, "snapshot_id": "snapshots"}}),
        ("/volumes", {"volume": {"size": 1, "volume_type": "types"}}),
        ("/snapshots", {"snapshot": {"volume_id": "volumes"}}),
        ("/attachments", {"attachment": {"volume_uuid": "volumes", "instance_uuid": "volumes"}}),
    ],
)
def test_made_of_another_projects(owned: tuple[Cloud, Mapping[str, str]], path: str, wish: dict[str, Any]) -> None:
    """Nothing can be made of what is another's, and the refusal leaves nothing."""
    cloud, ids = owned
    before = _rows(cloud)
    ((kind, fields),) = wish.items()
    body = {kind: {name: ids.get(str(value), value) for name, value in fields.items()}}
    answer = cloud.call("POST", path, body, version="3.71", roles=_MEMBER, project=OTHER_PROJECT)
    assert answer.status == 404, answer
    assert _rows(cloud) == before
