"""Backups over HTTP: what is asked, what is answered, and whose bytes come back."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from lapilli.db.schema import operations, services
from tests.http.client import PROJECT, Answer
from tests.http.lab import OTHER_PROJECT, Cloud

_MIB = 1024**2
_MEMBER = "member,reader"
_NOBODY = "99999999-0000-4000-8000-000000000009"
_PLACES = (0, 100 * _MIB, 1023 * _MIB)


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    """A service with a backup service in it."""
    cloud.serve_backups()
    return cloud


def fill(cloud: Cloud, volume_id: str, mark: bytes) -> None:
    """Write to the volume as a guest would."""
    with (cloud.folder / f"volume-{volume_id}").open("r+b") as file:
        for place in _PLACES:
            file.seek(place)
            file.write(mark * 4096)


def marks(cloud: Cloud, volume_id: str) -> set[bytes]:
    """What is at the places that `fill` writes to."""
    with (cloud.folder / f"volume-{volume_id}").open("rb") as file:
        return {(file.seek(place), file.read(4096))[1][:1] for place in _PLACES}


def ask(cloud: Cloud, volume_id: str, *, version: str = "3.71", **wish: Any) -> Answer:
    """The answer to a create."""
    body = {"backup": {"volume_id": volume_id, **wish}}
    return cloud.call("POST", "/backups", body, version=version, roles=_MEMBER)


def make(cloud: Cloud, volume_id: str, **wish: Any) -> str:
    """A new backup that is available; its id."""
    answer = ask(cloud, volume_id, **wish)
    assert answer.status == 202, answer.text
    cloud.work()
    backup = cloud.see("backups", answer.json["backup"]["id"])
    assert backup["status"] == "available", backup["fail_reason"]
    return str(backup["id"])


def restore(cloud: Cloud, backup_id: str, **wish: Any) -> Answer:
    return cloud.call("POST", f"/backups/{backup_id}/restore", {"restore": wish}, roles=_MEMBER)


def test_a_backup_is_made_and_shown(cloud: Cloud) -> None:
    """202 with the short form; the source is `backing-up` meanwhile, and as it was afterwards."""
    volume_id = cloud.volume(name="mine")
    answer = ask(cloud, volume_id, name=" nightly ", description="d", metadata={"k": "v"})
    assert answer.status == 202
    assert set(answer.json["backup"]) == {"id", "name", "links"}
    assert answer.json["backup"]["name"] == "nightly"
    backup_id = answer.json["backup"]["id"]
    assert cloud.see("volumes", volume_id)["status"] == "backing-up"
    assert cloud.see("backups", backup_id)["status"] == "creating"
    cloud.work()
    assert cloud.see("volumes", volume_id)["status"] == "available"
    backup = cloud.see("backups", backup_id)
    shown = {key: backup[key] for key in ("status", "size", "object_count", "is_incremental", "has_dependent_backups")}
    assert shown == {
        "status": "available",
        "size": 1,
        "object_count": 16,
        "is_incremental": False,
        "has_dependent_backups": False,
    }
    assert backup["container"] == f"{backup_id[:2]}/{backup_id[2:4]}/{backup_id}"
    assert backup["data_timestamp"] == backup["created_at"]
    assert backup["os-backup-project-attr:project_id"] == PROJECT
    assert backup["metadata"] == {"k": "v"}
    assert backup["user_id"] == "someone"


@pytest.mark.parametrize(
    ("version", "roles", "more"),
    [
        ("3.0", _MEMBER, set()),
        ("3.18", "admin", {"os-backup-project-attr:project_id"}),
        ("3.42", _MEMBER, set()),
        ("3.43", _MEMBER, {"metadata"}),
        ("3.71", _MEMBER, {"metadata"}),
        ("3.56", "admin", {"metadata", "user_id", "os-backup-project-attr:project_id"}),
    ],
)
def test_fields_come_with_their_versions(cloud: Cloud, version: str, roles: str, more: set[str]) -> None:
    """The details have what the version and the caller's rights allow."""
    backup_id = make(cloud, cloud.volume())
    always = (
        "id status size object_count availability_zone container created_at updated_at name description fail_reason"
        " volume_id links is_incremental has_dependent_backups snapshot_id data_timestamp"
    )
    shown = cloud.call("GET", f"/backups/{backup_id}", version=version, roles=roles).json["backup"]
    (listed,) = cloud.call("GET", "/backups/detail", version=version, roles=roles).json["backups"]
    assert shown == listed
    assert set(shown) == set(always.split()) | more


