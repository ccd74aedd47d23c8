"""Transfers, takeovers, reversions, migrations and retypes by the literal commands of the unmodified clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.clients import Cinder, OpenStack
from tests.system.service import PROJECT, Service, until

FIRST, SECOND = "node@first#first", "node@second#second"
_CONFIG = """\
[DEFAULT]
host = node
enabled_backends = first,second
"""
_BACKEND = """
[{name}]
volume_driver = directory
directory_path = $state_path/{name}
directory_size_gib = {size}
target_helper = tgt
target_ip_address = 127.0.0.1
target_port = {portal}
tgt_control_port = {control}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with two backends, of which the first has more room."""
    one = Service(tmp_path_factory.mktemp("moving"))
    ports = {"portal": one.port + 1, "control": one.port % 32768}
    backends = [_BACKEND.format(name=name, size=size, **ports) for name, size in (("first", 20), ("second", 10))]
    one.configure(_CONFIG + "".join(backends))
    try:
        one.start()
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="module")
def cinder(service: Service) -> Cinder:
    return Cinder(service.endpoint, PROJECT)


@pytest.fixture(scope="module")
def openstack(service: Service) -> OpenStack:
    return OpenStack("--os-auth-type", "none", "--os-endpoint", service.endpoint)


@pytest.fixture
def volume(service: Service) -> Iterator[str]:
    """A volume of 1 GiB on the first backend."""
    volume_id = service.volume(1)
    yield volume_id
    service.send("DELETE", f"/volumes/{volume_id}?cascade=true&force=true")
    until(lambda: service.send("GET", f"/volumes/{volume_id}").status == 404, lambda: "the volume is still there")


def file_of(service: Service, volume_id: str, backend: str = "first") -> Path:
    return service.data / backend / f"volume-{volume_id}"


def test_cinder_transfers(service: Service, cinder: Cinder, volume: str) -> None:
    """Offered, listed, withdrawn; offered again, and accepted by somebody else."""
    made = cinder.ask("transfer-create", "--name", "gift", volume).facts
    assert (made["name"], made["volume_id"], len(made["auth_key"])) == ("gift", volume, 16)
    assert [row["Name"] for row in cinder.ask("transfer-list").rows] == ["gift"]
    assert cinder.ask("transfer-show", "gift").facts["id"] == made["id"]
    cinder.ask("transfer-delete", "gift")
    service.settled("volume", volume)
    made = cinder.ask("transfer-create", "--no-snapshots", volume).facts
    other = Cinder(service.endpoint.replace(PROJECT, "other"), "other")
    assert other.run("transfer-accept", made["id"], "0000000000000000").code != 0
    other.ask("transfer-accept", made["id"], made["auth_key"])
    assert cinder.ask("show", volume).facts["os-vol-tenant-attr:tenant_id"] == "other"


def test_openstack_transfers(service: Service, openstack: OpenStack, volume: str) -> None:
    """The same by the other client."""
    made = openstack.ask("volume", "transfer", "request", "create", "--name", "present", volume)
    assert openstack.ask("volume", "transfer", "request", "list")[0]["ID"] == made["id"]
    assert openstack.ask("volume", "transfer", "request", "show", "present")["volume_id"] == volume
    openstack.do("volume", "transfer", "request", "delete", made["id"])  # this one takes no names
    service.settled("volume", volume)
    made = openstack.ask("volume", "transfer", "request", "create", volume)
    accepted = openstack.ask("volume", "transfer", "request", "accept", "--auth-key", made["auth_key"], made["id"])
    assert accepted["volume_id"] == volume
    service.settled("volume", volume)


def test_revert(service: Service, cinder: Cinder, volume: str) -> None:
    """The bytes of the snapshot are back."""
    path = file_of(service, volume)
    with path.open("r+b") as file:
        file.write(b"old")
    cinder.ask("snapshot-create", "--name", "before", volume)
    (row,) = cinder.ask("snapshot-list", "--volume-id", volume).rows
    service.settled("snapshot", row["ID"])
    with path.open("r+b") as file:
        file.write(b"new")
    cinder.ask("revert-to-snapshot", "before")
    service.settled("volume", volume)
    with path.open("rb") as file:
        assert file.read(3) == b"old"


def test_manage(service: Service, cinder: Cinder) -> None:
    """A file is listed, taken over, let go, and taken over again with the other client's words."""
    path = service.data / "first" / "disk"
    with path.open("wb") as file:
        file.truncate(1_500_000_000)
    rows = {row["reference"]: row for row in cinder.ask("manageable-list", FIRST).rows}
    assert rows["{'source-name': 'disk'}"]["safe_to_manage"] == "True"
    made = cinder.ask("manage", "--name", "taken", "--id-type", "source-name", FIRST, "disk").facts
    service.settled("volume", made["id"])
    assert cinder.ask("show", "taken").facts["size"] == "2"
    assert file_of(service, made["id"]).stat().st_size == 2 * 1024**3

    def snapshots_are_gone() -> bool:
        return not cinder.ask("snapshot-list", "--volume-id", made["id"]).rows

    cinder.ask("snapshot-create", "--name", "of-taken", "taken")
    (row,) = cinder.ask("snapshot-list", "--volume-id", made["id"]).rows
    service.settled("snapshot", row["ID"])
    cinder.ask("snapshot-unmanage", "of-taken")
    until(snapshots_are_gone, lambda: "the snapshot is still there")
    assert f"snapshot-{row['ID']}" in str(cinder.ask("snapshot-manageable-list", FIRST).rows)
    again = cinder.ask("snapshot-manage", "--name", "again", made["id"], f"snapshot-{row['ID']}").facts
    service.settled("snapshot", again["id"])
    cinder.ask("snapshot-delete", "again")
    until(snapshots_are_gone, lambda: "the snapshot is still there")
    cinder.ask("unmanage", "taken")
    until(lambda: cinder.run("show", made["id"]).code != 0, lambda: "the volume is still there")
    assert file_of(service, made["id"]).exists()
    file_of(service, made["id"]).unlink()


