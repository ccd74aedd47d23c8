"""A project's requests that name what is another's, over all routes: a new route is tried without being named here."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import product
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest

from lapilli.api.microversions import NEWEST
from lapilli.api.request import Route
from lapilli.api.routes import ROUTES
from tests.http.client import Answer
from tests.system.neighbours import MARK, MINE, THEIRS, Neighbours
from tests.system.published import Deed, deeds
from tests.system.references import drawn, parameters, places, plainest

_ALL: Final = list(deeds())
_PUBLIC: Final = "/extensions/"
_BELOW: Final = [deed for deed in _ALL if "{" in deed.route.path and _PUBLIC not in deed.route.path]
_REFERRING: Final = [deed for deed in _ALL if any(places(deed.schema()))]
_READS: Final = [route for route in ROUTES if route.method == "GET"]
_ASKING: Final = [route for route in _READS if any(parameters(route, NEWEST))]
_NOBODY_S: Final = "0e0e0e0e-dead-4bad-8bad-0e0e0e0e0e0e"
_NEVER: Final = {400, 403, 404}
_FORGIVING: Final = "os-detach"
"""What is not attached counts as detached, whatever it is."""
_KEYS: Final = {"extra_specs": "multiattach", "encryption": "cipher"}
"""The keys that there are below these, in place of the project's word."""


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """A service with two projects, of which the second tries what it can."""
    one = Neighbours(tmp_path_factory.mktemp("tenants"))
    with closing(one.cloud):
        yield one


def _ask(neighbours: Neighbours, route: Route, path: str, body: Any = None, **how: Any) -> Answer:
    """What a member of the second project is answered."""
    how["version"] = f"3.{how.pop('minor', NEWEST)}"
    return neighbours.cloud.call(route.method, path, body, **{"roles": "member,reader", "project": MINE, **how})


def _same(neighbours: Neighbours, route: Route, path: str, body: Any, known: str, **how: Any) -> Answer:
    """The answer, which is that to a request that names what nobody has, and tells nothing that was not in it."""
    answer = _ask(neighbours, route, path, body, **how)
    if route.path.endswith("/accept"):
        return answer  # who was told the id of an offer is told that the key is wrong
    unknown = _NOBODY_S if "-" in known else "melon"
    other_body = json.loads(json.dumps(body).replace(known, unknown))
    other = _ask(neighbours, route, path.replace(quote(known, safe=""), unknown), other_body, **how)
    there, not_there = (each.text.replace(id, "...") for each, id in ((answer, known), (other, unknown)))
    assert (answer.status, there) == (other.status, not_there)
    assert not _secrets(neighbours, there), there
    return answer


def _secrets(neighbours: Neighbours, text: str) -> list[str]:
    return neighbours.secrets.findall(text)


def _minors(deed: Deed) -> list[int]:
    """The first version, the newest, and those in between that changed the body."""
    changes = deed.route.schema or {}
    return sorted({deed.since, NEWEST, *(minor for minor in changes if minor > deed.since)})


def _path(route: Route, id: str, body: Any = None, key: str = MARK) -> str:
    """The path of what has the id, and of the key that the body has, or else of one that is there."""
    known = _KEYS.get(route.path.split("/")[-2], key)
    (key, *_) = dict(body.get("meta", body)) if isinstance(body, dict) and body else [known]
    names = {"key": quote(str(key), safe="")}
    return re.sub(r"{(\w+)}", lambda match: names.get(match[1], quote(id, safe="")), route.path)


def _family(route: Route) -> str:
    return route.path.split("/")[1]


@pytest.mark.parametrize("deed", _BELOW, ids=str)
def test_of_another_project(neighbours: Neighbours, deed: Deed) -> None:
    """It is forbidden, or not there, just as what is nowhere; and nothing changes."""
    theirs, route = neighbours.theirs, deed.route
    assert _family(route) in theirs, f"what has an id below /{_family(route)}? Each project should have one"
    before, statuses = neighbours.rows(), set()
    for minor in _minors(deed):
        for body, id, roles in product(drawn(deed, minor, 2), theirs[_family(route)], ("member,reader", "reader")):
            answer = _same(neighbours, route, _path(route, id, body), body, id, minor=minor, roles=roles)
            assert answer.status in _NEVER, answer
            statuses.add(answer.status)
    # Some bodies are refused for what they are, whatever the id.
    assert statuses & {403, 404}
    assert neighbours.rows() == before


