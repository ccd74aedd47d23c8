"""The settings that all targets share: where initiators find them, and what they are called."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class PortalSettings:
    """The settings of the portals, named as Cinder names them."""

    target_protocol: str = option("iscsi", choices=("iscsi", "iser"), help="How initiators reach the targets.")
    target_ip_address: str = option("$my_ip", help="Address of the portal.")
    target_port: int = option(3260, low=1, high=65535, help="Port of the portals.")
    target_secondary_ip_addresses: tuple[str, ...] = option((), help="Addresses of further portals, for multipath.")
    target_prefix: str = option("iqn.2010-10.org.openstack:", help="What the names of the targets begin with.")

    @property
    def addresses(self) -> list[str]:
        """The address of each portal, the first one first; without brackets."""
        return [address.strip("[]") for address in (self.target_ip_address, *self.target_secondary_ip_addresses)]

    @property
    def portals(self) -> list[str]:
        """`address:port` of each portal, the first one first; IPv6 addresses stand in brackets."""
        return [
            f"[{each}]:{self.target_port}" if ":" in each else f"{each}:{self.target_port}" for each in self.addresses
        ]
