"""The unmodified `openstack`: every volume command that this service has an answer for."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.clients import Cinder, OpenStack
from tests.system.service import CONNECTOR, PROJECT, Service, until

_SERVER = "11111111-1111-1111-1111-111111111111"


@pytest.fixture(scope="module")
def openstack(service: Service) -> OpenStack:
    return OpenStack("--os-auth-type", "none", "--os-endpoint", service.endpoint)


@pytest.fixture
def volume(service: Service, openstack: OpenStack) -> Iterator[str]:
    """A volume of 1 GiB by its id, gone afterwards."""
    made = openstack.ask("volume", "create", "--size", "1", "--property", "tier=gold", "mine")["id"]
    yield service.settled("volume", made)
    service.ask("DELETE", f"/volumes/{made}?cascade=true&force=true")
    _gone(openstack, "volume", made)


def _gone(openstack: OpenStack, *kind: str) -> None:
    *words, name = kind
    until(lambda: openstack.run(*words, "show", name).code != 0, lambda: f"{name} is still there")


def test_as_a_program(service: Service) -> None:
    """The installed program speaks to the service with nothing but the two options of the README."""
    program = Path(sys.executable).with_name("openstack")
    argv = [str(program), "--os-auth-type", "none", "--os-endpoint", service.endpoint, "availability", "zone", "list"]
    done = subprocess.run([*argv, "--volume", "-f", "value"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "nova available\n"), done.stderr


def test_volume_life(service: Service, openstack: OpenStack) -> None:
    """Create, list, show, and delete: the file comes and goes."""
    made = openstack.ask("volume", "create", "--size", "2", "--description", "a disk", "life")
    assert (made["status"], made["size"], made["type"]) == ("creating", 2, "__DEFAULT__")
    service.settled("volume", made["id"])
    listed = [row for row in openstack.ask("volume", "list", "--long") if row["ID"] == made["id"]]
    assert [(row["Name"], row["Status"], row["Size"]) for row in listed] == [("life", "available", 2)]
    shown = openstack.ask("volume", "show", "life")
    assert (shown["description"], shown["os-vol-host-attr:host"]) == ("a disk", "node@directory#directory")
    file = service.data / "volumes" / f"volume-{made['id']}"
    assert file.stat().st_size == 2 * 1024**3
    openstack.do("volume", "delete", "life")
    _gone(openstack, "volume", made["id"])
    assert not file.exists()


def test_volume_set(service: Service, openstack: OpenStack, volume: str) -> None:
    """Name, description, properties, size, flags and state can be set, and properties unset."""
    openstack.do("volume", "set", "--name", "ours", "--description", "d", "--property", "a=b", "--bootable", volume)
    openstack.do("volume", "set", "--read-only", volume)
    openstack.do("volume", "unset", "--property", "tier", volume)
    openstack.do("volume", "set", "--size", "3", volume)
    service.settled("volume", volume)
    shown = openstack.ask("volume", "show", volume)
    assert (shown["name"], shown["description"], shown["size"], shown["bootable"]) == ("ours", "d", 3, True)
    assert shown["properties"] == {"a": "b", "readonly": "True"}
    assert (service.data / "volumes" / f"volume-{volume}").stat().st_size == 3 * 1024**3
    openstack.do("volume", "set", "--state", "error", volume)
    assert openstack.ask("volume", "show", volume)["status"] == "error"


def test_copies(service: Service, openstack: OpenStack, volume: str) -> None:
    """A volume is made of a volume and of a snapshot, and each says of which."""
    snapshot = openstack.ask("volume", "snapshot", "create", "--volume", volume, "of-mine")["id"]
    service.settled("snapshot", snapshot)
    for option, field, source in (("--source", "source_volid", volume), ("--snapshot", "snapshot_id", snapshot)):
        copy = openstack.ask("volume", "create", option, source, "copy")
        assert (copy["size"], copy[field]) == (1, source)
        service.settled("volume", copy["id"])
        openstack.do("volume", "delete", copy["id"])
        _gone(openstack, "volume", copy["id"])


def test_snapshots(service: Service, openstack: OpenStack, volume: str) -> None:
    """A snapshot is made, found, changed and deleted; while it is there its volume stays."""
    made = openstack.ask("volume", "snapshot", "create", "--volume", volume, "--property", "x=y", "snap")["id"]
    service.settled("snapshot", made)
    (row,) = openstack.ask("volume", "snapshot", "list", "--volume", volume)
    assert (row["ID"], row["Name"], row["Status"], row["Size"]) == (made, "snap", "available", 1)
    refused = openstack.run("volume", "delete", volume)
    assert refused.code == 1
    assert "snapshot" in refused.err
    openstack.do("volume", "snapshot", "set", "--name", "renamed", "--property", "p=q", "snap")
    openstack.do("volume", "snapshot", "unset", "--property", "x", "renamed")
    shown = openstack.ask("volume", "snapshot", "show", "renamed")
    assert (shown["name"], shown["properties"], shown["volume_id"]) == ("renamed", {"p": "q"}, volume)
    openstack.do("volume", "snapshot", "set", "--state", "error", made)
    assert openstack.ask("volume", "snapshot", "show", made)["status"] == "error"
    openstack.do("volume", "snapshot", "delete", made)
    _gone(openstack, "volume", "snapshot", made)
    assert not (service.data / "volumes" / f"snapshot-{made}").exists()


def test_types(openstack: OpenStack) -> None:
    """A type is made, found, changed, given properties, and deleted."""
    made = openstack.ask("volume", "type", "create", "--description", "d", "--property", "k=v", "--private", "silver")
    assert (made["is_public"], made["properties"]) == (False, {"k": "v"})
    openstack.do("volume", "type", "set", "--name", "steel", "--property", "volume_backend_name=x", "silver")
    openstack.do("volume", "type", "unset", "--property", "k", "steel")
    (row,) = [each for each in openstack.ask("volume", "type", "list", "--long") if each["Name"] == "steel"]
    assert row["Properties"] == {"volume_backend_name": "x"}
    assert [row["Name"] for row in openstack.ask("volume", "type", "list", "--default")] == ["__DEFAULT__"]
    openstack.do("volume", "type", "delete", "steel")
    assert openstack.run("volume", "type", "show", "steel").code == 1


def test_attachments(service: Service, openstack: OpenStack, volume: str) -> None:
    """An attachment is listed, shown, exported, completed and deleted. (Its making asks Nova; `cinder` does it.)"""
    Cinder(service.endpoint, PROJECT).ask("attachment-create", volume, _SERVER)
    (row,) = openstack.ask("volume", "attachment", "list", "--volume-id", volume)
    assert (row["Volume ID"], row["Server ID"], row["Status"]) == (volume, _SERVER, "reserved")
    host = ("--initiator", CONNECTOR["initiator"], "--host", "host", "--ip", "127.0.0.1")
    exported = openstack.ask("volume", "attachment", "set", *map(str, host), row["ID"])["Properties"]
    assert (exported["driver_volume_type"], exported["auth_method"]) == ("iscsi", "CHAP")
    assert openstack.ask("volume", "attachment", "show", row["ID"])["Properties"] == exported
    openstack.do("volume", "attachment", "complete", row["ID"])
    assert openstack.ask("volume", "show", volume)["status"] == "in-use"
    openstack.do("volume", "attachment", "delete", row["ID"])
    service.settled("volume", volume)
    service.settle()


def test_services(openstack: OpenStack) -> None:
    """The services are up; one that is disabled says why, until it is enabled."""
    listed = {row["Binary"]: row for row in openstack.ask("volume", "service", "list")}
    assert {row["State"] for row in listed.values()} == {"up"}
    assert listed["cinder-volume"]["Host"] == "node@directory"
    which = ("node@directory", "cinder-volume")
    openstack.do("volume", "service", "set", "--disable", "--disable-reason", "rest", *which)
    try:
        (row,) = openstack.ask("volume", "service", "list", "--long", "--service", "cinder-volume")
        assert (row["Status"], row["Disabled Reason"]) == ("disabled", "rest")
    finally:
        openstack.do("volume", "service", "set", "--enable", *which)
    assert {row["Status"] for row in openstack.ask("volume", "service", "list")} == {"enabled"}


def test_pools_and_limits(openstack: OpenStack, volume: str) -> None:
    """Pools, filters, limits and the summary are listed."""
    (pool,) = openstack.ask("volume", "backend", "pool", "list", "--long")
    assert (pool["Name"], pool["Capabilities"]["total_volumes"]) == ("node@directory#directory", 1)
    listed = openstack.ask("block", "storage", "resource", "filter", "list")
    filters = {row["Resource"]: row["Filters"] for row in listed}
    assert "status" in filters["volume"]
    limits = {row["Name"]: row["Value"] for row in openstack.ask("limits", "show", "--absolute")}
    assert (limits["total_volumes_used"], limits["max_total_volumes"]) == (1, 10)
    assert openstack.ask("volume", "summary")["Total Size"] == 1
    assert volume


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "--size", "0", "no"), "size"),
        (("create", "--size", "1001", "no"), "VolumeSizeExceedsAvailableQuota"),
        (("create", "--size", "1", "--type", "no-such", "no"), "no-such"),
        (("create", "--size", "1", "--availability-zone", "mars", "no"), "mars"),
        (("show", "nothing"), "nothing"),
        (("delete", _SERVER), _SERVER),
    ],
)
def test_refusals(openstack: OpenStack, words: tuple[str, ...], said: str) -> None:
    """What cannot be done is said in words, and nothing is left of it."""
    refused = openstack.run("volume", *words)
    assert refused.code == 1
    assert said in refused.err
    assert openstack.ask("volume", "list", "--name", "no") == []


@pytest.fixture
def arrays(tmp_path: Path) -> Iterator[Service]:
    """Three arrays that share a name, as in the text about scaling horizontally; the third is of another model."""
    text = "[DEFAULT]\nhost = node\nenabled_backends = x1,x2,x3\n"
    for name, model, total in (("x1", "FlashArray//X", 900), ("x2", "FlashArray//X", 700), ("x3", "FlashArray//C", 1)):
        text += f"""
