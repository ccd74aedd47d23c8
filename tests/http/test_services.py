"""Services, and the availability zones that they make."""

from typing import Any

import pytest
from sqlalchemy import Connection, update

from lapilli.db.schema import services
from tests.http.lab import SERVICE, Cloud

_AT_3_0 = {"binary", "host", "zone", "status", "state", "updated_at", "disabled_reason"}
_OF_VOLUMES = {"replication_status", "active_backend_id", "frozen"}


def _service(cloud: Cloud, host: str = SERVICE) -> Any:
    (found,) = cloud.call("GET", f"/os-services?host={host}&binary=cinder-volume", version="3.71").json["services"]
    return found


@pytest.mark.parametrize(("minor", "more"), [(6, set()), (7, {"cluster"})])
def test_fields(cloud: Cloud, minor: int, more: set[str]) -> None:
    """A volume service has more to tell than a scheduler."""
    listed = cloud.call("GET", "/os-services", version=f"3.{minor}").json["services"]
    by_binary = {service["binary"]: service for service in listed}
    assert set(by_binary["cinder-scheduler"]) == _AT_3_0 | more
    assert set(by_binary["cinder-volume"]) == _AT_3_0 | _OF_VOLUMES | more
    assert by_binary["cinder-volume"]["replication_status"] == "disabled"


def test_backend_state(cloud: Cloud) -> None:
    """From 3.49 a volume service says whether its backend can be used."""
    listed = cloud.call("GET", "/os-services", version="3.49").json["services"]
    assert [service.get("backend_state", "none") for service in listed] == ["none", "up"]
    listed = cloud.call("GET", "/os-services", version="3.48").json["services"]
    assert not any("backend_state" in service for service in listed)


def test_state(cloud: Cloud) -> None:
    """A service is up while its heartbeat is younger than `service_down_time`."""
    before = _service(cloud)
    assert (before["state"], before["status"], before["zone"]) == ("up", "enabled", "nova")

    def age(tx: Connection) -> None:
        tx.execute(update(services).values(heartbeat_s=services.c.heartbeat_s - 61))

    cloud.db.write(age)
    after = _service(cloud)
    assert after["state"] == "down"
    assert after["updated_at"] < before["updated_at"]
    assert len(after["updated_at"]) == len("2026-11-20T10:31:59.455874")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["cinder-scheduler", "cinder-volume"]),
        ("host=node", ["cinder-scheduler", "cinder-volume"]),
        ("host=node%40files", ["cinder-volume"]),
        ("host=nod", []),
        ("binary=cinder-scheduler", ["cinder-scheduler"]),
        ("service=cinder-volume", ["cinder-scheduler", "cinder-volume"]),
        ("host=node&binary=cinder-backup", []),
    ],
)
def test_filters(quiet: Cloud, query: str, expected: list[str]) -> None:
    """A host finds its backends too."""
    assert [one["binary"] for one in quiet.call("GET", f"/os-services?{query}").json["services"]] == expected


def test_disable_and_enable(cloud: Cloud) -> None:
    """A disabled service takes no volumes until it is enabled, which forgets the reason (trap 11)."""
    who = {"host": SERVICE, "binary": "cinder-volume"}
    answer = cloud.call("PUT", "/os-services/disable-log-reason", {**who, "disabled_reason": "new disks"})
    assert answer.status == 200
    assert answer.json == {
        **who,
        "service": "",
        "status": "disabled",
        "disabled": True,
        "disabled_reason": "new disks",
    }
    shown = _service(cloud)
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "new disks")
    assert cloud.see("volumes", cloud.volume())["status"] == "error"
    answer = cloud.call("PUT", "/os-services/enable", {"host": SERVICE, "service": "cinder-volume"})
    assert answer.json == {
        "host": SERVICE,
        "service": "cinder-volume",
        "binary": "",
        "status": "enabled",
        "disabled": False,
    }
    shown = _service(cloud)
    assert (shown["status"], shown["disabled_reason"]) == ("enabled", None)
    assert cloud.see("volumes", cloud.volume())["status"] == "available"
    assert cloud.call("PUT", "/os-services/disable", who).json["status"] == "disabled"
    assert _service(cloud)["status"] == "disabled"


