"""An ordinary user makes, fills and deletes volumes with the help of `lapilli privileged`, and can do nothing else."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.machine.privileged import device_owner
from tests.kernel.machine import run, wait_for

NOBODY = pwd.getpwnam("nobody")
ROOT = Path(__file__).parents[2]
LAPILLI = Path(sys.executable).parent / "lapilli"
NAME = "volume-6c1ee7c1-0000-4000-8000-000000000001"
COPY = "volume-6c1ee7c1-0000-4000-8000-000000000002"
SNAPSHOT = "snapshot-6c1ee7c1-0000-4000-8000-000000000003"


@pytest.fixture
def state() -> Iterator[Path]:
    """The service's own directory, which others than pytest's user can reach."""
    path = Path("/var/lib/lapilli-test")
    path.mkdir()
    os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    yield path
    run("rm", "-r", str(path))


@pytest.fixture(params=["default", "thin"])
def socket(request: pytest.FixtureRequest, group: str, state: Path) -> Iterator[Path]:
    """Where a helper listens that serves the group."""
    config = Path("/etc/lapilli-test.conf")
    stanza = f"volume_driver = lvm\nvolume_group = {group}\nlvm_type = {request.param}\n"
    config.write_text(
        f"[DEFAULT]\nstate_path = {state}\nenabled_backends = one, two\n"
        f"[one]\n{stanza}target_helper = lioadm\n[two]\n{stanza}target_helper = nvmet\n"
    )
    helper = subprocess.Popen([str(LAPILLI), "privileged", "--config", str(config)], cwd=ROOT)
    wait_for(lambda: helper.poll() is not None or (state / "privileged.sock").exists())
    assert helper.poll() is None
    yield state / "privileged.sock"
    helper.send_signal(signal.SIGTERM)
    assert helper.wait(30) == 0
    config.unlink()


def as_nobody(socket: Path, kind: str, code: str) -> str:
    """What a process of nobody's prints that does `code` with `driver`, which wipes no more than the first MiB."""
    begin = f"""
import os
from pathlib import Path
from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.machine.kernel_targets import configfs
from lapilli.machine.kernel_targets import lio
from lapilli.machine.lvm import lvm
from lapilli.machine.privileged import mark
from lapilli.model.values import Export
from lapilli.targets.lio import LioTarget
from lapilli.targets.lio_settings import LioSettings
from lapilli.targets.nvmet import NvmetTarget
from lapilli.targets.nvmet_settings import NvmetSettings
os.setgroups([]); os.setgid({NOBODY.pw_gid}); os.setuid({NOBODY.pw_uid})
mark.use_helper(Path({str(socket)!r}))
driver = LvmDriver(LvmSettings(volume_group="storage", lvm_type={kind!r}, volume_clear_size=8), "one")
def refused(call, *arguments):
    try:
        return call(*arguments)
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"
"""
    return run("env", "-C", str(ROOT), sys.executable, "-c", begin + code)


def test_a_volume_is_made_filled_copied_and_deleted(socket: Path, group: str, request: pytest.FixtureRequest) -> None:
    """All that the driver does works for a user who is not root, on the devices themselves as well."""
    kind = request.node.callspec.params["socket"]
    code = f"""
driver.check()
driver.create_volume({NAME!r}, 1, "one")
descriptor = os.open(driver.path({NAME!r}), os.O_RDWR)
os.pwrite(descriptor, b"mine" * 1024, 1 << 20)
os.fsync(descriptor)
os.close(descriptor)
driver.create_snapshot({SNAPSHOT!r}, {NAME!r})
driver.create_volume_from_snapshot({COPY!r}, 1, {SNAPSHOT!r}, {NAME!r}, "one")
print(os.pread(os.open(driver.path({COPY!r}), os.O_RDONLY), 4, 1 << 20))
"""
    assert as_nobody(socket, kind, code).strip() == "b'mine'"
    names = {line.strip() for line in run("lvs", "--noheadings", "-o", "lv_name", group).splitlines()}
    assert {NAME, COPY, f"_{SNAPSHOT}"} <= names
    about = Path("/dev", group, NAME).stat()
    assert about.st_uid == NOBODY.pw_uid
    code = f"""
driver.delete_volume({COPY!r})
driver.delete_snapshot({SNAPSHOT!r}, {NAME!r})
driver.delete_volume({NAME!r})
"""
    as_nobody(socket, kind, code)
    left = {line.strip() for line in run("lvs", "--noheadings", "-o", "lv_name", group).splitlines()}
    assert left <= {f"{group}-pool"}


