"""Volumes on the wire: create, show, update, delete, summary."""

from typing import Any

import pytest

from tests.http.client import PROJECT
from tests.http.lab import OTHER_PROJECT, POOL, Cloud

_AT_3_0 = set(
    "id status size availability_zone created_at updated_at name description volume_type snapshot_id source_volid"
    " metadata links user_id bootable encrypted replication_status consistencygroup_id multiattach attachments".split()
)
_LATER = {
    13: {"group_id"},
    48: {"shared_targets", "service_uuid"},
    63: {"volume_type_id"},
    65: {"consumes_quota"},
}


@pytest.mark.parametrize("minor", [0, 12, 13, 21, 48, 61, 63, 65, 71])
def test_fields_of_a_tenant(cloud: Cloud, minor: int) -> None:
    """A tenant sees the fields of its version, and none that are for administrators."""
    volume_id = cloud.volume()
    answer = cloud.call("GET", f"/volumes/{volume_id}", version=f"3.{minor}", roles="member,reader")
    later = set().union(*(fields for since, fields in _LATER.items() if since <= minor))
    assert set(answer.json["volume"]) == _AT_3_0 | later | {"os-vol-tenant-attr:tenant_id"}


def test_fields_of_an_administrator(cloud: Cloud) -> None:
    """An administrator also sees where the volume is and what its migration does."""
    shown = cloud.see("volumes", cloud.volume())
    assert set(shown) - _AT_3_0 - set().union(*_LATER.values()) == {
        "migration_status",
        "provider_id",
        "cluster_name",
        "os-vol-tenant-attr:tenant_id",
        "os-vol-host-attr:host",
        "os-vol-mig-status-attr:migstat",
        "os-vol-mig-status-attr:name_id",
    }
    assert shown["os-vol-host-attr:host"] == POOL


def test_create(cloud: Cloud) -> None:
    """A volume is creating, then available, with what was asked for."""
    wish = {"size": "2", "name": " data ", "description": "a\nb", "metadata": {"k": "v"}, "multiattach": "false"}
    answer = cloud.call("POST", "/volumes", {"volume": wish, "OS-SCH-HNT:scheduler_hints": None})
    assert answer.status == 202
    created = answer.json["volume"]
    assert (created["status"], created["size"], created["name"]) == ("creating", 2, "data")
    assert (created["bootable"], created["availability_zone"]) == ("false", "nova")
    assert "os-vol-tenant-attr:tenant_id" not in created
    cloud.work()
    shown = cloud.see("volumes", created["id"])
    assert (shown["status"], shown["description"], shown["metadata"]) == ("available", "a\nb", {"k": "v"})
    assert (cloud.folder / f"volume-{created['id']}").stat().st_size == 2 * 1024**3


@pytest.mark.parametrize(
    ("version", "wish", "status"),
    [
        ("3.0", {"size": 1, "name": None, "display_name": "x", "unknown": 1}, 202),
        ("3.53", {"size": 1, "unknown": 1}, 400),
        ("3.0", {"name": "no size"}, 400),
        ("3.0", {"size": 0}, 400),
        ("3.0", {"size": -1}, 400),
        ("3.0", {"size": "1.5"}, 400),
        ("3.0", {"size": "ten"}, 400),
        ("3.0", {"size": 2**31}, 400),
        ("3.0", {"size": True}, 400),
        ("3.0", {"size": 1, "name": "x" * 256}, 400),
        ("3.0", {"size": 1, "name": 7}, 400),
        ("3.0", {"size": 1, "metadata": {"k": 1}}, 400),
        ("3.0", {"size": 1, "metadata": {"k" * 256: "v"}}, 400),
        ("3.0", {"size": 1, "metadata": {"": "v"}}, 400),
        ("3.0", {"size": 1, "metadata": []}, 400),
        ("3.0", {"size": 1, "multiattach": True}, 400),
        ("3.0", {"size": 1, "multiattach": "maybe"}, 400),
        ("3.0", {"size": 1, "volume_type": "no such"}, 404),
        ("3.0", {"size": 1, "volume_type": ""}, 202),
        ("3.0", {"size": 1, "availability_zone": "mars"}, 400),
        ("3.0", {"size": 1, "availability_zone": ""}, 400),
        ("3.0", {"size": 1, "snapshot_id": "not a uuid"}, 400),
        ("3.0", {"size": 1, "snapshot_id": "11111111-1111-1111-1111-111111111111"}, 404),
        ("3.0", {"size": 1, "source_volid": "11111111-1111-1111-1111-111111111111"}, 404),
        ("3.0", {"size": 1, "snapshot_id": None, "source_volid": None}, 202),
        ("3.0", {"size": 1, "imageRef": "cirros"}, 400),
        ("3.0", {"size": 1001}, 413),
    ],
)
def test_create_with(cloud: Cloud, version: str, wish: dict[str, Any], status: int) -> None:
    """Each field has its bounds; a refusal leaves no volume."""
    answer = cloud.call("POST", "/volumes", {"volume": wish}, version=version)
    assert answer.status == status, answer.text
    assert len(cloud.call("GET", "/volumes").json["volumes"]) == (status == 202)


