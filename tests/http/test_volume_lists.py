"""Lists of volumes: sort, filters, pages and their links."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from lapilli.db import volumes
from tests.http.lab import OTHER_PROJECT, Cloud


@pytest.fixture(scope="module")
def names(quiet: Cloud) -> dict[str, str]:
    """Three volumes, c the largest and oldest, and one of another project; name → id."""
    made = {
        name: quiet.volume(name=name, size=size, metadata={"is": name}) for name, size in (("c", 3), ("b", 2), ("a", 1))
    }
    return {**made, "100%_x": quiet.volume(name="100%_x", project=OTHER_PROJECT)}


def _listed(quiet: Cloud, query: str, version: str = "3.71", roles: str | None = None) -> list[str]:
    answer = quiet.call("GET", f"/volumes?{query}", version=version, roles=roles)
    assert answer.status == 200, answer.text
    return [volume["name"] for volume in answer.json["volumes"]]


def test_summaries(quiet: Cloud, names: dict[str, str]) -> None:
    """The short form has id, name and links."""
    answer = quiet.call("GET", "/volumes")
    assert [set(volume) for volume in answer.json["volumes"]] == [{"id", "name", "links"}] * 3
    assert set(answer.json) == {"volumes"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abc"),
        ("sort=created_at:asc", "cba"),
        ("sort=name", "cba"),
        ("sort=name:asc", "abc"),
        ("sort=status:asc,size:desc", "cba"),
        ("sort_key=name&sort_dir=asc", "abc"),
        ("sort_key=size", "cba"),
        ("limit=2", "ab"),
        ("limit=0", ""),
        ("limit=5000", "abc"),
        ("offset=1", "bc"),
        ("offset=1&limit=1", "b"),
        ("offset=9", ""),
        ("name=b", "b"),
        ("name=B", ""),
        ("name=", ""),
        ("status=available", "abc"),
        ("status=error", ""),
        ("size=2", "b"),
        ("size=two", ""),
        ("metadata={'is': 'a'}", "a"),
        ('metadata={"is": "a"}', "a"),
        ("bootable=false", "abc"),
        ("bootable=true", ""),
        ("availability_zone=nova", "abc"),
        ("created_at=gt:2020-01-01T00:00:00,lt:2999-01-01", "abc"),
        ("created_at=lt:2020-01-01", ""),
        ("consumes_quota=true", "abc"),
    ],
)
def test_lists(quiet: Cloud, names: dict[str, str], query: str, expected: str) -> None:
    """What a tenant may ask of a list."""
    assert "".join(_listed(quiet, query.replace(" ", "%20"), roles="reader")) == expected


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "offset=-1",
        "offset=2147483648",
        "sort=nothing",
        "sort=name:up",
        "sort=name&sort_key=name",
        "sort_key=nothing",
        "sort_dir=up",
        "metadata=text",
        "metadata={[1]:2}",
        "bootable=perhaps",
        "created_at=gt:yesterday",
        "with_count=perhaps",
    ],
)
def test_bad_lists(quiet: Cloud, query: str) -> None:
    """What cannot be understood is a 400."""
    answer = quiet.call("GET", f"/volumes?{query}", version="3.71")
    assert (answer.status, answer.fault) == (400, "badRequest")


def test_marker(quiet: Cloud, names: dict[str, str]) -> None:
    """A list goes on after its marker; an unknown one, or another project's, is a 404."""
    assert _listed(quiet, f"marker={names['a']}") == ["b", "c"]
    for marker in ("nonsense", names["100%_x"]):
        answer = quiet.call("GET", f"/volumes?marker={marker}")
        assert (answer.status, answer.fault) == (404, "itemNotFound")


@pytest.mark.parametrize("path", ["/volumes", "/volumes/detail"])
def test_walk(quiet: Cloud, names: dict[str, str], path: str) -> None:
    """Links lead through the list; a last page that is full has one more, to an empty page (trap 4)."""
    target, seen = f"{path}?limit=1&sort=name:asc", []
    for _ in range(4):
        answer = quiet.call("GET", target)
        seen += [volume["name"] for volume in answer.json["volumes"]]
        if "volumes_links" not in answer.json:
            break
        (link,) = answer.json["volumes_links"]
        assert link["rel"] == "next"
        assert link["href"].startswith(f"http://lab/v3{path}?")
        target = link["href"].removeprefix("http://lab/v3")
    assert seen == ["a", "b", "c"]
    assert answer.json == {"volumes": []}


def test_link_copies_offset(quiet: Cloud, names: dict[str, str]) -> None:
    """The next link repeats every parameter, offset too (trap 22)."""
    answer = quiet.call("GET", "/volumes?limit=1&offset=1&status=available&sort=name")
    (link,) = answer.json["volumes_links"]
    assert parse_qs(urlsplit(link["href"]).query) == {
        "limit": ["1"],
        "offset": ["1"],
        "status": ["available"],
        "sort": ["name"],
        "marker": [names["b"]],
    }


