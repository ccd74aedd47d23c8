"""The guest's kernel: built once from Debian's linux-source and `options.config`, then kept."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from scripts.kernel import apt

OPTIONS = Path(__file__).with_name("options.config")
# A series with long support. Another may need other options.
PACKAGE = "linux-source-6.12"
# The release of Debian that has it; its backports have it for the one before.
SUITES = ["trixie"]
TOOLS = ["bc", "bison", "flex", "gcc", "libc6-dev", "make", "xz-utils"]
# The build says nothing of its length; this is what it compiles with these options.
FILES = 1310


def kernel(place: Path) -> Path:
    """The folder of a kernel with these options; builds it in `place` if there is none.

    It has `linux`, a program of this machine, and `modules/`, which tells modprobe what is built in. A kernel built
    from an older source is as good: a new one is built when the options change, or when the folder was removed.
    """
    digest = hashlib.sha256(OPTIONS.read_bytes()).hexdigest()[:12]
    if built := sorted(place.glob(f"kernel-*-{digest}")):
        return built[-1]
    with tempfile.TemporaryDirectory(dir=place, prefix="build-") as made:
        work = Path(made)
        version = _source(work)
        _compile(work, place / "build.log")
        _keep(work)
        # Whole or not at all: what is found by its name is never half a kernel.
        return (work / "kept").rename(place / f"kernel-{version}-{digest}")


def _source(work: Path) -> str:
    """Unpack the newest source into `work`/source; return its version."""
    apt.install(TOOLS)
    debian = apt.OtherRelease(work / "apt", [f"{apt.release()}-backports", *SUITES])
    version = debian.newest(PACKAGE)
    if version is None:
        raise apt.AptFailed(f"The mirror of this machine's apt has no {PACKAGE}.")
    print(f"Building a kernel from {PACKAGE} {version}: about ten minutes of CPU time, once.", flush=True)
    package = debian.download(PACKAGE, version, work)
    subprocess.run(["dpkg-deb", "--extract", package, work / "package"], check=True)
    (work / "source").mkdir()
    archive = work / f"package/usr/src/{PACKAGE}.tar.xz"
    subprocess.run(["tar", "-xf", archive, "--strip-components=1", "-C", work / "source"], check=True)
    return version


def _compile(work: Path, log: Path) -> None:
    """Make the program, with a line on the terminal for every hundred files, and all that make says in the log."""
    make = ["nice", "-n", "10", "make", "ARCH=um", "-C", str(work / "source")]
    with log.open("w") as all_of_it:
        configure = [*make, f"KCONFIG_ALLCONFIG={OPTIONS}", "allnoconfig"]
        if subprocess.run(configure, stdout=all_of_it, stderr=subprocess.STDOUT, check=False).returncode:
            raise SystemExit(f"The kernel could not be configured; see {log}.")
        _check_options((work / "source/.config").read_text())
        jobs = f"-j{len(os.sched_getaffinity(0))}"
        with subprocess.Popen(
            [*make, jobs, "linux"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as build:
            assert build.stdout
            files = 0
            for line in build.stdout:
                all_of_it.write(line)
                files += line.startswith("  CC ")
                if line.startswith("  CC ") and files % 100 == 0:
                    print(f"  {files} of about {FILES} files", flush=True)
    if build.returncode:
        raise SystemExit(f"The kernel could not be built; see {log}.")


def _check_options(config: str) -> None:
    """Make drops without a word what it does not know or what lacks something else; here that is an error."""
    set_to = set(config.splitlines())
    asked = [line for line in OPTIONS.read_text().splitlines() if line.startswith("CONFIG_")]
    if lost := [line for line in asked if line not in set_to]:
        raise SystemExit(f"The source knows no such options, or lacks what they need: {', '.join(lost)}")


def _keep(work: Path) -> None:
    source, kept = work / "source", work / "kept"
    release = subprocess.run(
        ["make", "-s", "ARCH=um", "-C", source, "kernelrelease"], capture_output=True, text=True, check=True
    ).stdout.strip()
    modules = kept / "modules" / release
    modules.mkdir(parents=True)
    for name in ("modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(source / name, modules)
    (modules / "modules.order").touch()
    shutil.copy(source / ".config", kept / "config")
    subprocess.run(["strip", "-s", "-o", kept / "linux", source / "linux"], check=True)
