"""Volumes move to other backends and get other types."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lapilli.db import volumes
from tests.http.client import PROJECT, Answer
from tests.http.lab import OTHER_PROJECT, Cloud

FIRST, SECOND = "node@files#files", "node@other#other"


@pytest.fixture
def cloud(migrated: Path, tmp_path: Path) -> Iterator[Cloud]:
    """A service with two backends, of which the first is the larger."""
    database = tmp_path / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    with closing(Cloud(database, tmp_path / "volumes", {"files": 100, "other": 20})) as one:
        yield one


def act(cloud: Cloud, volume_id: str, name: str, value: Any, **options: Any) -> Answer:
    return cloud.call("POST", f"/volumes/{volume_id}/action", {name: value}, **options)


def migrate(cloud: Cloud, volume_id: str, host: str = SECOND, version: str = "3.71", **wish: Any) -> Answer:
    return act(cloud, volume_id, "os-migrate_volume", {"host": host, **wish}, version=version)


def retype(cloud: Cloud, volume_id: str, name: str, policy: str | None = None, **options: Any) -> Answer:
    wish = {"new_type": name} if policy is None else {"new_type": name, "migration_policy": policy}
    options.setdefault("roles", "member")
    return act(cloud, volume_id, "os-retype", wish, **options)


def path(cloud: Cloud, volume_id: str, backend: str) -> Path:
    folder = cloud.folder if backend == "files" else cloud.folder.with_name(backend)
    return folder / f"volume-{volume_id}"


def facts(cloud: Cloud, volume_id: str) -> tuple[str, str | None, str]:
    """Status, migration status and place."""
    seen = cloud.see("volumes", volume_id)
    return seen["status"], seen["migration_status"], seen["os-vol-host-attr:host"]


@pytest.mark.parametrize(("lock", "meanwhile"), [(False, "available"), (True, "maintenance")])
def test_migrate(cloud: Cloud, lock: bool, meanwhile: str) -> None:
    """The bytes are at the new place only, and nothing else can be done with the volume meanwhile."""
    volume_id = cloud.volume(size=2)
    with path(cloud, volume_id, "files").open("r+b") as file:
        file.seek(1_500_000_000)
        file.write(b"mark")
    assert migrate(cloud, volume_id, lock_volume=lock).status == 202
    assert facts(cloud, volume_id) == (meanwhile, "starting", FIRST)
    busy = [
        act(cloud, volume_id, "os-reserve", None),
        act(cloud, volume_id, "os-extend", {"new_size": 3}),
        act(cloud, volume_id, "os-attach", {"mountpoint": "/dev/vdb", "host_name": "host"}),
        act(cloud, volume_id, "os-unmanage", None),
        act(cloud, volume_id, "os-reset_status", {"status": "error"}),
        act(cloud, volume_id, "os-force_delete", None),
        migrate(cloud, volume_id),
        retype(cloud, volume_id, cloud.type("another")),
        cloud.call("DELETE", f"/volumes/{volume_id}"),
        cloud.call("POST", "/snapshots", {"snapshot": {"volume_id": volume_id, "force": True}}),
        cloud.call("POST", "/volumes", {"volume": {"source_volid": volume_id}}),
        cloud.call("POST", "/volume-transfers", {"transfer": {"volume_id": volume_id}}),
        cloud.call("POST", "/attachments", {"attachment": {"volume_uuid": volume_id}}, version="3.27"),
    ]
    assert {answer.status for answer in busy} == {400}
    cloud.work()
    assert facts(cloud, volume_id) == ("available", "success", SECOND)
    assert not path(cloud, volume_id, "files").exists()
    with path(cloud, volume_id, "other").open("rb") as file:
        file.seek(1_500_000_000)
        assert file.read(4) == b"mark"
    assert path(cloud, volume_id, "other").stat().st_blocks < 1000
    assert migrate(cloud, volume_id, FIRST, force_host_copy=True).status == 202
    cloud.work()
    assert facts(cloud, volume_id) == ("available", "success", FIRST)
    pools = cloud.call("GET", "/scheduler-stats/get_pools?detail=True").json["pools"]
    assert {each["name"]: each["capabilities"]["allocated_capacity_gb"] for each in pools} == {FIRST: 2, SECOND: 0}


@pytest.mark.parametrize(
    ("wish", "version", "expected"),
    [
        ({"host": SECOND}, "3.15", 202),
        ({"host": "node@other"}, "3.71", 202),
        ({"host": FIRST}, "3.71", 400),
        ({"host": "node@files"}, "3.71", 400),
        ({"host": "node@nowhere"}, "3.71", 400),
        ({"cluster": "c"}, "3.15", 400),
        ({"cluster": "c"}, "3.16", 400),
        ({"cluster": None, "host": SECOND}, "3.16", 202),
        ({"cluster": "c", "host": SECOND}, "3.16", 400),
        ({}, "3.71", 400),
        ({"host": SECOND, "lock_volume": "perhaps"}, "3.71", 400),
        ({"host": SECOND, "more": 1}, "3.71", 400),
    ],
)
def test_wishes(cloud: Cloud, wish: dict[str, Any], version: str, expected: int) -> None:
    """What may be said in the body."""
    volume_id = cloud.volume()
    assert act(cloud, volume_id, "os-migrate_volume", wish, version=version).status == expected


def test_what_is_not_migrated(cloud: Cloud) -> None:
    """A volume with a snapshot, one in use, one in error; a service that is disabled; and by a member."""
    volume_id, used, broken = cloud.volume(), cloud.volume(), cloud.volume()
    cloud.snapshot(volume_id)
    act(cloud, used, "os-attach", {"mountpoint": "/dev/vdb", "host_name": "host"})
    act(cloud, broken, "os-reset_status", {"status": "error"})
    for each in (volume_id, used, broken):
        assert migrate(cloud, each).status == 400
    free = cloud.volume()
    assert act(cloud, free, "os-migrate_volume", {"host": SECOND}, roles="member").status == 403
    cloud.call("PUT", "/os-services/disable", {"binary": "cinder-volume", "host": "node@other"})
    assert migrate(cloud, free).status == 400
    assert facts(cloud, free) == ("available", None, FIRST)


@pytest.mark.parametrize("lock", [False, True])
def test_no_room(cloud: Cloud, lock: bool) -> None:
    """The volume is as it was, and says that its migration failed."""
    volume_id = cloud.volume(size=30)
    assert migrate(cloud, volume_id, lock_volume=lock).status == 202
    cloud.work()
    assert facts(cloud, volume_id) == ("available", "error", FIRST)
    assert migrate(cloud, volume_id).status == 202


def test_completion(cloud: Cloud) -> None:
    """For two volumes that do not migrate: the attachments of the first go to the second."""
    old, new = cloud.volume(), cloud.volume()
    server = "11111111-0000-4000-8000-000000000001"
    act(cloud, old, "os-attach", {"mountpoint": "/dev/vdb", "instance_uuid": server})
    wish = {"new_volume": new, "error": False}
    assert act(cloud, old, "os-migrate_volume_completion", wish, roles="member").status == 403
    answer = act(cloud, old, "os-migrate_volume_completion", wish)
    assert (answer.status, answer.json) == (200, {"save_volume_id": new})
    assert [cloud.see("volumes", each)["status"] for each in (old, new)] == ["available", "in-use"]
    assert cloud.see("volumes", new)["attachments"][0]["server_id"] == server
    failed = act(cloud, new, "os-migrate_volume_completion", {"new_volume": old, "error": True})
    assert (failed.status, cloud.see("volumes", new)["status"]) == (200, "in-use")


def test_completion_refused(cloud: Cloud) -> None:
    """A volume that this service has migrated waits for nobody, and one that is not there is a 404."""
    old, new = cloud.volume(), cloud.volume()
    migrate(cloud, old)
    cloud.work()
    assert act(cloud, old, "os-migrate_volume_completion", {"new_volume": new}).status == 400
    assert act(cloud, old, "os-migrate_volume_completion", {"new_volume": server_of_nobody()}).status == 404
    assert act(cloud, old, "os-migrate_volume_completion", {}).status == 400


def server_of_nobody() -> str:
    return "11111111-0000-4000-8000-000000000009"


def test_retype_in_place(cloud: Cloud) -> None:
    """Where the pool is as the type demands, nothing is copied; snapshots follow, and an attached volume stays so."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    act(cloud, volume_id, "os-attach", {"mountpoint": "/dev/vdb", "host_name": "host"})
    type_id = cloud.type("other", extra_specs={"volume_backend_name": "files"})
    assert retype(cloud, volume_id, "other").status == 202
    assert cloud.see("volumes", volume_id)["status"] == "retyping"
    cloud.work()
    seen = cloud.see("volumes", volume_id)
    assert (seen["status"], seen["volume_type_id"], seen["migration_status"]) == ("in-use", type_id, None)
    listed = cloud.call("GET", f"/snapshots?volume_type_id={type_id}").json["snapshots"]
    assert [each["id"] for each in listed] == [snapshot_id]