def test_a_restore_brings_the_bytes_back(cloud: Cloud) -> None:
    """Over what the volume has become since; both are taken meanwhile."""
    volume_id = cloud.volume()
    fill(cloud, volume_id, b"a")
    backup_id = make(cloud, volume_id)
    fill(cloud, volume_id, b"b")
    answer = restore(cloud, backup_id, volume_id=volume_id)
    assert answer.status == 202
    assert answer.json["restore"] == {"backup_id": backup_id, "volume_id": volume_id, "volume_name": None}
    assert cloud.see("volumes", volume_id)["status"] == "restoring-backup"
    assert cloud.see("backups", backup_id)["status"] == "restoring"
    assert restore(cloud, backup_id, volume_id=volume_id).status == 400
    cloud.work()
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert cloud.see("backups", backup_id)["status"] == "available"
    assert marks(cloud, volume_id) == {b"a"}


def test_a_restore_without_a_volume_makes_one(cloud: Cloud) -> None:
    """It answers at once; the new volume gets the name and metadata of the one that was backed up, and stays sparse."""
    volume_id = cloud.volume(name="mine", metadata={"k": "v"})
    fill(cloud, volume_id, b"a")
    backup_id = make(cloud, volume_id)
    answer = restore(cloud, backup_id)
    assert answer.status == 202
    new = answer.json["restore"]["volume_id"]
    assert answer.json["restore"]["volume_name"] == f"restore_backup_{backup_id}"
    assert cloud.see("volumes", new)["status"] == "creating"
    cloud.work()
    volume = cloud.see("volumes", new)
    assert (volume["status"], volume["name"]) == ("available", "mine")
    assert volume["metadata"] == {"k": "v", "src_backup_id": backup_id}
    assert marks(cloud, new) == {b"a"}
    assert (cloud.folder / f"volume-{new}").stat().st_blocks * 512 < 2 * _MIB


def test_a_restored_volume_tells_of_which_backup(cloud: Cloud) -> None:
    """Unless it is the one that was backed up, and has no other backup's bytes."""
    own, other = cloud.volume(), cloud.volume(metadata={"a": "b"})
    first, second = make(cloud, own), make(cloud, other)

    def origin(backup_id: str, volume_id: str) -> str | None:
        assert restore(cloud, backup_id, volume_id=volume_id).status == 202
        cloud.work()
        metadata = cloud.see("volumes", volume_id)["metadata"]
        assert metadata.get("a") == ("b" if volume_id == other else None)
        return metadata.get("src_backup_id")

    assert origin(first, own) is None
    assert origin(second, other) is None
    assert origin(first, other) == first


def test_a_volume_is_created_from_a_backup(cloud: Cloud) -> None:
    """From 3.47 on, of the backup's size or larger, under the name that was asked for."""
    volume_id = cloud.volume(name="mine")
    fill(cloud, volume_id, b"a")
    backup_id = make(cloud, volume_id)
    wish = {"volume": {"backup_id": backup_id, "size": 2, "name": "new"}}
    earlier = cloud.call("POST", "/volumes", wish, version="3.46", roles=_MEMBER).json["volume"]
    assert cloud.see("backups", backup_id)["status"] == "available", earlier
    answer = cloud.call("POST", "/volumes", wish, version="3.47", roles=_MEMBER)
    assert answer.status == 202, answer.text
    cloud.work()
    volume = cloud.see("volumes", answer.json["volume"]["id"])
    assert (volume["status"], volume["size"], volume["name"]) == ("available", 2, "new")
    assert volume["metadata"] == {"src_backup_id": backup_id}
    assert marks(cloud, volume["id"]) == {b"a"}
    del wish["volume"]["size"]
    answer = cloud.call("POST", "/volumes", wish, version="3.47", roles=_MEMBER)
    assert answer.json["volume"]["size"] == 1


