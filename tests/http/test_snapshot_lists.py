"""Lists of snapshots: sort, filters, pages."""

import pytest

from tests.http.lab import OTHER_PROJECT, Cloud


@pytest.fixture(scope="module")
def named(quiet: Cloud) -> dict[str, str]:
    """Three snapshots of two volumes, c the oldest, and x of another project; name → id."""
    first, second = quiet.volume(), quiet.volume(size=2)
    places = {"c": first, "b": first, "a": second}
    made = {name: quiet.snapshot(volume, name=name, metadata={"is": name}) for name, volume in places.items()}
    other = quiet.volume(project=OTHER_PROJECT)
    return {**made, "x": quiet.snapshot(other, name="x", project=OTHER_PROJECT)}


@pytest.mark.parametrize(
    ("version", "query", "expected"),
    [
        ("3.0", "", "abc"),
        ("3.0", "sort_key=created_at&sort_dir=asc", "cba"),
        ("3.0", "sort=display_name:asc", "abc"),
        ("3.30", "sort=name:desc", "cba"),
        ("3.0", "sort=volume_size:desc,created_at:asc", "acb"),
        ("3.0", "limit=1&offset=1", "b"),
        ("3.0", "name=b", "b"),
        ("3.0", "status=error", ""),
        ("3.0", "availability_zone=mars", "abc"),
        ("3.31", "availability_zone=mars", ""),
        ("3.31", "availability_zone=nova", "abc"),
        ("3.21", "metadata={'is':'b'}", "abc"),
        ("3.22", "metadata={'is':'b'}", "b"),
        ("3.64", "consumes_quota=false", "abc"),
        ("3.65", "consumes_quota=false", ""),
        ("3.30", "nothing=1", "abc"),
    ],
)
def test_lists(quiet: Cloud, named: dict[str, str], version: str, query: str, expected: str) -> None:
    """What a tenant may ask of a list, by version."""
    answer = quiet.call("GET", f"/snapshots?{query}", version=version, roles="reader")
    assert "".join(snapshot["name"] for snapshot in answer.json["snapshots"]) == expected


@pytest.mark.parametrize(
    ("version", "query", "roles"),
    [
        ("3.29", "sort=name", None),
        ("3.31", "nothing=1", "reader"),
        ("3.34", "name~=a", "reader"),
        ("3.31", f"project_id={OTHER_PROJECT}", "reader"),
        ("3.71", "limit=x", "reader"),
        ("3.71", "consumes_quota=perhaps", "reader"),
        ("3.71", "all_tenants=perhaps", None),
    ],
)
def test_bad_lists(quiet: Cloud, version: str, query: str, roles: str | None) -> None:
    """What cannot be understood, or is not a tenant's to ask, is a 400."""
    assert quiet.call("GET", f"/snapshots?{query}", version=version, roles=roles).status == 400


def test_filters_of_administrators(quiet: Cloud, named: dict[str, str]) -> None:
    """Administrators filter by parts and by further columns; an unknown one leaves nothing."""
    expected = {
        "name~=b": "b",
        f"id={named['c']}": "c",
        "volume_size=2": "a",
        "nothing=1": "",
        "user_id=someone": "abc",
    }
    for query, names in expected.items():
        answer = quiet.call("GET", f"/snapshots?{query}", version="3.34")
        assert "".join(snapshot["name"] for snapshot in answer.json["snapshots"]) == names, query


def test_pages(quiet: Cloud, named: dict[str, str]) -> None:
    """Links stay on the list that was asked; from 3.45 it counts."""
    answer = quiet.call("GET", "/snapshots/detail?limit=2&with_count=yes", version="3.45").json
    assert answer["count"] == 3
    (link,) = answer["snapshots_links"]
    assert link["href"] == f"http://lab/v3/snapshots/detail?limit=2&with_count=yes&marker={named['b']}"
    following = quiet.call("GET", link["href"].removeprefix("http://lab/v3"), version="3.45").json
    assert [snapshot["name"] for snapshot in following["snapshots"]] == ["c"]
    assert set(following) == {"snapshots", "snapshots_links", "count"}
    assert quiet.call("GET", "/snapshots?marker=nonsense").status == 404


def test_all_tenants(quiet: Cloud, named: dict[str, str]) -> None:
    """Only administrators see other projects' snapshots, if they ask."""
    for query, roles, expected in (
        ("", "admin", "abc"),
        ("all_tenants=1", "admin", "xabc"),
        ("all_tenants=1", "reader", "abc"),
        (f"all_tenants=1&project_id={OTHER_PROJECT}", "admin", "x"),
        ("all_tenants=0", "admin", "abc"),
    ):
        answer = quiet.call("GET", f"/snapshots?{query}", roles=roles)
        assert "".join(snapshot["name"] for snapshot in answer.json["snapshots"]) == expected, (query, roles)