def test_migrate(service: Service, cinder: Cinder, openstack: OpenStack, volume: str) -> None:
    """There by one client, and back by the other."""
    with file_of(service, volume).open("r+b") as file:
        file.seek(700_000_000)
        file.write(b"mark")
    cinder.ask("migrate", "--lock-volume", "True", volume, SECOND)
    service.settled("volume", volume)
    facts = cinder.ask("show", volume).facts
    assert (facts["os-vol-host-attr:host"], facts["migration_status"]) == (SECOND, "success")
    with file_of(service, volume, "second").open("rb") as file:
        file.seek(700_000_000)
        assert file.read(4) == b"mark"
    assert not file_of(service, volume).exists()
    openstack.do("volume", "migrate", "--host", FIRST, "--force-host-copy", volume)
    until(
        lambda: openstack.ask("volume", "show", volume)["os-vol-host-attr:host"] == FIRST,
        lambda: "the volume does not come back",
    )
    until(lambda: not file_of(service, volume, "second").exists(), lambda: "the source is still there")


def test_retype(service: Service, cinder: Cinder, openstack: OpenStack, volume: str) -> None:
    """In place, and to the backend that the type names."""
    cinder.ask("type-create", "plain")
    cinder.ask("type-create", "elsewhere")
    cinder.ask("type-key", "elsewhere", "set", "volume_backend_name=second")
    cinder.ask("retype", volume, "plain")
    service.settled("volume", volume)
    assert openstack.ask("volume", "show", volume)["type"] == "plain"
    openstack.do("volume", "set", "--type", "elsewhere", "--retype-policy", "on-demand", volume)
    service.settled("volume", volume)
    shown = openstack.ask("volume", "show", volume)
    assert (shown["type"], shown["os-vol-host-attr:host"]) == ("elsewhere", SECOND)
    cinder.ask("retype", "--migration-policy", "on-demand", volume, "__DEFAULT__")
    service.settled("volume", volume)
    for name in ("plain", "elsewhere"):
        cinder.ask("type-delete", name)
