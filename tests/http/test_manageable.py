"""What is on a storage already: listed, taken over, and let go."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.http.client import PROJECT, Answer
from tests.http.lab import OTHER_PROJECT, POOL, SERVICE, Cloud, Prompt

GIB = 1024**3
HOST = quote(POOL)
VOLUMES = ("/manageable_volumes", "/os-volume-manage")
SNAPSHOTS = ("/manageable_snapshots", "/os-snapshot-manage")


def put(cloud: Cloud, name: str, size_bytes: int = GIB, mark: bytes = b"") -> None:
    with (cloud.folder / name).open("wb") as file:
        file.write(mark)
        file.truncate(size_bytes)


def files(cloud: Cloud) -> set[str]:
    return {path.name for path in cloud.folder.iterdir() if not path.name.startswith(".")}


def manage(cloud: Cloud, source: str, *, url: str = VOLUMES[0], version: str = "3.71", **wish: Any) -> Answer:
    body = {"volume": {"ref": {"source-name": source}, "host": POOL, **wish}}
    return cloud.call("POST", url, body, version=version)


def listed(cloud: Cloud, path: str, version: str = "3.71", **options: Any) -> list[dict[str, Any]]:
    answer = cloud.call("GET", path, version=version, **options)
    assert answer.status == 200, answer.text
    (entries,) = answer.json.values()
    return list(entries)


@pytest.fixture
def waiting(migrated: Path, tmp_path: Path) -> Iterator[Cloud]:
    """A service whose backend answers while the request waits."""
    database = tmp_path / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    wake = Prompt()
    wake.cloud = Cloud(database, tmp_path / "volumes", wake=wake)
    with closing(wake.cloud) as one:
        yield one


def test_manage(cloud: Cloud) -> None:
    """The file has the volume's name and a whole size; the answer is that of 3.0, with a size of 0."""
    put(cloud, "disk", 1_500_000_000, b"mark")
    answer = manage(cloud, "disk", name=" old ", metadata={"a": "b"}, bootable=True, description="from before")
    assert answer.status == 202, answer.text
    volume = answer.json["volume"]
    assert (volume["size"], volume["status"], volume["name"], volume["bootable"]) == (0, "creating", "old", "true")
    assert "group_id" not in volume
    cloud.work()
    volume_id = volume["id"]
    seen = cloud.see("volumes", volume_id)
    assert (seen["status"], seen["size"], seen["os-vol-host-attr:host"]) == ("available", 2, POOL)
    assert seen["os-vol-tenant-attr:tenant_id"] == PROJECT
    assert files(cloud) == {f"volume-{volume_id}"}
    path = cloud.folder / f"volume-{volume_id}"
    assert (path.stat().st_size, path.read_bytes()[:4]) == (2 * GIB, b"mark")
    used = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=True").json["quota_set"]
    assert (used["volumes"]["in_use"], used["gigabytes"]["in_use"]) == (1, 2)


@pytest.mark.parametrize(
    ("wish", "version", "expected"),
    [
        ({"host": SERVICE}, "3.8", 202),
        ({"host": "node@nowhere"}, "3.8", 400),
        ({"host": "node@files#other"}, "3.8", 202),  # the scheduler finds no such pool
        ({"host": None}, "3.8", 400),
        ({"host": "a b"}, "3.8", 400),
        ({"cluster": "c"}, "3.15", 400),
        ({"cluster": "c"}, "3.16", 400),
        ({"volume_type": "nonsense"}, "3.8", 400),
        ({"ref": "disk"}, "3.8", 202),
        ({"ref": 1}, "3.8", 400),
        ({"size": 1}, "3.8", 400),
    ],
)
def test_wishes(cloud: Cloud, wish: dict[str, Any], version: str, expected: int) -> None:
    """What may be said in the body."""
    put(cloud, "disk")
    assert manage(cloud, "disk", version=version, **wish).status == expected


@pytest.mark.parametrize(("name", "kept"), [("", None), (" ", ""), (None, None)])
def test_names(cloud: Cloud, name: str | None, kept: str | None) -> None:
    """An empty name or description is none; blanks around them go."""
    put(cloud, "disk", GIB)
    volume = manage(cloud, "disk", name=name, description=name).json["volume"]
    assert (volume["name"], volume["description"]) == (kept, kept)


def test_versions_and_callers(cloud: Cloud) -> None:
    """The new names are there from 3.8 on, the old ones always, and only for administrators."""
    put(cloud, "disk")
    assert manage(cloud, "disk", version="3.7").status == 404
    for path in (VOLUMES[0], SNAPSHOTS[0], f"{VOLUMES[0]}/detail"):
        assert cloud.call("GET", f"{path}?host={HOST}", version="3.7").status == 404
    for path in (*VOLUMES, *SNAPSHOTS):
        assert cloud.call("GET", f"{path}?host={HOST}", version="3.8", roles="member").status == 403
    body = {"volume": {"ref": {"source-name": "disk"}, "host": POOL}}
    assert cloud.call("POST", VOLUMES[0], body, version="3.8", roles="member").status == 403
    assert manage(cloud, "disk", url=VOLUMES[1], version="3.0").status == 202