def test_an_incremental_backup_builds_on_the_newest(cloud: Cloud) -> None:
    """Each holds what changed; the chain restores, and is deleted from its end."""
    volume_id = cloud.volume()
    assert ask(cloud, volume_id, incremental=True).status == 400
    fill(cloud, volume_id, b"a")
    full = make(cloud, volume_id)
    fill(cloud, volume_id, b"b")
    second = make(cloud, volume_id, incremental=True)
    third = make(cloud, volume_id, incremental="true")
    assert [cloud.see("backups", id)["object_count"] for id in (full, second, third)] == [16, 3, 0]
    assert cloud.see("backups", second)["is_incremental"]
    assert cloud.see("backups", full)["has_dependent_backups"]
    assert cloud.call("DELETE", f"/backups/{full}").status == 400
    assert cloud.call("POST", f"/backups/{second}/action", {"os-force_delete": {}}).status == 400
    fill(cloud, volume_id, b"c")
    assert restore(cloud, third, volume_id=volume_id).status == 202
    cloud.work()
    assert marks(cloud, volume_id) == {b"b"}
    for id in (third, second, full):
        assert cloud.call("DELETE", f"/backups/{id}", roles=_MEMBER).status == 202
        cloud.work()
        assert cloud.call("GET", f"/backups/{id}").status == 404
    assert objects(cloud) == []


def objects(cloud: Cloud) -> list[Path]:
    """The files in the store."""
    return [path for path in cloud.folder.with_name("backup").rglob("*") if path.is_file()]


def test_a_snapshot_is_backed_up(cloud: Cloud) -> None:
    """The bytes are the snapshot's, whatever the volume is; only the snapshot is busy meanwhile."""
    volume_id = cloud.volume()
    fill(cloud, volume_id, b"a")
    full = make(cloud, volume_id)
    snapshot_id = cloud.snapshot(volume_id)
    fill(cloud, volume_id, b"b")
    answer = ask(cloud, volume_id, snapshot_id=snapshot_id, incremental=True)
    assert answer.status == 202
    assert cloud.see("snapshots", snapshot_id)["status"] == "backing-up"
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert cloud.call("DELETE", f"/snapshots/{snapshot_id}").status == 400
    assert cloud.call("DELETE", f"/volumes/{volume_id}?cascade=true").status == 400
    cloud.work()
    backup = cloud.see("backups", answer.json["backup"]["id"])
    assert (backup["status"], backup["object_count"], backup["snapshot_id"]) == ("available", 0, snapshot_id)
    assert backup["data_timestamp"] == cloud.see("snapshots", snapshot_id)["created_at"]
    assert cloud.see("snapshots", snapshot_id)["status"] == "available"
    assert cloud.see("backups", full)["has_dependent_backups"]


def test_a_snapshot_that_is_older_than_all_backups_has_no_parent(cloud: Cloud) -> None:
    """What was backed up later is nothing to build on."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    make(cloud, volume_id)
    assert ask(cloud, volume_id, snapshot_id=snapshot_id, incremental=True).status == 400


def test_a_snapshot_of_another_volume_is_refused(cloud: Cloud) -> None:
    """400 for one that is there, 404 for one that is not."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(cloud.volume())
    assert ask(cloud, volume_id, snapshot_id=snapshot_id).status == 400
    assert ask(cloud, volume_id, snapshot_id=_NOBODY).status == 404
    assert ask(cloud, _NOBODY).status == 404


def attach(cloud: Cloud, volume_id: str) -> None:
    body = {"attachment": {"volume_uuid": volume_id, "instance_uuid": _NOBODY}}
    attachment_id = cloud.call("POST", "/attachments", body, version="3.44").json["attachment"]["id"]
    assert cloud.call("POST", f"/attachments/{attachment_id}/action", {"os-complete": {}}, version="3.44").status == 204


