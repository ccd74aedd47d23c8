"""Attachments over HTTP: how they may be used, what is told of them, and what the older actions answer."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.http.client import Answer
from tests.http.lab import Cloud, Prompt

CONNECTOR = {"initiator": "iqn.2026-11.org.example:host", "host": "host"}
SERVER = str(uuid.uuid4())


@pytest.fixture
def cloud(migrated: Path, tmp_path: Path) -> Iterator[Cloud]:
    """A service that answers what connects."""
    database = tmp_path / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    wake = Prompt()
    wake.cloud = Cloud(database, tmp_path / "volumes", wake=wake)
    with closing(wake.cloud) as one:
        yield one


def attachment(cloud: Cloud, volume: str, **wish: Any) -> dict[str, Any]:
    body = {"attachment": {"volume_uuid": volume, "instance_uuid": SERVER, **wish}}
    answer = cloud.call("POST", "/attachments", body, version="3.71")
    assert answer.status == 200, answer.text
    made: dict[str, Any] = answer.json["attachment"]
    return made


def act(cloud: Cloud, volume: str, name: str, value: Any = None) -> Answer:
    return cloud.call("POST", f"/volumes/{volume}/action", {name: value})


def seen(cloud: Cloud, id: str) -> dict[str, Any]:
    shown: dict[str, Any] = cloud.call("GET", f"/attachments/{id}", version="3.71").json["attachment"]
    return shown


@pytest.mark.parametrize(("told", "mode"), [({}, "rw"), ({"mode": "ro"}, "ro")])
def test_a_connector_decides(cloud: Cloud, told: dict[str, str], mode: str) -> None:
    """From the connector on, mode and time of the attachment are known; its completion changes neither."""
    id = attachment(cloud, cloud.volume())["id"]
    assert (seen(cloud, id)["attach_mode"], seen(cloud, id)["attached_at"]) == ("null", "")
    wish = {"attachment": {"connector": {**CONNECTOR, **told}}}
    shown = cloud.call("PUT", f"/attachments/{id}", wish, version="3.71").json["attachment"]
    assert (shown["attach_mode"], shown["connection_info"]["access_mode"]) == (mode, mode)
    assert shown["attached_at"]
    assert cloud.call("POST", f"/attachments/{id}/action", {"os-complete": {}}, version="3.71").status == 204
    assert {**seen(cloud, id), "status": shown["status"]} == shown
    volume = cloud.see("volumes", shown["volume_id"])
    assert volume["attachments"][0]["device"] == "na"
    assert "attached_mode" not in volume["metadata"]


@pytest.mark.parametrize(("flag", "mode"), [(True, "ro"), (False, "rw")])
def test_readonly_volume(cloud: Cloud, flag: bool, mode: str) -> None:
    """Only a volume whose flag says so is used read-only, though the attachment's mode is `ro` with either."""
    volume = cloud.volume()
    assert act(cloud, volume, "os-update_readonly_flag", {"readonly": flag}).status == 202
    made = attachment(cloud, volume, connector=CONNECTOR)
    assert (made["attach_mode"], made["connection_info"]["access_mode"]) == ("ro", mode)


def test_second_attachment(cloud: Cloud) -> None:
    """The same server may reserve a volume twice, but not while its host connects."""
    volume = cloud.volume()
    attachment(cloud, volume)
    attachment(cloud, volume, connector=CONNECTOR)
    wish = {"attachment": {"volume_uuid": volume, "instance_uuid": SERVER}}
    assert cloud.call("POST", "/attachments", wish, version="3.71").status == 400


def test_sorting(cloud: Cloud) -> None:
    """The status is sorted by under its old name."""
    assert cloud.call("GET", "/attachments?sort=attach_status", version="3.27").status == 200
    assert cloud.call("GET", "/attachments?sort=status", version="3.27").status == 400


@pytest.mark.parametrize(
    ("told", "kept"), [("Host_1 a", "host-1-a"), (" padded ", "padded"), ("a\nb", "ab"), ("\U0001f600", ""), ("", None)]
)
def test_host_names(cloud: Cloud, told: str, kept: str | None) -> None:
    """A host's name is kept as hosts are written."""
    volume = cloud.volume()
    assert act(cloud, volume, "os-attach", {"host_name": told, "mountpoint": "/dev/vdb"}).status == 202
    (shown,) = cloud.see("volumes", volume)["attachments"]
    assert shown["host_name"] == kept


@pytest.mark.parametrize("whom", [{"instance_uuid": None}, {"instance_uuid": SERVER, "host_name": None}, {}])
def test_os_attach_to_nobody(cloud: Cloud, whom: dict[str, Any]) -> None:
    """Null is neither a server nor a host."""
    assert act(cloud, cloud.volume(), "os-attach", {**whom, "mountpoint": "/dev/vdb"}).status == 400