@pytest.mark.parametrize("name", ["nothing", "../volumes/disk", ".lapilli-pool", "", "link"])
def test_bad_references(cloud: Cloud, name: str) -> None:
    """What is not there ends in an error that can be deleted without touching the storage."""
    put(cloud, "disk")
    (cloud.folder / "link").symlink_to(cloud.folder / "disk")
    volume_id = manage(cloud, name).json["volume"]["id"]
    cloud.work()
    seen = cloud.see("volumes", volume_id)
    assert (seen["status"], seen["size"]) == ("error", 0)
    assert cloud.call("DELETE", f"/volumes/{volume_id}").status == 202
    cloud.work()
    assert cloud.call("GET", f"/volumes/{volume_id}").status == 404
    assert files(cloud) == {"disk", "link"}


def test_managed_already(cloud: Cloud) -> None:
    """The file of a volume, or one that is just being taken over, is a 400."""
    volume_id = cloud.volume()
    assert manage(cloud, f"volume-{volume_id}").status == 400
    snapshot_id = cloud.snapshot(volume_id)
    assert manage(cloud, f"snapshot-{snapshot_id}").status == 400
    put(cloud, "disk")
    assert manage(cloud, "disk").status == 202
    assert manage(cloud, "disk").status == 400
    cloud.work()


def test_service_that_is_disabled(cloud: Cloud) -> None:
    """Nothing is taken over by a service that is out of use, and nothing listed."""
    put(cloud, "disk")
    cloud.call("PUT", "/os-services/disable", {"binary": "cinder-volume", "host": SERVICE})
    assert manage(cloud, "disk").status == 400
    assert cloud.call("GET", f"{VOLUMES[0]}?host={HOST}", version="3.8").status == 400


def test_quota(cloud: Cloud) -> None:
    """The size counts when it is known: too much of it is an error, and the file keeps its name."""
    put(cloud, "disk", 5 * GIB)
    cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"gigabytes": 4}})
    volume_id = manage(cloud, "disk").json["volume"]["id"]
    cloud.work()
    assert cloud.see("volumes", volume_id)["status"] == "error"
    assert files(cloud) == {"disk"}
    cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"volumes": 1}})
    assert manage(cloud, "disk").status == 413


def test_unmanage_and_manage_again(cloud: Cloud) -> None:
    """The file keeps its name and bytes, and can be taken over anew."""
    volume_id = cloud.volume()
    action = {"os-unmanage": None}
    assert cloud.call("POST", f"/volumes/{volume_id}/action", action, roles="member").status == 403
    assert cloud.call("POST", f"/volumes/{volume_id}/action", action).status == 202
    assert cloud.see("volumes", volume_id)["status"] == "unmanaging"
    cloud.work()
    assert cloud.call("GET", f"/volumes/{volume_id}").status == 404
    assert files(cloud) == {f"volume-{volume_id}"}
    again = manage(cloud, f"volume-{volume_id}").json["volume"]["id"]
    cloud.work()
    assert cloud.see("volumes", again)["status"] == "available"
    assert files(cloud) == {f"volume-{again}"}


def test_what_cannot_be_unmanaged(cloud: Cloud) -> None:
    """A volume with a snapshot, or in use."""
    volume_id, reserved = cloud.volume(), cloud.volume()
    cloud.snapshot(volume_id)
    cloud.call("POST", "/attachments", {"attachment": {"volume_uuid": reserved}}, version="3.27")
    for each in (volume_id, reserved):
        assert cloud.call("POST", f"/volumes/{each}/action", {"os-unmanage": {}}).status == 400


def test_snapshots(cloud: Cloud) -> None:
    """A snapshot is let go, and taken over for its volume again; it is as large as the file, rounded up."""
    volume_id = cloud.volume(size=2)
    snapshot_id = cloud.snapshot(volume_id)
    action = {"os-unmanage": None}
    assert cloud.call("POST", f"/snapshots/{snapshot_id}/action", action, roles="member").status == 403
    assert cloud.call("POST", f"/snapshots/{snapshot_id}/action", action).status == 202
    assert cloud.call("GET", f"/snapshots/{snapshot_id}").status == 404
    wish = {"volume_id": volume_id, "ref": {"source-name": f"snapshot-{snapshot_id}"}, "name": " again "}
    answer = cloud.call("POST", SNAPSHOTS[0], {"snapshot": wish}, version="3.71")
    assert answer.status == 202, answer.text
    shown = answer.json["snapshot"]
    assert (shown["status"], shown["name"], shown["volume_id"]) == ("creating", " again ", volume_id)
    assert not {"group_snapshot_id", "user_id", "consumes_quota"} & shown.keys(), "the answer is that of 3.0"
    cloud.work()
    seen = cloud.see("snapshots", shown["id"])
    assert (seen["status"], seen["size"]) == ("available", 2)
    assert files(cloud) == {f"volume-{volume_id}", f"snapshot-{shown['id']}"}
    assert cloud.call("DELETE", f"/snapshots/{shown['id']}").status == 202
    cloud.work()
    assert files(cloud) == {f"volume-{volume_id}"}