def test_a_volume_in_use_needs_force(cloud: Cloud) -> None:
    """With it, a temporary snapshot is read, which is gone afterwards; the volume is in use again."""
    volume_id = cloud.volume()
    fill(cloud, volume_id, b"a")
    attach(cloud, volume_id)
    assert ask(cloud, volume_id).status == 400
    # As if the backend could keep it as of one moment, which takes another file system.
    cloud.tell(copies_snapshots=False)
    make(cloud, volume_id, force=True)
    assert cloud.see("volumes", volume_id)["status"] == "in-use"
    assert [path.name for path in cloud.folder.iterdir() if path.name.startswith("snapshot")] == []


def test_a_volume_in_use_is_refused_where_it_cannot_be_read_at_one_moment(cloud: Cloud) -> None:
    """Force or not: a copy of several moments is no backup."""
    volume_id = cloud.volume()
    attach(cloud, volume_id)
    cloud.tell(copies_snapshots=True)
    assert ask(cloud, volume_id, force=True).status == 400


@pytest.mark.parametrize("how", ["missing", "silent", "disabled", "in trouble", "elsewhere"])
def test_without_a_backup_service_nothing_is_accepted(cloud: Cloud, how: str) -> None:
    """503 from every call that needs one, and nothing has changed."""
    volume_id = cloud.volume()
    backup_id = make(cloud, volume_id)
    url = cloud.call("GET", f"/backups/{backup_id}/export_record").json["backup-record"]["backup_url"]
    mine = services.c.binary == "cinder-backup"

    def spoil(tx: Connection) -> None:
        if how == "missing":
            tx.execute(services.delete().where(mine))
        values: dict[str, Any] = {
            "silent": {"heartbeat_s": 0},
            "disabled": {"disabled": True},
            "in trouble": {"trouble": "no disk"},
            "elsewhere": {"host": "other"},
        }.get(how, {"disabled": False})
        tx.execute(update(services).where(mine).values(**values))

    cloud.db.write(spoil)
    before = cloud.see("volumes", volume_id), cloud.see("backups", backup_id)
    assert ask(cloud, volume_id).fault == "serviceUnavailable"
    assert restore(cloud, backup_id, volume_id=volume_id).status == 503
    assert cloud.call("DELETE", f"/backups/{backup_id}").status == 503
    if how != "elsewhere":
        assert restore(cloud, backup_id).status == 503
        record = json.loads(base64.b64decode(url)) | {"id": _NOBODY, "service_metadata": f"x_{_NOBODY}"}
        wish = {"backup_service": "x", "backup_url": base64.b64encode(json.dumps(record).encode()).decode()}
        assert cloud.call("POST", "/backups/import_record", {"backup-record": wish}).status == 503
    assert (cloud.see("volumes", volume_id), cloud.see("backups", backup_id)) == before


def test_a_new_volume_away_from_all_backup_services_fails(cloud: Cloud) -> None:
    """It is in error, its space is given back, and the backup is available again."""
    backup_id = make(cloud, cloud.volume())
    cloud.db.write(lambda tx: tx.execute(update(services).where(services.c.binary == "cinder-backup").values(host="x")))
    new = restore(cloud, backup_id).json["restore"]["volume_id"]
    cloud.work()
    assert cloud.see("volumes", new)["status"] == "error"
    assert not (cloud.folder / f"volume-{new}").exists()
    assert cloud.see("backups", backup_id)["status"] == "available"
    assert cloud.call("DELETE", f"/volumes/{new}").status == 202


def test_the_zone_is_that_of_the_service(cloud: Cloud) -> None:
    """From 3.51 on another zone can be asked for, and has no service."""
    volume_id = cloud.volume()
    assert ask(cloud, volume_id, availability_zone="nova", version="3.50").status == 400
    assert ask(cloud, volume_id, availability_zone="moon").status == 503
    assert cloud.see("backups", make(cloud, volume_id, availability_zone="nova"))["availability_zone"] == "nova"


