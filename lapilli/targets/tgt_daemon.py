"""A tgtd of our own beside the system's: its own control port and portals, and a life longer than its starter's."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from lapilli.model.errors import BackendFailed
from lapilli.targets import tgt_shown
from lapilli.targets.tgt_control import SOCKET_VARIABLE, Request, TgtControl
from lapilli.targets.tgt_settings import TgtSettings

_STARTS_WITHIN_S: Final = 10
_STOPS_WITHIN_S: Final = 10


class TgtDaemon:
    """The tgtd behind `tgt_control_port`. With port 0 it is the system's: it is asked, and never started or stopped.

    `tgt_state_path` gets its log and the file with its process number. The daemon serves I/O, so it goes on when its
    starter ends, however that happens; the next `ensure` finds it by its control port.

    An ordinary user's daemon has that user's rights on files, and no others. It lives in a user namespace of its own,
    in which this user is root: tgtd answers nobody else.
    """

    def __init__(self, settings: TgtSettings, program: str = "tgtd") -> None:
        self._settings = settings
        self._program = program
        self._control = TgtControl(settings.tgt_control_port, socket_base=settings.socket_base)
        self._log = Path(settings.tgt_state_path, "tgtd.log")
        self._pid_file = Path(settings.tgt_state_path, "tgtd.pid")
        self._child: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Make sure that tgtd answers and listens on all portals; `BackendFailed` says what is in the way."""
        pid = self._control.daemon_pid()
        if pid is None:
            if not self._settings.tgt_control_port:
                raise BackendFailed("The system's tgtd does not run: `systemctl start tgt`, or set tgt_control_port.")
            pid = self._start()
        if self._settings.tgt_control_port:
            if pid != self._noted_pid():
                self._pid_file.parent.mkdir(parents=True, exist_ok=True)
                self._pid_file.write_text(f"{pid}\n")
            self._listen()

    def stop(self) -> None:
        """End the daemon, its targets and their sessions; do nothing if it does not run or is not ours."""
        pid = self._control.daemon_pid()
        if pid is not None and pid == self._noted_pid():
            # tgtd does not end on SIGTERM. What it has answered is in the page cache, and survives it.
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + _STOPS_WITHIN_S
            while self._control.daemon_pid() == pid:
                if time.monotonic() > deadline:
                    raise BackendFailed(f"tgtd (process {pid}) does not end: is its storage stuck?")
                time.sleep(0.01)
            if self._child:
                self._child.poll()
        self._pid_file.unlink(missing_ok=True)

    def generation(self) -> str:
        """Changes when tgtd has been started again and has therefore lost all its targets. Costs one `stat`."""
        return self._control.generation()

    def _noted_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _start(self) -> int:
        program = shutil.which(self._program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            raise BackendFailed(f"There is no program {self._program}: install the package tgt.")
        base = self._settings.socket_base
        for directory in (Path(base).parent, self._log.parent):
            directory.mkdir(parents=True, exist_ok=True)
        # The first portal is named at the start, for without any tgtd would take port 3260 of all addresses.
        port, portal = str(self._settings.tgt_control_port), f"portal={self._settings.portals[0]}"
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [*_as_its_root(), program, "-f", "-C", port, "--iscsi", portal],
                env={**os.environ, SOCKET_VARIABLE: base},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while (pid := self._control.daemon_pid()) is None:
            if self._child.poll() is not None:
                # It may have lost the race against another starter, whose daemon then answers soon.
                deadline = min(deadline, time.monotonic() + 1)
            if time.monotonic() > deadline:
                raise BackendFailed(f"tgtd does not start on control port {port}: see {self._log}.{_hint()}")
            time.sleep(0.01)
        return pid

    def _listen(self) -> None:
        """Open the portals that tgtd does not listen on: it goes on without those that it could not have."""
        listening = tgt_shown.portals(self._control.show("portal"))
        for portal in self._settings.portals:
            if portal in listening:
                continue
            try:
                self._control.ask(Request("new", "portal", words={"portal": portal}))
            except BackendFailed as failed:
                raise BackendFailed(
                    f"tgtd cannot listen on {portal}: is the address this machine's and the port free? "
                    "Set target_ip_address and target_port."
                ) from failed


def _as_its_root() -> list[str]:
    """What goes before the command of a daemon, so that it takes this user for root."""
    return [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--"]


def _hint() -> str:
    if os.geteuid() == 0:
        return ""
    return (
        " Where this machine gives ordinary users no user namespaces (the sysctls user.max_user_namespaces, "
        "kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns), tgtd needs root."
    )
