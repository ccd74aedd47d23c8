"""A tgtd for crash tests, shared by a session."""

from pathlib import Path

from lapilli.targets import tgt_shown
from lapilli.targets.tgt_control import Answer, Request, TgtControl
from lapilli.targets.tgt_daemon import TgtDaemon
from lapilli.targets.tgt_settings import TgtSettings
from tests.servers.process import free_port


class Tgt:
    """The daemon, on free ports, and the way to it."""

    def __init__(self, directory: Path) -> None:
        port = free_port()
        self.settings = TgtSettings("iscsi", "127.0.0.1", port, tgt_control_port=port, tgt_state_path=str(directory))
        # Known before the first fork, so that no child has to find out how the daemon is spoken to.
        self.control = TgtControl(port, by_socket=True)
        self._daemon = TgtDaemon(self.settings)

    def start(self) -> None:
        self._daemon.ensure()

    def stop(self) -> None:
        self._daemon.stop()
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