def test_what_is_not_served_is_not_touched(socket: Path, request: pytest.FixtureRequest) -> None:
    """Other groups, names that are options, devices of others: refused by the helper, not by the caller."""
    kind = request.node.callspec.params["socket"]
    code = """
from lapilli.machine.lvm import command
command.serve("other")
print(refused(lvm.read_group, "other"))
print(refused(lvm.remove, "storage", "--all"))
print(refused(lvm.remove, "storage", "../x"))
print(refused(lvm.create_thick, "storage", "a", -1, 0))
ours = "iqn.2010-10.org.openstack:volume-1"
print(refused(lio.make_target, ours, "/dev/ubdb", 512, "ab", [], False, True, False))
print(refused(lio.make_target, ours, "/etc/shadow", 512, "ab", [], False, True, False))
print(refused(lio.remove_target, "iqn.2020-01.com.example:another"))
"""
    said = as_nobody(socket, kind, code).splitlines()
    assert len(said) == 7
    assert all(line.startswith("Malformed") for line in said)


@pytest.mark.parametrize("socket", ["default"], indirect=True)
@pytest.mark.parametrize("kind", ["lio", "nvmet"])
def test_a_volume_is_exported_and_let_go(socket: Path, kind: str) -> None:
    """The kernel's targets work for a user who is not root; those who may log in, and how, are told as ever."""
    said = as_nobody(
        socket,
        "default",
        f"""
driver.create_volume({NAME!r}, 1, "one")
make, ask = {{"lio": (LioTarget, LioSettings), "nvmet": (NvmetTarget, NvmetSettings)}}[{kind!r}]
settings = ask(target_ip_address="127.0.0.1")
target = make(settings)
target.check()
who = {{"initiator": "iqn.1993-08.org.debian:01:x", "nqn": "nqn.2014-08.org.nvmexpress:uuid:{NAME[7:]}"}}
export = Export({NAME[7:]!r}, settings.target_prefix + {NAME!r}, 1, driver.path({NAME!r}), 1, "user", "password12345")
target.export(export)
grant = target.grant(export, target.check_connector(who))
print(grant.driver_volume_type, target.sessions(export.name), refused(driver.delete_volume, {NAME!r})[:13])
target.revoke(export, target.check_connector(who))
target.unexport(export)
driver.delete_volume({NAME!r})
print(len(target.exports()), len(driver.existing()))
""",
    )
    protocol = {"lio": "iscsi", "nvmet": "nvmeof"}[kind]
    assert said.splitlines() == [f"{protocol} [] BackendFailed", "0 0"]


@pytest.mark.parametrize("socket", ["default"], indirect=True)
def test_others_devices_stay_roots(socket: Path, group: str) -> None:
    """A volume of the group with a foreign name, and the inner parts of snapshots, are not the service's."""
    run("lvcreate", "--yes", "--name", "root", "--size", "64m", group)
    run("lvcreate", "--yes", "--name", NAME, "--size", "64m", group)
    run("lvcreate", "--yes", "--snapshot", "--name", f"_{SNAPSHOT}", "--size", "64m", f"{group}/{NAME}")
    run("udevadm", "settle")
    owners = {path.name: path.stat().st_uid for path in Path("/dev/mapper").glob(f"{group}-*")}
    mine = {name for name, owner in owners.items() if owner == NOBODY.pw_uid}
    assert mine == {f"{group}-{each.replace('-', '--')}" for each in (NAME, f"_{SNAPSHOT}")}
    assert len(owners) == 5


def test_without_udev_the_nodes_are_given_too(group: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those that are there at once, and those that have come since with each call."""
    monkeypatch.setattr(device_owner, "_UDEV", tmp_path / "missing")
    Path("/run/udev/rules.d/90-lapilli.rules").unlink(missing_ok=True)
    run("udevadm", "control", "--reload")
    run("lvcreate", "--yes", "--name", NAME, "--size", "64m", group)
    run("lvcreate", "--yes", "--name", "root", "--size", "64m", group)
    give = device_owner.hand_over(NOBODY, [group], device_owner.patterns("volume-%s"))
    run("lvcreate", "--yes", "--name", COPY, "--size", "64m", group)
    assert [Path("/dev", group, name).stat().st_uid for name in (NAME, COPY, "root")] == [NOBODY.pw_uid, 0, 0]
    give()
    assert [Path("/dev", group, name).stat().st_uid for name in (NAME, COPY, "root")] == [NOBODY.pw_uid] * 2 + [0]
