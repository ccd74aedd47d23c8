"""The settings of the targets that tgt makes."""

import os
from dataclasses import dataclass

from lapilli.model.options import option
from lapilli.targets.portal_settings import PortalSettings
from lapilli.targets.tgt_control import ROOTS_SOCKET


@dataclass(frozen=True)
class TgtSettings(PortalSettings):
    """The settings of the targets, named as Cinder names them."""

    iscsi_write_cache: str = option("on", choices=("on", "off"), help="Whether a write may be answered from memory.")
    iscsi_target_flags: str = option("", help="How tgtd opens the volumes: `sync`, `direct`, or `sync:direct`.")
    tgt_control_port: int = option(
        0, low=0, high=32767, help="Control port of tgtd. 0 is the system's own; another one is started by Lapilli."
    )
    tgt_state_path: str = option(
        "$state_path/tgt",
        help="Directory of the log and the pid file of our own tgtd, and of its socket if it is not root's.",
    )

    @property
    def socket_base(self) -> str:
        """The path of tgtd's control socket, less the dot and the control port."""
        is_ordinary = self.tgt_control_port and os.geteuid() != 0
        return f"{self.tgt_state_path}/socket" if is_ordinary else ROOTS_SOCKET
