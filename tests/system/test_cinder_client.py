"""The unmodified `cinder`, with the literal commands of its users."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.clients import Cinder
from tests.system.service import CONNECTOR, PROJECT, Service, until

_SERVER = "22222222-2222-2222-2222-222222222222"


@pytest.fixture(scope="module")
def cinder(service: Service) -> Cinder:
    return Cinder(service.endpoint, PROJECT)


@pytest.fixture
def gold(service: Service, cinder: Cinder) -> Iterator[str]:
    """The volume `vol1` of 5 GiB and of the type `lvm_gold`, by its id; both gone afterwards."""
    cinder.ask("type-create", "lvm_gold")
    cinder.ask("type-key", "lvm_gold", "set", "volume_backend_name=directory")
    made = cinder.ask("create", "--display-name", "vol1", "--volume-type", "lvm_gold", "5").facts
    assert (made["name"], made["size"], made["volume_type"]) == ("vol1", "5", "lvm_gold")
    yield service.settled("volume", made["id"])
    cinder.ask("delete", "--cascade", made["id"])
    until(lambda: not cinder.ask("list").rows, lambda: "the volume is still there")
    cinder.ask("type-delete", "lvm_gold")


def test_as_a_program(service: Service) -> None:
    """The installed program needs four variables, and no identity service."""
    environment = {
        "OS_AUTH_TYPE": "noauth",
        "CINDER_ENDPOINT": service.endpoint,
        "OS_PROJECT_ID": PROJECT,
        "OS_USER_ID": "someone",
    }
    argv = [str(Path(sys.executable).with_name("cinder")), "service-list"]
    done = subprocess.run(argv, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    assert done.returncode == 0, done.stderr
    assert "node@directory" in done.stdout


def test_volume(service: Service, cinder: Cinder, gold: str) -> None:
    """A volume is listed, shown, extended, renamed and flagged."""
    (row,) = cinder.ask("list").rows
    assert (row["ID"], row["Status"], row["Name"], row["Volume Type"]) == (gold, "available", "vol1", "lvm_gold")
    cinder.ask("extend", "vol1", "6")
    service.settled("volume", gold)
    cinder.ask("rename", "vol1", "vol2")
    cinder.ask("set-bootable", "vol2", "true")
    cinder.ask("readonly-mode-update", "vol2", "true")
    shown = cinder.ask("show", "vol2").facts
    assert (shown["size"], shown["bootable"], shown["metadata"]) == ("6", "true", "readonly : True")
    cinder.ask("reset-state", "--state", "error", "vol2")
    assert cinder.ask("show", "vol2").facts["status"] == "error"
    assert cinder.ask("summary").facts["total_size"] == "6"


def test_metadata(cinder: Cinder, gold: str) -> None:
    """Metadata is set, shown, unset and replaced, and volumes are found by it."""
    cinder.ask("metadata", "vol1", "set", "a=b", "c=d")
    cinder.ask("metadata", "vol1", "unset", "a")
    assert cinder.ask("metadata-show", "vol1").rows == [{"Metadata-property": "c", "Value": "d"}]
    cinder.ask("metadata-update-all", "vol1", "e=f")
    assert cinder.ask("metadata-show", "vol1").rows == [{"Metadata-property": "e", "Value": "f"}]
    assert [row["ID"] for row in cinder.ask("list", "--metadata", "e=f").rows] == [gold]
    assert cinder.ask("list", "--filters", "metadata={c: d}").rows == []


def test_types(cinder: Cinder, gold: str) -> None:
    """Types and their extra specs are listed; access to a private type is given and taken."""
    assert {row["Name"] for row in cinder.ask("type-list").rows} == {"lvm_gold", "__DEFAULT__"}
    specs = {row["Name"]: row["extra_specs"] for row in cinder.ask("extra-specs-list").rows}
    assert specs == {"lvm_gold": "{'volume_backend_name': 'directory'}", "__DEFAULT__": "{}"}
    cinder.ask("type-create", "secret", "--is-public", "false")
    cinder.ask("type-access-add", "--volume-type", "secret", "--project-id", "friends")
    (row,) = cinder.ask("type-access-list", "--volume-type", "secret").rows
    assert row["Project_ID"] == "friends"
    cinder.ask("type-access-remove", "--volume-type", "secret", "--project-id", "friends")
    assert cinder.ask("type-access-list", "--volume-type", "secret").rows == []
    cinder.ask("type-delete", "secret")
    assert gold


def test_snapshots(service: Service, cinder: Cinder, gold: str) -> None:
    """A snapshot is made, listed, renamed and deleted."""
    snapshot = cinder.ask("snapshot-create", "--name", "s1", "vol1").facts["id"]
    service.settled("snapshot", snapshot)
    (row,) = cinder.ask("snapshot-list").rows
    assert (row["ID"], row["Volume ID"], row["Name"], row["Size"]) == (snapshot, gold, "s1", "5")
    cinder.ask("snapshot-rename", "s1", "s2")
    cinder.ask("snapshot-metadata", "s2", "set", "k=v")
    assert cinder.ask("snapshot-show", "s2").facts["metadata"] == "{'k': 'v'}"
    cinder.ask("snapshot-reset-state", "--state", "error", "s2")
    cinder.ask("snapshot-delete", "s2")
    until(lambda: not cinder.ask("snapshot-list").rows, lambda: "the snapshot is still there")


def test_attachments(service: Service, cinder: Cinder, gold: str) -> None:
    """A volume is reserved, exported, in use, and given back."""
    attachment = cinder.ask("attachment-create", "vol1", _SERVER).facts["id"]
    assert cinder.ask("show", "vol1").facts["status"] == "reserved"
    host = ("--initiator", CONNECTOR["initiator"], "--host", "host", "--ip", "127.0.0.1")
    cinder.ask("attachment-update", attachment, *map(str, host))
    cinder.ask("attachment-complete", attachment)
    assert cinder.ask("show", "vol1").facts["status"] == "in-use"
    (row,) = cinder.ask("attachment-list").rows
    assert (row["ID"], row["Volume ID"], row["Status"]) == (attachment, gold, "attached")
    cinder.ask("attachment-delete", attachment)
    service.settled("volume", gold)


def test_services_and_pools(cinder: Cinder, gold: str) -> None:
    """Services, zones and pools are listed, and a service is disabled, frozen, thawed and enabled."""
    assert {row["State"] for row in cinder.ask("service-list").rows} == {"up"}
    assert cinder.ask("availability-zone-list").rows == [{"Name": "nova", "Status": "available"}]
    pool = cinder.ask("get-pools", "--detail").facts
    assert (pool["name"], pool["total_volumes"]) == ("node@directory#directory", "1")
    which = ("node@directory", "cinder-volume")
    cinder.ask("service-disable", *which, "--reason", "rest")
    (row,) = cinder.ask("service-list", "--binary", "cinder-volume").rows
    assert (row["Status"], row["Disabled Reason"]) == ("disabled", "rest")
    cinder.ask("freeze-host", "node@directory")
    (row,) = cinder.ask("service-list", "--binary", "cinder-volume").rows
    assert (row["Status"], row["Disabled Reason"]) == ("disabled", "frozen")
    cinder.ask("thaw-host", "node@directory")
    cinder.ask("service-enable", *which)
    assert {row["Status"] for row in cinder.ask("service-list").rows} == {"enabled"}
    assert gold


def test_quotas_and_limits(service: Service, cinder: Cinder, gold: str) -> None:
    """Quotas are shown, used, changed, kept and deleted; limits show the same."""
    assert cinder.ask("quota-show", PROJECT).facts["volumes"] == "10"
    assert cinder.ask("quota-update", "--volumes", "1", PROJECT).facts["volumes"] == "1"
    (used,) = [row for row in cinder.ask("quota-usage", PROJECT).rows if row["Type"] == "volumes"]
    assert (used["In_use"], used["Reserved"], used["Limit"]) == ("1", "0", "1")
    limits = {row["Name"]: row["Value"] for row in cinder.ask("absolute-limits").rows}
    assert (limits["maxTotalVolumes"], limits["totalGigabytesUsed"]) == ("1", "5")
    refused = cinder.run("create", "1")
    assert refused.code == 1
    assert "VolumeLimitExceeded" in refused.err
    assert "HTTP 413" in refused.err
    service.ask("DELETE", f"/os-quota-sets/{PROJECT}")
    assert cinder.ask("quota-defaults", PROJECT).facts == cinder.ask("quota-show", PROJECT).facts
    assert gold


def test_discovery(cinder: Cinder) -> None:
    """The client finds the versions and the filters, and lists what the service extends."""
    (row,) = cinder.ask("api-version").rows
    assert (row["Version"], row["Min_version"]) == ("3.71", "3.0")
    assert {"volume", "snapshot", "pool"} <= {row["Resource"] for row in cinder.ask("list-filters").rows}
    assert any(row["Alias"] == "scheduler-stats" for row in cinder.ask("list-extensions").rows)
    refused = cinder.run("show", "nothing")
    assert refused.code == 1
    assert "nothing" in refused.err