def test_quotas_count_rows(cloud: Cloud) -> None:
    """Numbers and GiB, of failed ones too, until they are deleted."""
    volume_id = cloud.volume(size=2)
    for quotas, code in (({"backups": 1}, 413), ({"backups": -1, "backup_gigabytes": 3}, 413)):
        assert cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": quotas}).status == 200
        backup_id = make(cloud, volume_id)
        answer = ask(cloud, volume_id)
        assert answer.status == code
        assert "Backup" in answer.json["overLimit"]["message"]
        usage = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=true").json["quota_set"]
        assert (usage["backups"]["in_use"], usage["backup_gigabytes"]["in_use"]) == (1, 2)
        cloud.call("DELETE", f"/backups/{backup_id}")
        cloud.work()
    usage = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=true").json["quota_set"]
    assert (usage["backups"]["in_use"], usage["backup_gigabytes"]["in_use"]) == (0, 0)


def test_a_restore_needs_room(cloud: Cloud) -> None:
    """A volume that is smaller than the backup, or not available, is refused."""
    large = make(cloud, cloud.volume(size=2))
    small = cloud.volume()
    assert restore(cloud, large, volume_id=small).status == 400
    busy = cloud.volume(size=2)
    cloud.call("POST", f"/volumes/{busy}/action", {"os-reset_status": {"status": "error"}})
    assert restore(cloud, large, volume_id=busy).status == 400
    assert restore(cloud, large, volume_id=_NOBODY).status == 404
    assert restore(cloud, _NOBODY).status == 404
    assert cloud.call("POST", f"/backups/{large}/restore", {"restore": None}).status == 400
    assert cloud.see("backups", large)["status"] == "available"


def test_a_damaged_object_fails_the_restore(cloud: Cloud) -> None:
    """The volume says that its bytes are not whole, and the operation which object is wrong."""
    volume_id = cloud.volume()
    fill(cloud, volume_id, b"a")
    backup_id = make(cloud, volume_id)
    damaged = next(path for path in objects(cloud) if path.name.endswith("-00001"))
    data = bytearray(damaged.read_bytes())
    data[-5] ^= 255
    damaged.write_bytes(data)
    assert restore(cloud, backup_id, volume_id=volume_id).status == 202
    cloud.work()
    assert cloud.see("volumes", volume_id)["status"] == "error_restoring"
    assert cloud.see("backups", backup_id)["status"] == "available"
    new = restore(cloud, backup_id).json["restore"]["volume_id"]
    cloud.work()
    assert cloud.see("volumes", new)["status"] == "error"
    (message, *_) = cloud.call("GET", "/messages", version="3.5").json["messages"]
    assert message["resource_uuid"] == backup_id


def test_a_missing_object_leaves_the_volume_as_it_was(cloud: Cloud) -> None:
    """Nothing was written, so the volume is available with its bytes."""
    volume_id = cloud.volume()
    fill(cloud, volume_id, b"a")
    backup_id = make(cloud, volume_id)
    next(path for path in objects(cloud) if path.name.endswith("-00003")).unlink()
    fill(cloud, volume_id, b"b")
    assert restore(cloud, backup_id, volume_id=volume_id).status == 202
    work_on(cloud)
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert marks(cloud, volume_id) == {b"b"}


def work_on(cloud: Cloud) -> None:
    """Finish what is due, and what is put off after a fault that may pass."""
    now = update(operations).where(operations.c.due_at.is_not(None)).values(due_at=0)
    for _ in range(6):
        cloud.work()
        cloud.db.write(lambda tx: tx.execute(now))