def test_quota_fault(cloud: Cloud) -> None:
    """A quota is a 413 whose text begins with the exception that clients know."""
    answer = cloud.call("POST", "/volumes", {"volume": {"size": 1001}})
    assert answer.headers["retry-after"] == "0"
    inner = answer.json["overLimit"]
    assert inner["retryAfter"] == "0"
    assert inner["message"].startswith("VolumeSizeExceedsAvailableQuota: ")


def test_create_from_sources(cloud: Cloud) -> None:
    """A volume takes size and type of its source; one cannot be smaller, nor have two sources."""
    type_id = cloud.type("fast")
    origin = cloud.volume(size=2, volume_type="fast")
    snapshot_id = cloud.snapshot(origin)
    copy = cloud.see("volumes", cloud.volume(size=None, snapshot_id=snapshot_id))
    assert (copy["size"], copy["volume_type_id"], copy["snapshot_id"]) == (2, type_id, snapshot_id)
    clone = cloud.see("volumes", cloud.volume(size=3, source_volid=origin))
    assert (clone["size"], clone["status"], clone["source_volid"]) == (3, "available", origin)
    for wish in ({"size": 1, "snapshot_id": snapshot_id}, {"snapshot_id": snapshot_id, "source_volid": origin}):
        assert cloud.call("POST", "/volumes", {"volume": wish}).status == 400


@pytest.mark.parametrize(
    ("version", "changes", "status"),
    [
        ("3.0", {"name": "new", "description": None}, 200),
        ("3.0", {"display_name": "new", "display_description": "d"}, 200),
        ("3.0", {"metadata": {"a": "b"}}, 200),
        ("3.0", {}, 200),
        ("3.53", {}, 400),
        ("3.0", {"size": 2}, 400),
        ("3.0", {"name": "x" * 256}, 400),
        ("3.0", {"metadata": {"k": None}}, 400),
    ],
)
def test_update(cloud: Cloud, version: str, changes: dict[str, Any], status: int) -> None:
    """Name, description and metadata can change; nothing else."""
    volume_id = cloud.volume(name="old", metadata={"old": "one"})
    answer = cloud.call("PUT", f"/volumes/{volume_id}", {"volume": changes}, version=version)
    assert answer.status == status, answer.text
    shown = cloud.see("volumes", volume_id)
    changed = status == 200
    assert shown["name"] == ("new" if changed and {"name", "display_name"} & changes.keys() else "old")
    assert shown["metadata"] == (changes["metadata"] if changed and "metadata" in changes else {"old": "one"})


def test_delete(cloud: Cloud) -> None:
    """A deleted volume is gone from the list and from the disk; asking again is a 404."""
    volume_id = cloud.volume()
    answer = cloud.call("DELETE", f"/volumes/{volume_id}")
    assert (answer.status, answer.text) == (202, "")
    assert cloud.see("volumes", volume_id)["status"] == "deleting"
    cloud.work()
    assert cloud.call("DELETE", f"/volumes/{volume_id}").status == 404
    assert not (cloud.folder / f"volume-{volume_id}").exists()


