"""Volumes reached over iSCSI without the kernel: QEMU's tools, which bring an initiator of their own (libiscsi)."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lapilli.machine.files import faults
from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed, Malformed, Unavailable

_PROGRAM: Final = "qemu-img"
_MIB: Final = 1024**2
_COPIES_WITHIN_S: Final = 600.0


@dataclass(frozen=True)
class Disk:
    """A volume as QEMU reaches it. `image` are image options; the password is in the file `secret`, never in argv."""

    image: str
    secret: Path

    @property
    def options(self) -> Sequence[str]:
        """What stands before `--image-opts` on the command line of qemu-img and qemu-io."""
        return ("--object", f"secret,id=chap,file={self.secret}")

    def write(self, source: Path) -> None:
        """Copy the bytes of a file to the beginning of the volume."""
        argv = [_PROGRAM, "convert", *self.options, "-n", "-f", "raw", "--target-image-opts", str(source), self.image]
        run(argv, timeout_s=_COPIES_WITHIN_S)

    def read(self, target: Path, size_mib: int) -> None:
        """Copy the first bytes of the volume to a new file."""
        ends = [f"bs={_MIB}", f"count={size_mib}", f"if={self.image}", f"of={target}"]
        run([_PROGRAM, "dd", *self.options, "--image-opts", "-O", "raw", *ends], timeout_s=_COPIES_WITHIN_S)

    def size_bytes(self) -> int:
        """How large the initiator sees the volume."""
        told = run([_PROGRAM, "info", *self.options, "--image-opts", "--output=json", self.image])
        return int(json.loads(told)["virtual-size"])


def disk(connection: Mapping[str, Any], initiator: str, secret: Path) -> Disk:
    """The volume behind a connection info, for an initiator that may log in. Writes its password to `secret`."""
    if connection.get("driver_volume_type") != "iscsi":
        raise Malformed(f"QEMU's iSCSI does not reach a volume of type {connection.get('driver_volume_type')}.")
    with faults(secret):
        secret.touch(0o600)
        secret.write_text(connection["auth_password"])
    values = {
        "transport": "tcp",
        "portal": connection["target_portal"],
        "target": connection["target_iqn"],
        "lun": connection["target_lun"],
        "user": connection["auth_username"],
        "password-secret": "chap",
        "initiator-name": initiator,
    }
    return Disk("driver=raw,file.driver=iscsi," + ",".join(f"file.{k}={v}" for k, v in values.items()), secret)


def check() -> None:
    """Raise `Unavailable`, saying what to install, if QEMU's tools or their iSCSI are not here."""
    if shutil.which(_PROGRAM) is None:
        raise Unavailable("There is no qemu-img: install qemu-utils and qemu-block-extra (Debian), or qemu-img (RHEL).")
    try:
        run([_PROGRAM, "info", "iscsi://127.0.0.1:1/none/0"])
    except CommandFailed as failed:
        # Where its iSCSI is there, it complains about the connection instead.
        if "Unknown protocol" in failed.stderr:
            raise Unavailable(
                "qemu-img knows no iSCSI: install qemu-block-extra (Debian), or qemu-block-iscsi (RHEL)."
            ) from failed
