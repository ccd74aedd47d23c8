"""The guest, as its tests use it: programs, a volume group, the kernel's iSCSI initiator."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import rtslib_fb

Found = TypeVar("Found")

# Of the slowest machine: a guest beside other work.
WAIT_S = 120.0


class Failed(Exception):
    """A program's status was not 0; `said` is what it wrote to its standard error."""

    def __init__(self, command: Sequence[str], status: int, said: str) -> None:
        super().__init__(f"{' '.join(command)} ended with {status}:\n{said}")
        self.status = status
        self.said = said


def run(*command: str) -> str:
    """What the program prints; raises `Failed`."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(command, done.returncode, done.stderr)
    return done.stdout


def wait_for(look: Callable[[], Found | None]) -> Found:
    """The first answer that says something. The kernel and udev need a moment."""
    deadline = time.monotonic() + WAIT_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing came within {WAIT_S:g} seconds"
        time.sleep(0.05)
    return found


@contextmanager
def volume_group(name: str, disk: str) -> Iterator[str]:
    """A volume group on the disk; in the end nothing is left of it, nor of LIO's targets, which hold volumes."""
    run("vgcreate", "--yes", name, disk)
    try:
        yield name
    finally:
        forget_targets()
        run("vgremove", "--force", "--force", "--yes", name)
        run("pvremove", "--force", "--force", "--yes", disk)


def lvs(group: str) -> dict[str, dict[str, str]]:
    """What LVM says of the group's volumes, by name; sizes in bytes."""
    report = json.loads(run("lvs", "--reportformat", "json", "--units", "b", "--nosuffix", group))
    return {volume["lv_name"]: volume for volume in report["report"][0]["lv"]}


def forget_targets() -> None:
    """Take away all that LIO has, as a reboot would; the sessions of its initiators break."""
    rtslib_fb.RTSRoot().clear_existing(confirm=True)


class Initiator:
    """The kernel's iSCSI initiator, kept by iscsid."""

    name = "iqn.1993-08.org.debian:01:lapilli-guest"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Initiator"]:
        """With iscsid running; in the end every session is closed, and nothing is noted."""
        # On its way out it ends all of its process group.
        daemon = subprocess.Popen(["iscsid", "--foreground"], start_new_session=True)
        try:
            wait_for(lambda: "@ISCSIADM" in Path("/proc/net/unix").read_text())
            yield cls()
        finally:
            for session in Path("/sys/class/iscsi_session").glob("session*"):
                run("iscsiadm", "-m", "session", "-r", session.name.removeprefix("session"), "--logout")
            # It has nothing to keep; SIGTERM would be lost if it came just before iscsid waits for the next event.
            daemon.kill()
            daemon.wait()
            for notes in ("nodes", "ifaces"):
                shutil.rmtree(Path("/etc/iscsi", notes), ignore_errors=True)

    def log_in(self, target: str, portal: str, user: str, password: str, lun: int = 0) -> str:
        """Log in with CHAP; returns the LUN's device, such as /dev/sda. Raises `Failed` if refused."""
        node = ["iscsiadm", "-m", "node", "-T", target, "-p", portal]
        run(*node, "--op", "new")
        credentials = {"authmethod": "CHAP", "username": user, "password": password}
        for name, value in credentials.items():
            run(*node, "--op", "update", "-n", f"node.session.auth.{name}", "-v", value)
        run(*node, "--login")
        return wait_for(lambda: self.device(target, portal, lun))

    def log_out(self, target: str, portal: str) -> None:
        run("iscsiadm", "-m", "node", "-T", target, "-p", portal, "--logout")

    def device(self, target: str, portal: str, lun: int = 0) -> str | None:
        """The LUN's device once udev knows it too."""
        link = Path(f"/dev/disk/by-path/ip-{portal}-iscsi-{target}-lun-{lun}")
        return str(link.resolve()) if link.exists() else None