[{name}]
volume_backend_name = pure_performance
volume_driver = directory
directory_path = {tmp_path}/{name}
directory_size_gib = 10
target_helper = tgt
target_ip_address = 127.0.0.1
extra_capabilities = {{"array_model": "{model}", "writes": {total}}}
"""
    yield from _arrays(tmp_path, text)


def _arrays(directory: Path, text: str) -> Iterator[Service]:
    one = Service(directory, text)
    portal = f"target_port = {one.port + 1}\ntgt_control_port = {one.port % 32768}\n"
    one.configure(text.replace("target_helper = tgt\n", f"target_helper = tgt\n{portal}"))
    try:
        one.start()
        yield one
    finally:
        one.remove()


def test_preferences(arrays: Service) -> None:
    """`--property 'capabilities:…<=800'` is stored as written, and means that such a backend comes first."""
    openstack = OpenStack("--os-auth-type", "none", "--os-endpoint", arrays.endpoint)
    openstack.do("volume", "type", "create", "high-perf")
    wishes = ["volume_backend_name=pure_performance", "capabilities:array_model=FlashArray//X"]
    wishes += ["capabilities:total_volumes<=800", "capabilities:writes<=800"]
    openstack.do("volume", "type", "set", "high-perf", *(word for wish in wishes for word in ("--property", wish)))
    stored: Any = openstack.ask("volume", "type", "show", "high-perf")["properties"]
    assert stored == {
        "volume_backend_name": "pure_performance",
        "capabilities:array_model": "FlashArray//X",
        "capabilities:total_volumes<": "800",
        "capabilities:writes<": "800",
    }
    for size, host in ((6, "x2"), (4, "x2"), (6, "x1")):
        made = openstack.ask("volume", "create", "--size", str(size), "--type", "high-perf", "v")["id"]
        arrays.settled("volume", made)
        # The second fills the preferred array; the third goes where a wish is missed, but not to another model.
        assert openstack.ask("volume", "show", made)["os-vol-host-attr:host"] == f"node@{host}#pure_performance"