@pytest.mark.parametrize("deed", _REFERRING, ids=str)
def test_referred_to(neighbours: Neighbours, deed: Deed) -> None:
    """Nothing is made or changed with what is another's, named in the body; the refusal tells nothing about it."""
    # Of a volume of the project's own, the end of an attachment is written down.
    own = neighbours.mine["volumes"] if deed.action == _FORGIVING else ()
    before = neighbours.rows(without=own)
    for minor in _minors(deed):
        schema = deed.schema(minor)
        for body, place in product(drawn(deed, minor, 2), places(schema)):
            wish = _own(neighbours, schema, body)
            for id, mine in product(neighbours.theirs[place.family], neighbours.mine.get(_family(deed.route), [""])):
                place.put(wish, id, schema)
                answer = _same(neighbours, deed.route, _path(deed.route, mine), wish, id, minor=minor)
                assert answer.status in _NEVER or deed.action == _FORGIVING, (wish, answer)
    assert neighbours.rows(without=own) == before


def _own(neighbours: Neighbours, schema: Mapping[str, Any], body: Any) -> Any:
    """The plainest form of the body, in which everything is the project's own."""
    wish = plainest(schema, copy.deepcopy(body))
    for place in places(schema):
        if place.is_in(wish) and place.family in neighbours.mine:
            place.put(wish, neighbours.mine[place.family][0], schema)
    return wish


@pytest.mark.parametrize("route", _ASKING, ids=lambda route: route.path)
def test_asked_for(neighbours: Neighbours, route: Route) -> None:
    """No parameter of a query shows or tells anything of another's, nor where the project's own volumes are."""
    theirs = neighbours.theirs
    mine = neighbours.mine.get(_family(route), [""])[0]
    before = neighbours.rows()
    for minor in sorted({route.since, NEWEST, *(each.since for each in route.query if each.since > route.since)}):
        whose = [{}, {"all_tenants": "1"}, {"all_tenants": "1", "project_id": THEIRS}]
        for (name, family), more in product(parameters(route, minor), whose):
            if not more.keys() <= {name, *route.parameters(minor)}:
                continue
            for value in theirs.get(family, [MARK]):
                query = urlencode({**more, name: value})
                answer = _same(neighbours, route, f"{_path(route, mine)}?{query}", None, value, minor=minor)
                assert answer.status in {200, *_NEVER}, answer
    assert neighbours.rows() == before


@pytest.mark.parametrize("route", _READS, ids=lambda route: route.path)
def test_what_is_seen(neighbours: Neighbours, route: Route) -> None:
    """What a project is shown of its own has in it nothing of another's, and no host, backend or pool."""
    for minor, id in product((route.since, NEWEST), neighbours.mine.get(_family(route), [""])):
        for query in ("", "?all_tenants=1", "?list_volume=1", "?usage=1", "?with_count=1", "?is_public=None"):
            answer = _ask(neighbours, route, f"{_path(route, id, key='plum')}{query}", minor=minor)
            assert not _secrets(neighbours, f"{answer.text}{answer.headers}"), answer


def test_what_was_told(neighbours: Neighbours) -> None:
    """Nor did the answers to what changed something."""
    assert [answer for answer in neighbours.told if _secrets(neighbours, f"{answer.text}{answer.headers}")] == []


@pytest.mark.parametrize("deed", [deed for deed in _BELOW if deed.route.method == "GET"], ids=str)
def test_of_their_own(neighbours: Neighbours, deed: Deed) -> None:
    """The same reads are answered to the members of the project: it is not for a wrong URL that others see nothing."""
    ids = neighbours.theirs[_family(deed.route)]
    statuses = {_ask(neighbours, deed.route, _path(deed.route, id), project=THEIRS).status for id in ids}
    # A private group type is no project's.
    assert statuses & {200, 403} or deed.route.path == "/group_types/{id}"


@pytest.mark.parametrize("deed", _ALL, ids=str)
def test_url_of_another_project(neighbours: Neighbours, deed: Deed) -> None:
    """A URL with another's project in it is refused, whatever it is about."""
    before = neighbours.rows()
    id = neighbours.theirs.get(_family(deed.route), [MARK])[0]
    (body,) = drawn(deed, NEWEST, 1)
    answer = _ask(neighbours, deed.route, f"/{THEIRS}{_path(deed.route, id, body)}", body)
    assert answer.status in _NEVER, answer
    assert neighbours.rows() == before