def test_freeze_and_thaw(cloud: Cloud) -> None:
    """A frozen backend takes no changes; freezing twice is a 400."""
    volume_id = cloud.volume()
    for action, frozen in (("freeze", True), ("thaw", False)):
        answer = cloud.call("PUT", f"/os-services/{action}", {"host": SERVICE})
        assert (answer.status, answer.text) == (200, "")
        assert _service(cloud)["frozen"] is frozen
        assert cloud.call("PUT", f"/os-services/{action}", {"host": SERVICE}).status == 400
        made = cloud.call("POST", "/snapshots", {"snapshot": {"volume_id": volume_id}})
        assert made.status == (400 if frozen else 202)


@pytest.mark.parametrize(
    ("action", "body", "version", "status"),
    [
        ("enable", {"binary": "cinder-volume"}, "3.0", 400),
        ("enable", {"host": SERVICE}, "3.0", 400),
        ("enable", {"host": SERVICE, "binary": ""}, "3.0", 400),
        ("enable", {"host": "a b", "binary": "cinder-volume"}, "3.0", 400),
        ("enable", {"host": SERVICE, "binary": "cinder-volume", "more": 1}, "3.0", 400),
        ("enable", {"host": "other", "binary": "cinder-volume"}, "3.0", 404),
        ("disable", {"host": SERVICE, "binary": "cinder-backup"}, "3.0", 404),
        ("disable-log-reason", {"host": SERVICE, "binary": "cinder-volume"}, "3.0", 400),
        ("disable-log-reason", {"host": SERVICE, "binary": "cinder-volume", "disabled_reason": " "}, "3.0", 400),
        ("freeze", {}, "3.0", 400),
        ("freeze", {"cluster": "c"}, "3.25", 400),
        ("freeze", {"cluster": "c"}, "3.26", 400),
        ("freeze", {}, "3.26", 400),
        ("freeze", {"host": "other"}, "3.0", 400),
        ("thaw", {"host": SERVICE}, "3.0", 400),
        ("nothing", {"host": SERVICE}, "3.0", 404),
    ],
)
def test_refused(quiet: Cloud, action: str, body: Any, version: str, status: int) -> None:
    """What names no service, or asks for nothing that can be, is refused."""
    before = _service(quiet)
    assert quiet.call("PUT", f"/os-services/{action}", body, version=version).status == status
    assert _service(quiet) == before


def test_administrators_only(cloud: Cloud) -> None:
    """Members neither see nor change services."""
    assert cloud.call("GET", "/os-services", roles="member,reader").status == 403
    who = {"host": SERVICE, "binary": "cinder-volume"}
    for action, body in (("enable", who), ("disable", who), ("freeze", {"host": SERVICE}), ("thaw", {"host": SERVICE})):
        assert cloud.call("PUT", f"/os-services/{action}", body, roles="member,reader").status == 403


def test_zones(cloud: Cloud) -> None:
    """A zone is available unless all its volume services are disabled; schedulers make none."""
    cloud.beat("cinder-volume", "far@files", zone="far")
    cloud.beat("cinder-volume", "far@lvm", zone="far")
    cloud.beat("cinder-scheduler", "mars", zone="mars")

    def zones() -> dict[str, bool]:
        answer = cloud.call("GET", "/os-availability-zone", roles="reader")
        return {one["zoneName"]: one["zoneState"]["available"] for one in answer.json["availabilityZoneInfo"]}

    assert zones() == {"far": True, "nova": True}
    cloud.call("PUT", "/os-services/disable", {"host": "far@lvm", "binary": "cinder-volume"})
    assert zones() == {"far": True, "nova": True}
    cloud.call("PUT", "/os-services/disable", {"host": "far@files", "binary": "cinder-volume"})
    assert zones() == {"far": False, "nova": True}


@pytest.mark.parametrize(("verb", "more"), [("get-log", {}), ("set-log", {"level": "INFO"})])
def test_loggers_of_null(quiet: Cloud, verb: str, more: dict[str, str]) -> None:
    """A binary is a word, if an empty one."""
    path = f"/os-services/{verb}"
    assert quiet.call("PUT", path, {"binary": None, **more}, version="3.32").status == 400