def test_a_store_that_fails_is_told(cloud: Cloud) -> None:
    """The backup is in error with the reason, the volume is as before, and both can be used again."""
    volume_id = cloud.volume()
    root = cloud.folder.with_name("backup")
    answer = ask(cloud, volume_id)
    root.rmdir()
    root.write_text("no directory")
    work_on(cloud)
    backup_id = answer.json["backup"]["id"]
    backup = cloud.see("backups", backup_id)
    assert backup["status"] == "error"
    assert str(root) in backup["fail_reason"]
    assert cloud.see("volumes", volume_id)["status"] == "available"
    root.unlink()
    assert cloud.call("DELETE", f"/backups/{backup_id}").status == 202
    cloud.work()
    assert cloud.call("GET", f"/backups/{backup_id}").status == 404


def test_one_that_is_being_made_can_be_given_up(cloud: Cloud) -> None:
    """A forced delete ends the work, removes what there is, and lets go of the volume; twice is no error."""
    volume_id = cloud.volume()
    backup_id = ask(cloud, volume_id).json["backup"]["id"]
    assert cloud.call("DELETE", f"/backups/{backup_id}").status == 400
    for _ in range(2):
        assert cloud.call("POST", f"/backups/{backup_id}/action", {"os-force_delete": {}}).status == 202
    assert cloud.see("backups", backup_id)["status"] == "deleting"
    cloud.work()
    assert cloud.call("GET", f"/backups/{backup_id}").status == 404
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert objects(cloud) == []


def test_a_record_comes_back(cloud: Cloud) -> None:
    """An exported chain is imported by its records, parents first, and restores."""
    volume_id = cloud.volume()
    fill(cloud, volume_id, b"a")
    full = make(cloud, volume_id, name="nightly", container="weekly")
    fill(cloud, volume_id, b"b")
    second = make(cloud, volume_id, incremental=True)
    wishes = {id: cloud.call("GET", f"/backups/{id}/export_record").json for id in (full, second)}
    assert wishes[full]["backup-record"]["backup_service"] == "cinder.backup.drivers.posix.PosixBackupDriver"
    before = cloud.see("backups", full)
    assert cloud.call("POST", "/backups/import_record", wishes[full]).status == 400
    kept = cloud.folder.with_name("kept")
    cloud.folder.with_name("backup").rename(kept)
    for id in (second, full):
        assert cloud.call("DELETE", f"/backups/{id}").status == 202
        cloud.work()
    kept.rename(cloud.folder.with_name("backup"))
    assert cloud.call("POST", "/backups/import_record", wishes[second]).status == 400
    for id in (full, second):
        answer = cloud.call("POST", "/backups/import_record", wishes[id])
        assert answer.status == 201, answer.text
        assert answer.json["backup"]["id"] == id
        cloud.work()
    after = cloud.see("backups", full)
    same = ("status", "name", "size", "container", "object_count", "volume_id", "data_timestamp")
    assert {key: after[key][:19] if key == "data_timestamp" else after[key] for key in same} == {
        key: before[key][:19] if key == "data_timestamp" else before[key] for key in same
    }
    assert restore(cloud, second, volume_id=volume_id).status == 202
    cloud.work()
    assert marks(cloud, volume_id) == {b"b"}


def test_a_record_imported_under_another_id_shares_the_objects(cloud: Cloud) -> None:
    """Whichever is deleted first, they stay for the other, and go with the last."""
    backup_id = make(cloud, cloud.volume())
    record = cloud.call("GET", f"/backups/{backup_id}/export_record").json["backup-record"]
    told = json.loads(base64.b64decode(record["backup_url"])) | {"id": _NOBODY}
    record["backup_url"] = base64.b64encode(json.dumps(told).encode()).decode()
    assert cloud.call("POST", "/backups/import_record", {"backup-record": record}).status == 201
    cloud.work()
    assert cloud.see("backups", _NOBODY)["status"] == "available"
    before = objects(cloud)
    assert cloud.call("DELETE", f"/backups/{backup_id}").status == 202
    cloud.work()
    assert objects(cloud) == before
    assert cloud.call("DELETE", f"/backups/{_NOBODY}").status == 202
    cloud.work()
    assert objects(cloud) == []


