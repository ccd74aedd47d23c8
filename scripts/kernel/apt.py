"""Debian's packages, taken from the mirror that this machine's apt already uses, without installing them."""

import subprocess
from pathlib import Path

KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


class AptFailed(Exception):
    """A package could not be had; says which, and what apt said."""


class OtherRelease:
    """Packages of other releases of Debian, with lists and a cache of their own: this machine's apt is not touched."""

    def __init__(self, folder: Path, suites: list[str]) -> None:
        """Read the lists of `suites`; those that the mirror does not have are passed over."""
        (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        sources = "".join(f"deb [signed-by={KEYS}] {mirror()} {suite} main\n" for suite in suites)
        (folder / "sources").write_text(sources)
        settings = {
            "Dir::Etc::sourcelist": folder / "sources",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": folder / "lists",
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
        }
        self._options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        # A missing suite makes this fail, and the lists of the others are there nevertheless.
        subprocess.run(["apt-get", "-qq", *self._options, "update"], capture_output=True, check=False)

    def newest(self, package: str) -> str | None:
        """The newest version of the package that can be had."""
        listed = _output("apt-cache", *self._options, "madison", package).splitlines()
        return listed[0].split("|")[1].strip() if listed else None

    def download(self, package: str, version: str, folder: Path) -> Path:
        """Put the package's file into the folder."""
        _output("apt-get", "-qq", *self._options, "download", f"{package}={version}", folder=folder)
        return next(folder.glob(f"{package}_*.deb"))


def mirror() -> str:
    """Where this machine's apt has the release's packages from."""
    for line in _output(
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"
    ).splitlines():
        uri, _, label = line.partition(" ")
        if label == "Debian":
            return uri
    raise AptFailed("This machine's apt knows no mirror of Debian: name one in /etc/apt/sources.list.")


def release() -> str:
    """This machine's release of Debian, such as `bookworm`."""
    for line in Path("/etc/os-release").read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "VERSION_CODENAME":
            return value.strip('"')
    raise AptFailed("This machine is no release of Debian.")


def lacking(packages: list[str]) -> list[str]:
    """Which packages apt would install for these to be here, those that they need among them."""
    told = _output("apt-get", "install", "--simulate", "--yes", "--no-install-recommends", *packages)
    return [line.split()[1] for line in told.splitlines() if line.startswith("Inst ")]


def download(packages: list[str], folder: Path) -> list[Path]:
    """Put the files of this release's packages into the folder."""
    _output("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *packages, folder=folder)
    return sorted(folder.glob("*.deb"))


def install(packages: list[str]) -> None:
    """Install what is missing of these; they must start no service."""
    if missing := [package for package in packages if not _installed(package)]:
        _output("apt-get", "update", "-qq")
        _output("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *missing)


def update() -> None:
    """Read this release's lists anew."""
    _output("apt-get", "update", "-qq")


def _installed(package: str) -> bool:
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "installed"


def _output(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AptFailed(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return done.stdout
