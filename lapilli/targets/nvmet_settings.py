"""The settings of the targets that nvmet makes."""

from dataclasses import dataclass

from lapilli.model.options import option
from lapilli.targets.portal_settings import PortalSettings

_TRANSPORTS = {"nvmet_tcp": "tcp", "nvmet_rdma": "rdma"}


@dataclass(frozen=True)
class NvmetSettings(PortalSettings):
    """The settings of the targets, named as Cinder names them."""

    target_protocol: str = option(
        "nvmet_tcp", choices=("nvmet_tcp", "nvmet_rdma"), help="How hosts reach the subsystems."
    )
    target_port: int = option(4420, low=1, high=65535, help="Port of the portals.")
    target_prefix: str = option(
        "nqn.2010-10.org.openstack:", help="What the names of the subsystems begin with; `nqn.` is put before others."
    )
    nvmet_port_id: int = option(1, low=1, high=65535, help="Number of the first port that nvmet is given.")
    nvmet_ns_id: int = option(10, low=1, high=1024, help="Number of the namespace in its subsystem.")
    nvmeof_conn_info_version: int = option(
        1, low=1, high=2, help="Form of the connection info; several portals can only be told in form 2."
    )
    nvmet_dhchap_secret: str = option(
        "",
        secret=True,
        help="Hosts must prove a key that is made of this secret and their name (DH-CHAP). Empty: none is asked for.",
    )

    def __post_init__(self) -> None:
        if not self.target_prefix.startswith("nqn."):
            object.__setattr__(self, "target_prefix", f"nqn.{self.target_prefix}")

    @property
    def transport(self) -> str:
        """As nvmet names it."""
        return _TRANSPORTS[self.target_protocol]