def test_a_record_without_objects_is_an_error(cloud: Cloud) -> None:
    """The import looks for the objects; the row that failed can be deleted."""
    backup_id = make(cloud, cloud.volume())
    wish = cloud.call("GET", f"/backups/{backup_id}/export_record").json
    cloud.call("DELETE", f"/backups/{backup_id}")
    cloud.work()
    for kind in (wish["backup-record"]["backup_service"], "cinder.backup.drivers.swift.SwiftBackupDriver"):
        wish["backup-record"]["backup_service"] = kind
        assert cloud.call("POST", "/backups/import_record", wish).status == 201
        work_on(cloud)
        assert cloud.see("backups", backup_id)["status"] == "error"
        assert cloud.call("DELETE", f"/backups/{backup_id}").status == 202
        cloud.work()


@pytest.mark.parametrize(
    "record",
    [
        "",
        "not base64!",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"{}").decode(),
        *(
            base64.b64encode(json.dumps(each).encode()).decode()
            for each in (
                {"id": "x", "size": 1, "container": "c", "service_metadata": "x"},
                {"id": _NOBODY, "size": "1", "container": "c", "service_metadata": _NOBODY},
                {"id": _NOBODY, "size": 1, "container": "../c", "service_metadata": _NOBODY},
                {"id": _NOBODY, "size": 1, "container": "c", "service_metadata": "volume_"},
                {"id": _NOBODY, "size": 1, "container": "c", "service_metadata": _NOBODY, "parent_id": PROJECT},
                {"id": _NOBODY, "size": 1, "container": "c", "service_metadata": _NOBODY, "metadata": {"k": 1}},
            )
        ),
    ],
)
def test_a_bad_record_is_refused(cloud: Cloud, record: str) -> None:
    """400, and no row."""
    wish = {"backup-record": {"backup_service": "x", "backup_url": record}}
    assert cloud.call("POST", "/backups/import_record", wish).fault == "badRequest"
    assert cloud.call("GET", "/backups").json["backups"] == []


def test_records_are_for_administrators(cloud: Cloud) -> None:
    """A member is refused, and so is the record of a backup that is not complete."""
    backup_id = make(cloud, cloud.volume())
    assert cloud.call("GET", f"/backups/{backup_id}/export_record", roles=_MEMBER).status == 403
    wish = {"backup-record": {"backup_service": "x", "backup_url": "x"}}
    assert cloud.call("POST", "/backups/import_record", wish, roles=_MEMBER).status == 403
    cloud.call("POST", f"/backups/{backup_id}/action", {"os-reset_status": {"status": "error"}})
    assert cloud.call("GET", f"/backups/{backup_id}/export_record").status == 400


def test_a_status_is_set_by_hand(cloud: Cloud) -> None:
    """`available` and `error`, by administrators, and only at rest."""
    volume_id = cloud.volume()
    backup_id = make(cloud, volume_id)
    path = f"/backups/{backup_id}/action"
    assert cloud.call("POST", path, {"os-reset_status": {"status": "ERROR"}}).status == 202
    assert cloud.see("backups", backup_id)["status"] == "error"
    for status in ("creating", "deleting", "", None):
        assert cloud.call("POST", path, {"os-reset_status": {"status": status}}).status == 400
    assert cloud.call("POST", path, {"os-reset_status": {"status": "error"}}, roles=_MEMBER).status == 403
    busy = ask(cloud, volume_id).json["backup"]["id"]
    assert cloud.call("POST", f"/backups/{busy}/action", {"os-reset_status": {"status": "error"}}).status == 400


def test_an_update_changes_name_description_and_metadata(cloud: Cloud) -> None:
    """From 3.9 on; metadata from 3.43 on."""
    backup_id = make(cloud, cloud.volume(), name="before")
    path = f"/backups/{backup_id}"
    assert cloud.call("PUT", path, {"backup": {"name": "x"}}, version="3.8").status == 404
    answer = cloud.call("PUT", path, {"backup": {"name": " after ", "description": None}}, version="3.9")
    assert (answer.status, answer.json["backup"]["name"]) == (200, "after")
    assert cloud.call("PUT", path, {"backup": {"metadata": {"k": "v"}}}, version="3.42").status == 400
    assert cloud.call("PUT", path, {"backup": {"metadata": {"k": "v"}}}, version="3.43").status == 200
    assert cloud.see("backups", backup_id)["metadata"] == {"k": "v"}
    assert cloud.call("PUT", path, {"backup": None}, version="3.9").status == 400
    assert cloud.call("PUT", path, {"backup": {"size": 1}}, version="3.9").status == 400