def test_os_attach_again(cloud: Cloud) -> None:
    """The same server's second call finds the volume attached; another server's is refused."""
    volume, wish = cloud.volume(), {"instance_uuid": SERVER, "mountpoint": "/dev/vdb"}
    for _ in range(2):
        assert act(cloud, volume, "os-attach", wish).status == 202
    assert len(cloud.see("volumes", volume)["attachments"]) == 1
    assert act(cloud, volume, "os-attach", {**wish, "instance_uuid": str(uuid.uuid4())}).status == 400


def test_initialize_connection(cloud: Cloud) -> None:
    """The data names `enforce_multipath` too; a volume under maintenance is a 400."""
    volume = cloud.volume()
    wish = {"connector": {**CONNECTOR, "enforce_multipath": True}}
    info = act(cloud, volume, "os-initialize_connection", wish).json["connection_info"]
    assert (info["enforce_multipath"], info["data"]["enforce_multipath"]) == (True, True)
    other = cloud.volume()
    act(cloud, other, "os-reset_status", {"status": "maintenance"})
    assert act(cloud, other, "os-initialize_connection", wish).status == 400


@pytest.mark.parametrize("action", ["os-detach", "os-force_detach"])
def test_unknown_attachments(cloud: Cloud, action: str) -> None:
    """An attachment that the volume has not is a 409; an empty or null id is none."""
    volume = cloud.volume()
    act(cloud, volume, "os-attach", {"instance_uuid": SERVER, "mountpoint": "/dev/vdb"})
    answer = act(cloud, volume, action, {"attachment_id": str(uuid.uuid4())})
    assert (answer.status, answer.fault) == (409, "conflictingRequest")
    assert cloud.see("volumes", volume)["status"] == "in-use"
    assert act(cloud, volume, action, {"attachment_id": None}).status == 202
    assert cloud.see("volumes", volume)["status"] == "available"


@pytest.mark.parametrize("action", ["os-detach", "os-force_detach"])
def test_attachments_of_another_volume(cloud: Cloud, action: str) -> None:
    """They are a 400, and nothing is detached."""
    volume, other = cloud.volume(), cloud.volume()
    for each in (volume, other):
        act(cloud, each, "os-attach", {"instance_uuid": SERVER, "mountpoint": "/dev/vdb"})
    (attached,) = cloud.see("volumes", other)["attachments"]
    answer = act(cloud, volume, action, {"attachment_id": attached["attachment_id"]})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert [cloud.see("volumes", each)["status"] for each in (volume, other)] == ["in-use", "in-use"]


@pytest.mark.parametrize(("action", "status"), [("os-detach", "error"), ("os-force_detach", "available")])
def test_detaching_in_error(cloud: Cloud, action: str, status: str) -> None:
    """Detached by force the volume can be used again."""
    volume = cloud.volume()
    attached = attachment(cloud, volume, connector=CONNECTOR)
    completed = cloud.call("POST", f"/attachments/{attached['id']}/action", {"os-complete": {}}, version="3.44")
    assert completed.status == 204
    act(cloud, volume, "os-reset_status", {"status": "error"})
    assert act(cloud, volume, action, {"attachment_id": attached["id"]}).status == 202
    row = cloud.see("volumes", volume)
    assert (row["status"], row["attachments"]) == (status, [])


def test_maintenance_and_migration(cloud: Cloud) -> None:
    """Under maintenance nothing is made bootable; a migration status is one of Cinder's words."""
    volume = cloud.volume()
    assert act(cloud, volume, "os-reset_status", {"migration_status": "nonsense"}).status == 400
    assert act(cloud, volume, "os-reset_status", {"migration_status": "Error"}).status == 202
    assert cloud.see("volumes", volume)["migration_status"] == "error"
    act(cloud, volume, "os-reset_status", {"status": "maintenance"})
    assert act(cloud, volume, "os-set_bootable", {"bootable": True}).status == 400


def test_the_older_order_of_detaching(cloud: Cloud) -> None:
    """Who ends the connection first may name the attachment, which went with it, when it detaches."""
    volume = cloud.volume()
    act(cloud, volume, "os-reserve")
    assert act(cloud, volume, "os-initialize_connection", {"connector": CONNECTOR}).status == 200
    act(cloud, volume, "os-attach", {"instance_uuid": SERVER, "mountpoint": "/dev/vdb"})
    (attached,) = cloud.see("volumes", volume)["attachments"]
    act(cloud, volume, "os-begin_detaching")
    assert act(cloud, volume, "os-terminate_connection", {"connector": CONNECTOR}).status == 202
    assert act(cloud, volume, "os-detach", {"attachment_id": attached["attachment_id"]}).status == 202
    assert cloud.see("volumes", volume)["status"] == "available"
    other = cloud.volume()
    assert act(cloud, other, "os-detach", {"attachment_id": attached["attachment_id"]}).status == 409
