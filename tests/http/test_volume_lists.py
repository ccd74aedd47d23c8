"""Lists of volumes: sort, filters, pages and their links."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.http.lab import OTHER_PROJECT, Cloud


@pytest.fixture
def names(cloud: Cloud) -> dict[str, str]:
    """Three volumes, c the largest and oldest; name → id."""
    return {name: cloud.volume(name=name, size=size, metadata={"is": name}) for name, size in zip("cba", (3, 2, 1))}


def _listed(cloud: Cloud, query: str, version: str = "3.71", **more: str) -> list[str]:
    answer = cloud.call("GET", f"/volumes?{query}", version=version, **more)
    assert answer.status == 200, answer.text
    return [volume["name"] for volume in answer.json["volumes"]]


def test_summaries(cloud: Cloud, names: dict[str, str]) -> None:
    """The short form has id, name and links."""
    answer = cloud.call("GET", "/volumes")
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
def test_lists(cloud: Cloud, names: dict[str, str], query: str, expected: str) -> None:
    """What a tenant may ask of a list."""
    assert "".join(_listed(cloud, query.replace(" ", "%20"), roles="reader")) == expected


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
def test_bad_lists(cloud: Cloud, query: str) -> None:
    """What cannot be understood is a 400."""
    answer = cloud.call("GET", f"/volumes?{query}", version="3.71")
    assert (answer.status, answer.fault) == (400, "badRequest")


def test_marker(cloud: Cloud, names: dict[str, str]) -> None:
    """A list goes on after its marker; an unknown one, or another project's, is a 404."""
    assert _listed(cloud, f"marker={names['a']}") == ["b", "c"]
    for marker in ("nonsense", cloud.volume(project=OTHER_PROJECT)):
        answer = cloud.call("GET", f"/volumes?marker={marker}")
        assert (answer.status, answer.fault) == (404, "itemNotFound")


@pytest.mark.parametrize("path", ["/volumes", "/volumes/detail"])
def test_walk(cloud: Cloud, names: dict[str, str], path: str) -> None:
    """Links lead through the list; a last page that is full has one more, to an empty page (trap 4)."""
    target, seen = f"{path}?limit=1&sort=name:asc", []
    for _ in range(4):
        answer = cloud.call("GET", target)
        seen += [volume["name"] for volume in answer.json["volumes"]]
        if "volumes_links" not in answer.json:
            break
        (link,) = answer.json["volumes_links"]
        assert link["rel"] == "next"
        assert link["href"].startswith(f"http://lab/v3{path}?")
        target = link["href"].removeprefix("http://lab/v3")
    assert seen == ["a", "b", "c"]
    assert answer.json == {"volumes": []}


def test_link_copies_offset(cloud: Cloud, names: dict[str, str]) -> None:
    """The next link repeats every parameter, offset too (trap 22)."""
    answer = cloud.call("GET", "/volumes?limit=1&offset=1&status=available&sort=name")
    (link,) = answer.json["volumes_links"]
    assert parse_qs(urlsplit(link["href"]).query) == {
        "limit": ["1"],
        "offset": ["1"],
        "status": ["available"],
        "sort": ["name"],
        "marker": [names["b"]],
    }


def test_link_of_a_page_that_is_not_full(cloud: Cloud, names: dict[str, str]) -> None:
    """A page that is not full has no link, unless more were counted than it holds (trap 4)."""
    assert "volumes_links" not in cloud.call("GET", "/volumes?limit=4", version="3.45").json
    counted = cloud.call("GET", f"/volumes?limit=2&marker={names['b']}&with_count=true", version="3.45").json
    assert counted["count"] == 3
    assert [volume["name"] for volume in counted["volumes"]] == ["c"]
    assert "volumes_links" in counted


def test_count(cloud: Cloud, names: dict[str, str]) -> None:
    """From 3.45 on a list counts what its filters leave, if asked."""
    assert cloud.call("GET", "/volumes?with_count=1&limit=1&name=a", version="3.45").json["count"] == 1
    assert "count" not in cloud.call("GET", "/volumes?with_count=0", version="3.45").json
    assert "count" not in cloud.call("GET", "/volumes?with_count=1", version="3.44").json


def test_all_tenants(cloud: Cloud, names: dict[str, str]) -> None:
    """Administrators may list all projects or another; for others the wish is passed over."""
    cloud.volume(name="x", project=OTHER_PROJECT)
    assert sorted(_listed(cloud, "all_tenants=1")) == ["a", "b", "c", "x"]
    assert _listed(cloud, f"all_tenants=1&project_id={OTHER_PROJECT}") == ["x"]
    assert _listed(cloud, "all_tenants=0") == ["a", "b", "c"]
    assert _listed(cloud, "all_tenants=1", roles="reader") == ["a", "b", "c"]


def test_unknown_filters(cloud: Cloud, names: dict[str, str]) -> None:
    """Before 3.31 tenants' unknown filters are passed over, then refused; to administrators they leave nothing."""
    assert _listed(cloud, "nothing=1", version="3.30", roles="reader") == ["a", "b", "c"]
    assert cloud.call("GET", "/volumes?nothing=1", version="3.31", roles="reader").status == 400
    assert cloud.call("GET", "/volumes?host=x", version="3.31", roles="reader").status == 400
    assert cloud.call("GET", "/volumes?name~=a", version="3.34", roles="reader").status == 400
    assert _listed(cloud, "nothing=1") == []
    assert cloud.call("GET", "/volumes?%C3%A9=1", version="3.31").status == 400


def test_filters_of_later_versions(cloud: Cloud, names: dict[str, str]) -> None:
    """A filter that the version does not have yet is passed over."""
    assert _listed(cloud, "created_at=lt:2020-01-01", version="3.59") == ["a", "b", "c"]
    assert _listed(cloud, "consumes_quota=false", version="3.64") == ["a", "b", "c"]
    assert _listed(cloud, "consumes_quota=false", version="3.65") == []


def test_parts_of_names(cloud: Cloud, names: dict[str, str]) -> None:
    """Administrators find names by a part; wildcards of SQL are letters."""
    cloud.volume(name="100%_full")
    assert _listed(cloud, "name~=%25_f", version="3.34") == ["100%_full"]
    assert _listed(cloud, "name~=b", version="3.34") == ["b"]


def test_filters_of_administrators(cloud: Cloud, names: dict[str, str]) -> None:
    """Administrators filter by columns that tenants do not see."""
    assert len(_listed(cloud, "host=node@files%23files")) == 3
    assert _listed(cloud, f"id={names['b']}") == ["b"]
    assert _listed(cloud, "user_id=nobody") == []