@pytest.mark.parametrize(
    "wish",
    [
        {"volume_id": "x"},
        {"volume_id": None},
        {"container": "../x"},
        {"container": "/etc"},
        {"container": "a//b"},
        {"name": "n" * 256},
        {"description": "a\nb"},
        {"incremental": "maybe"},
        {"snapshot_id": "x"},
        {"metadata": {"k": 1}},
        {"size": 1},
    ],
)
def test_bad_wishes_are_refused(cloud: Cloud, wish: dict[str, Any]) -> None:
    """400, and the volume is as before."""
    volume_id = cloud.volume()
    answer = ask(cloud, **{"volume_id": volume_id, **wish})
    assert answer.fault == "badRequest"
    assert cloud.see("volumes", volume_id)["status"] == "available"


def test_lists_are_filtered_sorted_and_counted(cloud: Cloud) -> None:
    """Pages with links, tenants' filters, and the count of 3.45."""
    first, second = cloud.volume(), cloud.volume()
    ids = [make(cloud, first, name=name) for name in ("b", "a")] + [make(cloud, second, name="c")]

    def listed(query: str, version: str = "3.71", roles: str = _MEMBER) -> list[str]:
        answer = cloud.call("GET", f"/backups?{query}", version=version, roles=roles)
        assert answer.status == 200, answer.text
        return [each["id"] for each in answer.json["backups"]]

    assert listed("sort=created_at:asc") == ids
    assert listed("sort=name:asc") == [ids[1], ids[0], ids[2]]
    assert len(listed("sort=container")) == 3
    assert listed(f"volume_id={first}&sort=created_at:asc") == ids[:2]
    assert listed("name=c") == [ids[2]]
    assert listed("status=error") == []
    assert listed("name~=a", roles="admin") == [ids[1]]
    answer = cloud.call("GET", "/backups/detail?limit=2&with_count=true&sort=created_at:asc", version="3.45")
    assert answer.json["count"] == 3
    assert "/backups/detail?" in answer.json["backups_links"][0]["href"]
    assert cloud.call("GET", "/backups?sort=name", version="3.36").status == 400
    assert cloud.call("GET", "/backups?size=1", version="3.31", roles=_MEMBER).status == 400
    assert cloud.call("GET", "/backups?all_tenants=perhaps").status == 400
    assert cloud.call("GET", f"/backups?marker={_NOBODY}").status == 404


def test_another_project_sees_and_does_nothing(cloud: Cloud) -> None:
    """404 for every route with a stranger's backup, and for a backup of a stranger's volume."""
    volume_id = cloud.volume()
    backup_id = make(cloud, volume_id)
    theirs: dict[str, Any] = {"project": OTHER_PROJECT, "roles": _MEMBER, "version": "3.71"}
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"backup": {"name": "x"}}),
        ("DELETE", "", None),
        ("POST", "/restore", {"restore": {}}),
        ("GET", "/export_record", None),
        ("POST", "/action", {"os-reset_status": {"status": "error"}}),
        ("POST", "/action", {"os-force_delete": {}}),
    ):
        assert cloud.call(method, f"/backups/{backup_id}{path}", body, **theirs).status == 404
    assert cloud.call("POST", "/backups", {"backup": {"volume_id": volume_id}}, **theirs).status == 404
    assert cloud.call("POST", "/volumes", {"volume": {"backup_id": backup_id}}, **theirs).status == 404
    assert cloud.call("GET", "/backups", **theirs).json["backups"] == []
    assert cloud.see("backups", backup_id)["status"] == "available"