@pytest.mark.parametrize(("name", "size_bytes"), [("nothing", 0), ("large", 3 * GIB)])
def test_bad_snapshots(cloud: Cloud, name: str, size_bytes: int) -> None:
    """What is not there, or larger than the volume, ends in an error; deleting that leaves the file."""
    if size_bytes:
        put(cloud, name, size_bytes)
    volume_id = cloud.volume(size=2)
    wish = {"snapshot": {"volume_id": volume_id, "ref": {"source-name": name}}}
    snapshot_id = cloud.call("POST", SNAPSHOTS[1], wish).json["snapshot"]["id"]
    cloud.work()
    assert cloud.see("snapshots", snapshot_id)["status"] == "error"
    cloud.call("DELETE", f"/snapshots/{snapshot_id}")
    cloud.work()
    assert (name in files(cloud)) is bool(size_bytes)
    wish["snapshot"]["volume_id"] = "5a6f6e65-0000-4000-8000-000000000009"
    assert cloud.call("POST", SNAPSHOTS[1], wish).status == 404


def test_lists(waiting: Cloud) -> None:
    """Managed things are told from others; with details there is the id, and for snapshots the origin."""
    cloud = waiting
    volume_id = cloud.volume(size=2)
    snapshot_id = cloud.snapshot(volume_id)
    put(cloud, "disk", GIB + 1)
    for url in VOLUMES:
        assert listed(cloud, f"{url}?host={HOST}") == [
            {"reference": {"source-name": f"volume-{volume_id}"}, "size": 2, "safe_to_manage": False},
            {"reference": {"source-name": "disk"}, "size": 2, "safe_to_manage": True},
        ]
    free = {"safe_to_manage": True, "reason_not_safe": None, "cinder_id": None, "extra_info": None}
    taken = {"safe_to_manage": False, "reason_not_safe": "already managed", "extra_info": None}
    assert listed(cloud, f"{VOLUMES[0]}/detail?host={HOST}&sort=reference:asc") == [
        {"reference": {"source-name": "disk"}, "size": 2, **free},
        {"reference": {"source-name": f"volume-{volume_id}"}, "size": 2, **taken, "cinder_id": volume_id},
    ]
    origin = {"source_reference": {"source-name": f"volume-{volume_id}"}}
    assert listed(cloud, f"{SNAPSHOTS[0]}/detail?host={HOST}") == [
        {
            "reference": {"source-name": f"snapshot-{snapshot_id}"},
            "size": 2,
            **taken,
            "cinder_id": snapshot_id,
            **origin,
        },
        {"reference": {"source-name": "disk"}, "size": 2, **free, "source_reference": None},
    ]
    assert "cinder_id" not in listed(cloud, f"{SNAPSHOTS[1]}?host={HOST}")[0]


def test_pages(waiting: Cloud) -> None:
    """Limit, offset, marker and order."""
    cloud = waiting
    for number, name in enumerate(("a", "b", "c"), 1):
        put(cloud, name, number * GIB)

    def names(query: str) -> list[str]:
        return [each["reference"]["source-name"] for each in listed(cloud, f"{VOLUMES[0]}?host={HOST}&{query}")]

    assert names("") == ["c", "b", "a"]
    assert names("sort=size:asc") == names("sort_key=size&sort_dir=asc") == ["a", "b", "c"]
    assert names("limit=1&offset=1") == ["b"]
    assert names("limit=0") == []
    marker = quote(json.dumps({"source-name": "c"}))
    assert names(f"limit=1&marker={marker}") == ["b"]
    for query in ("sort=name", "sort=size:up", "limit=-1", "marker=c", f"marker={quote(json.dumps({'x': 'y'}))}"):
        assert cloud.call("GET", f"{VOLUMES[0]}?host={HOST}&{query}", version="3.8").status == 400


@pytest.mark.parametrize(
    ("query", "version", "expected"),
    [
        ("", "3.8", 400),
        ("host=node@nowhere", "3.8", 404),
        ("cluster=c", "3.16", 400),
        ("cluster=c", "3.17", 404),
        (f"cluster=c&host={HOST}", "3.17", 400),
    ],
)
def test_where(cloud: Cloud, query: str, version: str, expected: int) -> None:
    """The host must be said and known; clusters can be said from 3.17 on."""
    assert cloud.call("GET", f"{VOLUMES[0]}?{query}", version=version).status == expected


def test_other_projects(cloud: Cloud) -> None:
    """A managed volume belongs to the project of the administrator who managed it."""
    put(cloud, "disk")
    body = {"volume": {"ref": "disk", "host": POOL}}
    volume_id = cloud.call("POST", VOLUMES[1], body, project=OTHER_PROJECT).json["volume"]["id"]
    cloud.work()
    assert cloud.see("volumes", volume_id)["os-vol-tenant-attr:tenant_id"] == OTHER_PROJECT