def test_link_of_a_page_that_is_not_full(quiet: Cloud, names: dict[str, str]) -> None:
    """A page that is not full has no link, unless more were counted than it holds (trap 4)."""
    assert "volumes_links" not in quiet.call("GET", "/volumes?limit=4", version="3.45").json
    counted = quiet.call("GET", f"/volumes?limit=2&marker={names['b']}&with_count=true", version="3.45").json
    assert counted["count"] == 3
    assert [volume["name"] for volume in counted["volumes"]] == ["c"]
    assert "volumes_links" in counted


def test_count(quiet: Cloud, names: dict[str, str]) -> None:
    """From 3.45 on a list counts what its filters leave, if asked."""
    assert quiet.call("GET", "/volumes?with_count=1&limit=1&name=a", version="3.45").json["count"] == 1
    assert "count" not in quiet.call("GET", "/volumes?with_count=0", version="3.45").json
    assert "count" not in quiet.call("GET", "/volumes?with_count=1", version="3.44").json


def test_all_tenants(quiet: Cloud, names: dict[str, str]) -> None:
    """Administrators may list all projects or another; for others the wish is passed over."""
    assert sorted(_listed(quiet, "all_tenants=1")) == ["100%_x", "a", "b", "c"]
    assert _listed(quiet, f"all_tenants=1&project_id={OTHER_PROJECT}") == ["100%_x"]
    assert _listed(quiet, "all_tenants=0") == ["a", "b", "c"]
    assert _listed(quiet, "all_tenants=1", roles="reader") == ["a", "b", "c"]


def test_unknown_filters(quiet: Cloud, names: dict[str, str]) -> None:
    """Before 3.31 tenants' unknown filters are passed over, then refused; to administrators they leave nothing."""
    assert _listed(quiet, "nothing=1", version="3.30", roles="reader") == ["a", "b", "c"]
    assert quiet.call("GET", "/volumes?nothing=1", version="3.31", roles="reader").status == 400
    assert quiet.call("GET", "/volumes?host=x", version="3.31", roles="reader").status == 400
    assert quiet.call("GET", "/volumes?name~=a", version="3.34", roles="reader").status == 400
    assert _listed(quiet, "nothing=1") == []
    assert quiet.call("GET", "/volumes?%C3%A9=1", version="3.31").status == 400


def test_filters_of_later_versions(quiet: Cloud, names: dict[str, str]) -> None:
    """A filter that the version does not have yet is passed over."""
    assert _listed(quiet, "created_at=lt:2020-01-01", version="3.59") == ["a", "b", "c"]
    assert _listed(quiet, "consumes_quota=false", version="3.64") == ["a", "b", "c"]
    assert _listed(quiet, "consumes_quota=false", version="3.65") == []


def test_parts_of_names(quiet: Cloud, names: dict[str, str]) -> None:
    """Administrators find names by a part; wildcards of SQL are letters."""
    assert _listed(quiet, "all_tenants=1&name~=%25_x", version="3.34") == ["100%_x"]
    assert _listed(quiet, "all_tenants=1&name~=b", version="3.34") == ["b"]
    assert len(_listed(quiet, "all_tenants=1&name~=b", version="3.33")) == 4


def test_filters_of_administrators(quiet: Cloud, names: dict[str, str]) -> None:
    """Administrators filter by columns that tenants do not see."""
    assert len(_listed(quiet, "host=node@files%23files")) == 3
    assert _listed(quiet, f"id={names['b']}") == ["b"]
    assert _listed(quiet, "user_id=nobody") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("glance_metadata={'os':'linux'}", ["a"]),
        ("glance_metadata={'os':'LINUX'}", []),
        ("glance_metadata={'os':'linux','arch':'x\"y'}", ["a"]),
        ("glance_metadata={'os':'lin'}", []),
        ("name~=", ["a", "b"]),
        ("status~=vail", ["a", "b"]),
        ("availability_zone~=ov", ["a", "b"]),
        ("description~=first", ["a"]),
        ("description=the first", ["a"]),
        ("id~=nothing", []),
    ],
)
def test_parts_and_images(cloud: Cloud, query: str, expected: list[str]) -> None:
    """What images brought along, and parts of texts."""
    first = cloud.volume(name="a", description="the first")
    cloud.volume(name="b")
    properties = {"os": "linux", "arch": 'x"y', "trap": '"os":"LINUX"'}
    cloud.db.write(lambda tx: volumes.change(tx, first, image_metadata=properties))
    found = cloud.call("GET", f"/volumes?{quote(query, safe='=&~')}&sort=name:asc", version="3.71").json["volumes"]
    assert [volume["name"] for volume in found] == expected


def test_image_filter_of_old(cloud: Cloud) -> None:
    """Before 3.4 there was no such filter, and a tenant has none."""
    cloud.volume()
    query = "/volumes?glance_metadata={'os':'linux'}"
    assert len(cloud.call("GET", query, version="3.3").json["volumes"]) == 1
    assert cloud.call("GET", query, version="3.4").json["volumes"] == []
    assert len(cloud.call("GET", query, version="3.4", roles="reader").json["volumes"]) == 1
    assert cloud.call("GET", query, version="3.71", roles="reader").status == 400
