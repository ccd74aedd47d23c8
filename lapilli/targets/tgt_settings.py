"""The settings of the targets that tgt makes."""

from collections.abc import Sequence
from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class TgtSettings:
    """The settings of the targets, named as Cinder names them."""

    target_protocol: str = option("iscsi", choices=("iscsi", "iser"), help="How initiators reach the targets.")
    target_ip_address: str = option("$my_ip", help="Address of the portal.")
    target_port: int = option(3260, low=1, high=65535, help="Port of the portals.")
    target_secondary_ip_addresses: Sequence[str] = option((), help="Addresses of further portals, for multipath.")
    target_prefix: str = option("iqn.2010-10.org.openstack:", help="What the names of the targets begin with.")
    iscsi_write_cache: str = option("on", choices=("on", "off"), help="Whether a write may be answered from memory.")
    iscsi_target_flags: str = option("", help="How tgtd opens the volumes: `sync`, `direct`, or `sync:direct`.")
    tgt_control_port: int = option(
        0, low=0, high=32767, help="Control port of tgtd. 0 is the system's own; another one is started by Lapilli."
    )
    tgt_state_path: str = option("$state_path/tgt", help="Directory of the log and the pid file of our own tgtd.")

    @property
    def portals(self) -> list[str]:
        """`address:port` of each portal, the first one first; IPv6 addresses stand in brackets."""
        addresses = [self.target_ip_address, *self.target_secondary_ip_addresses]
        bare = [address.strip("[]") for address in addresses]
        return [f"[{each}]:{self.target_port}" if ":" in each else f"{each}:{self.target_port}" for each in bare]
