"""A tgtd for crash tests, shared by a session. It dies with the tests, however they end."""

import subprocess
import time
from pathlib import Path

from lapilli.targets import tgt_shown
from lapilli.targets.tgt_control import Answer, Request, TgtControl
from lapilli.targets.tgt_settings import TgtSettings
from tests.servers.process import find_program, free_port

_STARTS_WITHIN_S = 20


class Tgt:
    """The daemon, on free ports, and the way to it."""

    def __init__(self) -> None:
        port = free_port()
        self.settings = TgtSettings("iscsi", "127.0.0.1", port, tgt_control_port=port)
        # Told, so that no child has to find out how the daemon is spoken to.
        self.control = TgtControl(port, by_socket=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        Path("/var/run/tgtd").mkdir(exist_ok=True)
        port = str(self.settings.tgt_control_port)
        daemon = [find_program("tgtd"), "-f", "-C", port, "--iscsi", f"portal={self.settings.portals[0]}"]
        self._process = subprocess.Popen(["setpriv", "--pdeathsig=KILL", "--", *daemon], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while self.control.daemon_pid() is None:
            assert self._process.poll() is None, "tgtd has ended"
            assert time.monotonic() < deadline, "tgtd does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        remove_socket(self.settings.tgt_control_port)

    def clear(self) -> None:
        """No target, no account."""
        for target in tgt_shown.targets(self.control.show("target")):
            self.control.ask(Request("delete", "target", target.tid, force=True))
        for user in self.control.show("account").split()[2:]:
            self.control.ask(Request("delete", "account", words={"user": user}), Answer.NO_ACCOUNT)

    def shown(self) -> str:
        """All that the daemon has to say of its targets and accounts."""
        return self.control.show("target") + self.control.show("account")


def remove_socket(control_port: int) -> None:
    """Delete what a killed tgtd leaves of its control port."""
    for end in ("", ".lock"):
        Path(f"/var/run/tgtd/socket.{control_port}{end}").unlink(missing_ok=True)
