"""The settings of the targets that LIO makes."""

from dataclasses import dataclass

from lapilli.model.options import option
from lapilli.targets.portal_settings import PortalSettings


@dataclass(frozen=True)
class LioSettings(PortalSettings):
    """The settings of the targets, named as Cinder names them."""

    iscsi_write_cache: str = option("on", choices=("on", "off"), help="Whether a write may be answered from memory.")