def test_retype_to_another_backend(cloud: Cloud) -> None:
    """Only if it may move, and has no snapshots."""
    volume_id = cloud.volume()
    type_id = cloud.type("elsewhere", extra_specs={"volume_backend_name": "other"})
    for policy in (None, "never"):
        assert retype(cloud, volume_id, "elsewhere", policy).status == 202
        cloud.work()
        assert facts(cloud, volume_id) == ("available", None, FIRST)
    told = cloud.call("GET", f"/messages?resource_uuid={volume_id}", version="3.5", roles="reader").json["messages"]
    assert {message["event_id"] for message in told} == {"VOLUME_VOLUME_001_003"}
    snapshot_id = cloud.snapshot(volume_id)
    assert retype(cloud, volume_id, "elsewhere", "on-demand").status == 202
    cloud.work()
    assert facts(cloud, volume_id) == ("available", None, FIRST)
    cloud.call("DELETE", f"/snapshots/{snapshot_id}")
    cloud.work()
    assert retype(cloud, volume_id, type_id, "on-demand").status == 202
    cloud.work()
    assert facts(cloud, volume_id) == ("available", "success", SECOND)
    assert cloud.see("volumes", volume_id)["volume_type"] == "elsewhere"
    assert not path(cloud, volume_id, "files").exists()
    assert path(cloud, volume_id, "other").exists()