def test_delete_with_snapshots(cloud: Cloud) -> None:
    """A volume with snapshots stays, unless they are to go with it."""
    volume_id = cloud.volume()
    cloud.snapshot(volume_id)
    assert cloud.call("DELETE", f"/volumes/{volume_id}").status == 400
    assert cloud.call("DELETE", f"/volumes/{volume_id}?cascade=perhaps").status == 400
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert cloud.call("DELETE", f"/volumes/{volume_id}?cascade=true").status == 202
    cloud.work()
    assert cloud.call("GET", "/snapshots").json == {"snapshots": []}
    assert cloud.call("GET", "/volumes").json == {"volumes": []}


def test_force_is_for_administrators(cloud: Cloud) -> None:
    """`force` exists from 3.23, and not for members."""
    volume_id = cloud.volume()
    cloud.call("POST", f"/volumes/{volume_id}/action", {"os-reset_status": {"status": "maintenance"}})
    assert cloud.call("DELETE", f"/volumes/{volume_id}?force=true", version="3.22").status == 400
    refused = cloud.call("DELETE", f"/volumes/{volume_id}?force=true", version="3.23", roles="member,reader")
    assert (refused.status, refused.fault) == (403, "forbidden")
    assert cloud.call("DELETE", f"/volumes/{volume_id}?force=true", version="3.23").status == 202


def test_summary(cloud: Cloud) -> None:
    """Numbers, sizes, and from 3.36 every value of every key; of all projects if an administrator asks."""
    cloud.volume(size=2, metadata={"k": "1"})
    cloud.volume(size=1, metadata={"k": "2"})
    cloud.volume(project=OTHER_PROJECT)
    mine = cloud.call("GET", "/volumes/summary?name=nothing", version="3.12", roles="reader")
    assert mine.json == {"volume-summary": {"total_count": 2, "total_size": 3}}
    all_of_them = cloud.call("GET", "/volumes/summary?all_tenants=1", version="3.36")
    assert all_of_them.json == {"volume-summary": {"total_count": 3, "total_size": 4, "metadata": {"k": ["1", "2"]}}}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/volumes/{}", None),
        ("PUT", "/volumes/{}", {"volume": {"name": "x"}}),
        ("DELETE", "/volumes/{}", None),
        ("POST", "/volumes/{}/action", {"os-extend": {"new_size": 2}}),
    ],
)
def test_volumes_of_others(cloud: Cloud, method: str, path: str, body: Any) -> None:
    """Another project's volume does not exist, nor does one with no proper id."""
    volume_id = cloud.volume(project=OTHER_PROJECT)
    for name in (volume_id, "nonsense", "%00"):
        answer = cloud.call(method, path.format(name), body, roles="member,reader")
        assert (answer.status, answer.fault) == (404, "itemNotFound"), name
    assert cloud.see("volumes", volume_id)["size"] == 1


def test_roles(cloud: Cloud) -> None:
    """A reader reads, a member writes, and one without a role does neither."""
    volume_id = cloud.volume()
    change = {"volume": {"name": "x"}}
    assert cloud.call("GET", f"/volumes/{volume_id}", roles="reader").status == 200
    assert cloud.call("PUT", f"/volumes/{volume_id}", change, roles="reader").status == 403
    assert cloud.call("PUT", f"/volumes/{volume_id}", change, roles="member").status == 200
    assert cloud.call("DELETE", f"/volumes/{volume_id}", roles="reader").status == 403
    assert cloud.call("POST", "/volumes", {"volume": {"size": 1}}, roles="reader").status == 403
    assert cloud.call("GET", "/volumes", roles="nobody").status == 403
    assert cloud.call("GET", f"/volumes/{volume_id}", roles="nobody").status == 404


def test_attachments_within(cloud: Cloud) -> None:
    """An attached volume shows its attachments, whose `id` is the volume's; the host is for administrators."""
    volume_id = cloud.volume()
    wish = {"host_name": "compute1", "mountpoint": "/dev/vdb"}
    assert cloud.call("POST", f"/volumes/{volume_id}/action", {"os-attach": wish}).status == 202
    (attachment,) = cloud.see("volumes", volume_id)["attachments"]
    assert (attachment["id"], attachment["volume_id"], attachment["device"]) == (volume_id, volume_id, "/dev/vdb")
    assert attachment["host_name"] == "compute1"
    answer = cloud.call("GET", "/volumes/detail", roles="reader", project=PROJECT)
    assert answer.json["volumes"][0]["attachments"][0]["host_name"] is None
