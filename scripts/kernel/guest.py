"""One guest: a process of this machine that runs a Linux kernel of its own, and in it one command."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

INIT = Path(__file__).with_name("init.sh")
TIMED_OUT = 124
DIED = 125
SHARED_MEMORY = Path("/dev/shm")


class Guest:
    """What a guest is made of; `run` boots it, and may do so again and again, each time from nothing."""

    def __init__(self, place: Path, kernel: Path, userland: Path) -> None:
        self.place = place
        self.kernel = kernel
        self.userland = userland
        # MiB
        self.memory = 2048
        self.disks: list[str] = []
        self.writable: list[Path] = []
        self.seconds = 600.0

    def run(self, command: Sequence[str]) -> int:
        """Boot, run the command in this very folder as root, power off; what it prints is printed as it comes.

        The status is the command's, or TIMED_OUT, or DIED with the end of the kernel's log on standard error.
        """
        with tempfile.TemporaryDirectory(dir=self.place, prefix="run-") as made:
            folder = Path(made)
            shutil.copy(INIT, folder / "init.sh")
            (folder / "init.sh").chmod(0o755)
            # The command sees a terminal, whatever its output goes to.
            terminal = os.environ.get("TERM", "dumb") if sys.stdout.isatty() else "dumb"
            (folder / "command").write_text(f"export TERM={shlex.quote(terminal)}\nexec {shlex.join(command)}\n")
            status = self._boot(folder)
            if (folder / "status").exists():
                return int((folder / "status").read_text())
            if status != TIMED_OUT:
                sys.stderr.write("The guest died. The end of its log:\n")
            sys.stderr.write((folder / "console").read_bytes()[-4000:].decode(errors="replace"))
            return status

    def _boot(self, folder: Path) -> int:
        read_out, write_out = os.pipe()
        read_err, write_err = os.pipe()
        with (folder / "console").open("wb") as console:
            process = subprocess.Popen(
                # A guest whose runner was killed ends, too.
                ["setpriv", "--pdeathsig", "KILL", *self._command(folder, write_out, write_err, console.fileno())],
                env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(self._memory_folder(folder))},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                pass_fds=(write_out, write_err, console.fileno()),
                start_new_session=True,
            )
        os.close(write_out)
        os.close(write_err)
        pumps = [_pump(read_out, sys.stdout.buffer), _pump(read_err, sys.stderr.buffer)]
        try:
            process.wait(self.seconds)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"The guest was ended after {self.seconds:g} seconds.\n")
            return TIMED_OUT
        finally:
            # Each process of the guest is one of this machine's, too, and all are of its session.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pump in pumps:
                pump.join()
        return DIED

    def _command(self, folder: Path, out: int, err: int, console: int) -> list[str]:
        disks = []
        for number, size in enumerate(self.disks):
            disk = folder / f"disk{number}"
            subprocess.run(["truncate", "--size", size, disk], check=True)
            disks.append(f"ubd{number}={disk}")
        return [
            str(self.kernel / "linux"),
            f"mem={self.memory}M",
            "umid=guest",
            f"uml_dir={folder}",
            "root=/dev/root",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            f"init={folder}/init.sh",
            "quiet",
            "console=ttyS0",
            "con=null",
            f"con1=null,fd:{out}",
            f"con2=null,fd:{err}",
            "ssl=null",
            f"ssl0=null,fd:{console}",
            *disks,
            f"lapilli_userland={self.userland}",
            f"lapilli_modules={self.kernel / 'modules'}",
            f"lapilli_run={folder}",
            f"lapilli_folder={Path.cwd()}",
            f"lapilli_writable={':'.join(str(path.resolve()) for path in self.writable)}",
        ]

    def _memory_folder(self, folder: Path) -> Path:
        """Where the guest's memory is a file: in memory, where there is enough and programs may be kept."""
        if SHARED_MEMORY.is_dir():
            shared = os.statvfs(SHARED_MEMORY)
            if not shared.f_flag & os.ST_NOEXEC and shared.f_bavail * shared.f_frsize > self.memory * 2**20:
                return SHARED_MEMORY
        return folder


def _pump(source: int, sink: BinaryIO) -> threading.Thread:
    """Write to the sink at once what comes from the source, until its other end is closed."""

    def copy() -> None:
        while piece := os.read(source, 65536):
            sink.write(piece)
            sink.flush()
        os.close(source)

    thread = threading.Thread(target=copy, name="guest-output")
    thread.start()
    return thread
