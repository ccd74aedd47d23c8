"""Hosts, capabilities and log levels: what operators look at."""

import logging

import pytest

from lapilli.db import services
from lapilli.operations import log_levels
from tests.http.client import PROJECT
from tests.http.lab import OTHER_PROJECT, SERVICE, Cloud


def test_hosts_are_the_enabled_services(cloud: Cloud) -> None:
    """With their zone and whether they are up."""
    rows = cloud.call("GET", "/os-hosts").json["hosts"]
    mine = next(row for row in rows if row["host_name"] == SERVICE)
    assert (mine["service"], mine["zone"], mine["service-status"]) == ("cinder-volume", "nova", "available")
    cloud.call("PUT", "/os-services/disable", {"host": SERVICE, "binary": "cinder-volume"})
    rows = cloud.call("GET", "/os-hosts?zone=nova").json["hosts"]
    assert SERVICE not in {row["host_name"] for row in rows}
    assert cloud.call("GET", "/os-hosts?zone=mars").json["hosts"] == []


def test_a_host_shows_what_each_project_has(cloud: Cloud) -> None:
    """In texts, the sum of all first."""
    volume = cloud.volume(size=2)
    cloud.snapshot(volume)
    cloud.volume(size=3, project=OTHER_PROJECT)
    rows = [row["resource"] for row in cloud.call("GET", f"/os-hosts/{SERVICE}").json["host"]]
    assert [row["project"] for row in rows] == ["(total)", PROJECT, OTHER_PROJECT]
    total = rows[0]
    assert (total["volume_count"], total["total_volume_gb"]) == ("2", "5")
    assert (total["snapshot_count"], total["total_snapshot_gb"]) == ("1", "2")
    assert (rows[2]["volume_count"], rows[2]["snapshot_count"]) == ("1", "0")


def test_a_host_without_volumes_has_nothing(cloud: Cloud) -> None:
    """And one that is not known is a 404."""
    (only,) = cloud.call("GET", f"/os-hosts/{SERVICE}").json["host"]
    assert only["resource"]["volume_count"] == "0"
    assert cloud.call("GET", "/os-hosts/nowhere").status == 404


def test_a_host_is_switched(cloud: Cloud) -> None:
    """All services of it at once."""
    answer = cloud.call("PUT", f"/os-hosts/{SERVICE}", {"status": "disable"})
    assert answer.json == {"host": SERVICE, "status": "disabled"}
    (row,) = cloud.call("GET", f"/os-services?host={SERVICE}").json["services"]
    assert row["status"] == "disabled"
    assert cloud.call("PUT", f"/os-hosts/{SERVICE}", {"status": "enable"}).status == 200
    assert cloud.call("PUT", f"/os-hosts/{SERVICE}", {"status": "perhaps"}).status == 400
    assert cloud.call("PUT", "/os-hosts/nowhere", {"status": "enable"}).status == 404


def test_capabilities(cloud: Cloud) -> None:
    """Of a backend, with what types may ask of it."""
    shown = cloud.call("GET", f"/capabilities/{SERVICE}").json
    assert shown["namespace"] == f"OS::Storage::Capabilities::{SERVICE}"
    assert shown["volume_backend_name"] == "files"
    assert shown["properties"]["thin_provisioning"]["type"] == "boolean"
    assert cloud.call("GET", "/capabilities/nowhere").status == 404


@pytest.mark.parametrize("path", ["/os-hosts", f"/os-hosts/{SERVICE}", f"/capabilities/{SERVICE}"])
def test_only_operators_look(cloud: Cloud, path: str) -> None:
    """A tenant is told no."""
    assert cloud.call("GET", path, roles="member,reader").status == 403


def test_log_levels_of_services_are_wanted_and_told(cloud: Cloud) -> None:
    """What was set waits for the service, and what the service told is shown."""
    body = {"binary": "cinder-volume", "server": SERVICE, "prefix": "lapilli.db", "level": "debug"}
    assert cloud.call("PUT", "/os-services/set-log", body, version="3.32").status == 202
    with cloud.db.read() as tx:
        row = services.find(tx, "cinder-volume", SERVICE)
    assert row is not None
    assert row.wanted_log_levels == {"lapilli.db": "DEBUG"}
    told = {"lapilli.db": "DEBUG", "lapilli.work": "INFO"}
    cloud.db.write(lambda tx: services.tell_log_levels(tx, "cinder-volume", SERVICE, told))
    answer = cloud.call(
        "PUT", "/os-services/get-log", {"binary": "cinder-volume", "prefix": "lapilli.d"}, version="3.32"
    )
    mine = [row for row in answer.json["log_levels"] if row["host"] == SERVICE]
    assert mine == [{"host": SERVICE, "binary": "cinder-volume", "levels": {"lapilli.db": "DEBUG"}}]


def test_the_api_logs_as_it_is_told(cloud: Cloud) -> None:
    """At once, and says so."""
    logger = logging.getLogger("lapilli.trial")
    body = {"binary": "cinder-api", "prefix": "lapilli.trial", "level": "ERROR"}
    assert cloud.call("PUT", "/os-services/set-log", body, version="3.32").status == 202
    assert logger.getEffectiveLevel() == logging.ERROR
    asked = {"binary": "cinder-api", "prefix": "lapilli.trial"}
    (told,) = cloud.call("PUT", "/os-services/get-log", asked, version="3.32").json["log_levels"]
    assert told == {"host": "localhost", "binary": "cinder-api", "levels": {"lapilli.trial": "ERROR"}}
    logger.setLevel(logging.NOTSET)


def test_of_two_prefixes_the_longer_counts() -> None:
    """So that a part can be told apart from the whole."""
    loggers = {name: logging.getLogger(name) for name in ("lapilli.trial", "lapilli.trial.inner")}
    log_levels.apply({"lapilli.trial": "ERROR", "lapilli.trial.inner": "DEBUG"})
    assert log_levels.of_process("lapilli.trial") == {"lapilli.trial": "ERROR", "lapilli.trial.inner": "DEBUG"}
    for logger in loggers.values():
        logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("body", "version", "status"),
    [
        ({"level": "LOUD"}, "3.32", 400),
        ({}, "3.32", 400),
        ({"level": "INFO", "binary": "nova"}, "3.32", 400),
        ({"level": "INFO"}, "3.31", 404),
    ],
)
def test_bad_levels(cloud: Cloud, body: object, version: str, status: int) -> None:
    """Are refused."""
    assert cloud.call("PUT", "/os-services/set-log", body, version=version).status == status


@pytest.mark.parametrize(
    ("body", "version", "status"),
    [
        ({"host": SERVICE}, "3.0", 400),
        ({"host": "nowhere"}, "3.0", 400),
        ({"host": SERVICE, "backend_id": "other"}, "3.26", 400),
        ({"cluster": "none"}, "3.26", 400),
        ({}, "3.26", 400),
    ],
)
def test_nothing_fails_over(cloud: Cloud, body: object, version: str, status: int) -> None:
    """A backend that does not replicate says so, and one that is not there too."""
    assert cloud.call("PUT", "/os-services/failover_host", body, version=version).status == status
