"""The programs of the guest that this machine lacks, unpacked beside it: the guest sees both as one."""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

from scripts.kernel import apt

PACKAGES = [
    "cryptsetup-bin",
    "dmeventd",
    "dmsetup",
    "e2fsprogs",
    "iproute2",
    "kmod",
    "lsscsi",
    "lvm2",
    "multipath-tools",
    "nvme-cli",
    "open-iscsi",
    "procps",
    "sg3-utils",
    "thin-provisioning-tools",
    "udev",
    "xfsprogs",
]
# What these ask for only to boot a machine of their own.
FOR_BOOTING = re.compile(
    r"systemd.*|lib(pam|nss)-systemd|initramfs-tools.*|klibc-utils|libklibc|cpio|linux-base|dracut.*"
)


def userland(place: Path) -> Path:
    """The folder of programs to lay over this machine's; downloads them into `place` if there is none."""
    digest = hashlib.sha256("\n".join([apt.release(), *PACKAGES]).encode()).hexdigest()[:12]
    found = place / f"userland-{digest}"
    if found.exists():
        return found
    print("Downloading the programs of the guest; nothing is installed.", flush=True)
    apt.update()
    with tempfile.TemporaryDirectory(dir=place, prefix="userland-") as made:
        packages, root = Path(made, "packages"), Path(made, "root")
        packages.mkdir()
        root.mkdir()
        names = [name for name in apt.lacking(PACKAGES) if not FOR_BOOTING.fullmatch(name)]
        for package in apt.download(names, packages) if names else []:
            subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
        _merge(root)
        return root.rename(found)


def _merge(root: Path) -> None:
    """Move what a package has in /bin, /sbin and /lib* to where those of this machine lead."""
    for link in (path for path in Path("/").iterdir() if path.is_symlink()):
        folder = root / link.name
        if folder.is_dir():
            target = root / link.resolve().relative_to("/")
            target.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", f"{folder}/.", target], check=True)
            subprocess.run(["rm", "-r", folder], check=True)