def test_retype_in_use_does_not_move(cloud: Cloud) -> None:
    """A volume in use is not copied."""
    volume_id = cloud.volume()
    act(cloud, volume_id, "os-attach", {"mountpoint": "/dev/vdb", "host_name": "host"})
    cloud.type("elsewhere", extra_specs={"volume_backend_name": "other"})
    assert retype(cloud, volume_id, "elsewhere", "on-demand").status == 202
    cloud.work()
    assert facts(cloud, volume_id) == ("in-use", None, FIRST)


@pytest.mark.parametrize("quota", [{"volumes_dear": 0}, {"gigabytes_dear": 3}, {"snapshots_dear": 0}])
def test_quota_of_the_type(cloud: Cloud, quota: dict[str, int]) -> None:
    """A volume and its snapshots count in the quotas of the new type from the start, and of the old until the end."""
    volume_id = cloud.volume(size=2)
    cloud.snapshot(volume_id)
    cloud.type("dear")
    cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": quota})
    assert retype(cloud, volume_id, "dear").status == 413
    cloud.call("DELETE", f"/os-quota-sets/{PROJECT}")

    def used(*names: str) -> list[int]:
        shown = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=True").json["quota_set"]
        return [shown[name]["in_use"] for name in names]

    mine = ("volumes", "gigabytes", "snapshots")
    of_new, of_old = [f"{name}_dear" for name in mine], [f"{name}___DEFAULT__" for name in mine]
    assert retype(cloud, volume_id, "dear").status == 202
    assert (used(*mine), used(*of_new), used(*of_old)) == ([1, 4, 1], [1, 4, 1], [1, 4, 1])
    cloud.work()
    assert (used(*mine), used(*of_new), used(*of_old)) == ([1, 4, 1], [1, 4, 1], [0, 0, 0])


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"new_type": "nonsense"}, 404),
        ({"new_type": "__DEFAULT__"}, 400),
        ({"new_type": "large"}, 400),
        ({"new_type": "hidden"}, 404),
        ({"new_type": "other", "migration_policy": None}, 400),
        ({"new_type": "other", "migration_policy": "always"}, 400),
        ({"new_type": None}, 400),
        ({}, 400),
        ({"new_type": "other", "more": 1}, 400),
    ],
)
def test_retypes_refused(cloud: Cloud, wish: dict[str, Any], expected: int) -> None:
    """What is no type for the volume, or not for this project, or no body."""
    volume_id = cloud.volume()
    cloud.type("other")
    cloud.type("large", extra_specs={"provisioning:min_vol_size": "5"})
    cloud.type("hidden", **{"os-volume-type-access:is_public": False})
    assert act(cloud, volume_id, "os-retype", wish, roles="member").status == expected
    assert facts(cloud, volume_id) == ("available", None, FIRST)


def test_retype_of_others(cloud: Cloud) -> None:
    """Members retype the volumes of their project; readers none."""
    volume_id = cloud.volume()
    cloud.type("other")
    assert retype(cloud, volume_id, "other", roles="reader").status == 403
    assert retype(cloud, volume_id, "other", project=OTHER_PROJECT).status == 404


def test_multiattach(cloud: Cloud) -> None:
    """It comes with the type, and changes only while the volume is available."""
    volume_id = cloud.volume()
    cloud.tell(multiattach=True)
    cloud.type("shared", extra_specs={"multiattach": "<is> True"})
    assert retype(cloud, volume_id, "shared").status == 202
    cloud.work()
    assert cloud.see("volumes", volume_id)["multiattach"] is True
    act(cloud, volume_id, "os-attach", {"mountpoint": "/dev/vdb", "host_name": "host"})
    assert retype(cloud, volume_id, "__DEFAULT__").status == 400


def test_statuses_that_were_set_by_hand(cloud: Cloud) -> None:
    """A migration status that is none of a volume at rest keeps it where it is, until it is reset."""
    volume_id = cloud.volume()
    cloud.db.write(lambda tx: volumes.change(tx, volume_id, migration_status="migrating"))
    cloud.type("other")
    assert migrate(cloud, volume_id).status == 400
    assert retype(cloud, volume_id, "other").status == 400
    assert act(cloud, volume_id, "os-reset_status", {"migration_status": "none"}).status == 202
    assert migrate(cloud, volume_id).status == 202
