"""Where target drivers are tried: exports over real files, and initiators that log in from this machine."""

import itertools
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from lapilli.model.protocols.targets import TargetDriver
from lapilli.model.values import GIB, Export, ExportGrant

MIB = 1024**2
ALICE = "iqn.1993-08.org.debian:01:alice"
BOB = "iqn.1993-08.org.debian:01:bob"


@dataclass(frozen=True)
class TargetLab:
    """A target driver's world.

    `start` makes a new instance, as a restarted service would; `sessions` says which initiators are logged in, from
    another source than the driver; `crash` kills whatever serves the targets, and starts it again. `login` makes the
    host's side, for one of the two names. `device` makes a file what the driver exports: itself, or a block device
    over it; `grown` is told when the file has grown. `left` lists all that there is of any target.
    """

    start: Callable[[], TargetDriver]
    sessions: Callable[[Export], set[str]]
    crash: Callable[[], None]
    directory: Path
    prefix: str = "iqn.2010-10.org.openstack:"
    alice: str = ALICE
    bob: str = BOB
    login: Callable[[str, ExportGrant], "Host"] = field(default_factory=lambda: Initiator.of)
    device: Callable[[Path], str] = str
    grown: Callable[[str], None] = lambda _device: None
    left: Callable[[], list[str]] = list
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def export(self, name: str, size_gib: int = 1) -> Export:
        """A new export over a new file; the target does not exist yet."""
        path = self.directory / name
        with path.open("xb") as file:
            file.truncate(size_gib * GIB)
        number = next(self.numbers)
        identity = f"{number:08x}-0000-4000-8000-{abs(hash(name)):012x}"[:36]
        target = f"{self.prefix}{name}"
        device = self.device(path)
        return Export(identity, target, number, device, size_gib, f"user{number}", f"password{number:04}")

    def grow(self, export: Export, size_gib: int) -> Export:
        """The volume grows, and its target does not know."""
        os.truncate(self._file(export), size_gib * GIB)
        self.grown(export.path)
        return replace(export, size_gib=size_gib)

    def wait_for_session(self, export: Export, initiator: str) -> None:
        """Return as soon as the initiator is logged in."""
        deadline = time.monotonic() + 10
        while initiator not in self.sessions(export):
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def read(self, export: Export, offset_bytes: int, length_bytes: int) -> bytes:
        """What is in the volume, seen from below."""
        with self._file(export).open("rb") as file:
            file.seek(offset_bytes)
            return file.read(length_bytes)

    def _file(self, export: Export) -> Path:
        return self.directory / export.name.removeprefix(self.prefix)


class Session(Protocol):
    """A login that stays, and does one thing after the other; false if it failed. Waits as long as the host does."""

    def writes(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool: ...

    def reads(self, offset_bytes: int, length_bytes: int) -> bool: ...


class Host(Protocol):
    """A host's side: everything it knows comes out of the connection info."""

    def at(self, export: Export) -> "Host":
        """The same, asking for this target, with its credentials."""

    def may_log_in(self) -> bool:
        """Whether the target lets it in; a target that does not answer at all is an error."""

    def size_bytes(self) -> int:
        """The capacity, asked for with a login of its own."""

    def write(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool: ...

    def reads(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        """Whether the bytes there are the pattern."""

    def session(self) -> AbstractContextManager[Session]:
        """Stay logged in."""

    def busy(self) -> AbstractContextManager["Writer"]:
        """Write without a pause."""


class Writer(Protocol):
    """Who writes without a pause."""

    def poll(self) -> int | None:
        """None while it writes."""


@dataclass(frozen=True)
class Initiator:
    """A host that speaks iSCSI: libiscsi's."""

    name: str
    data: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, grant: ExportGrant) -> "Initiator":
        return cls(name, grant.data)

    def but(self, **data: str) -> "Initiator":
        return replace(self, data={**self.data, **data})

    def at(self, export: Export) -> "Initiator":
        return self.but(target_iqn=export.name, auth_username=export.username, auth_password=export.password)

    def may_log_in(self) -> bool:
        done = self._run("iscsi-inq", "-i", self.name, self._url)
        if done.returncode == 0:
            return True
        if not re.search(
            r"Failed to log in|Authentication failed|Target not found|rejected", done.stderr + done.stdout
        ):
            raise AssertionError(done.stderr)
        return False

    def size_bytes(self) -> int:
        done = self._run("iscsi-readcapacity16", "-i", self.name, self._url)
        blocks = re.search(r"RETURNED LOGICAL BLOCK ADDRESS:(\d+)", done.stdout)
        assert blocks, done
        return (int(blocks[1]) + 1) * 512

    def page(self, code: int) -> str:
        """A page of vital product data, as text."""
        return self._run("iscsi-inq", "-i", self.name, "-e", "1", "-c", str(code), self._url).stdout

    def write(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        return self._io(f"write -P {pattern} {offset_bytes} {length_bytes}")

    def reads(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        return self._io("-r", f"read -P {pattern} {offset_bytes} {length_bytes}")

    @contextmanager
    def session(self) -> Iterator["QemuSession"]:
        argv = ["qemu-io", "--image-opts", self._options]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            session = QemuSession(process)
            try:
                assert session.reads(0, 512)
                yield session
            finally:
                process.kill()

    @contextmanager
    def busy(self) -> Iterator[subprocess.Popen[str]]:
        argv = ["qemu-img", "bench", "-w", "-c", "100000000", "-d", "8", "-s", "4096", "-t", "none"]
        argv += ["--image-opts", self._options]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def _io(self, *commands: str) -> bool:
        *flags, command = commands
        done = self._run("qemu-io", *flags, "-c", command, "--image-opts", self._options)
        return done.returncode == 0 and "failed" not in done.stdout

    @property
    def _options(self) -> str:
        data = self.data
        login = f"user={data['auth_username']},password={data['auth_password']},initiator-name={self.name}"
        where = f"portal={data['target_portal']},target={data['target_iqn']},lun={data['target_lun']}"
        return f"driver=iscsi,transport=tcp,{where},{login}"

    @property
    def _url(self) -> str:
        data = self.data
        login = f"{data['auth_username']}%{data['auth_password']}@" if data["auth_username"] else ""
        return f"iscsi://{login}{data['target_portal']}/{data['target_iqn']}/{data['target_lun']}"

    @staticmethod
    def _run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)


@dataclass(frozen=True)
class QemuSession:
    """A `Session` of qemu-io."""

    process: subprocess.Popen[str]

    def writes(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        return self._io(f"write -P {pattern} {offset_bytes} {length_bytes}")

    def reads(self, offset_bytes: int, length_bytes: int) -> bool:
        return self._io(f"read {offset_bytes} {length_bytes}")

    def _io(self, command: str) -> bool:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if "ops;" in line:
                return True
            if "failed" in line:
                return False
        return False


Check = Callable[[TargetLab], None]
