"""The portals, as a configuration file names them."""

from pathlib import Path

import pytest

from lapilli.settings.settings import load
from lapilli.targets.lio_settings import LioSettings
from lapilli.targets.portal_settings import PortalSettings

CONFIG = """\
[DEFAULT]
my_ip = 192.0.2.1
[lvm]
target_secondary_ip_addresses = 192.0.2.2, [2001:db8::3]
"""


@pytest.mark.parametrize("kind", [PortalSettings, LioSettings])
def test_further_portals_are_read_from_a_file(kind: type[PortalSettings], tmp_path: Path) -> None:
    """The address of this machine is the first."""
    path = tmp_path / "cinder.conf"
    path.write_text(CONFIG)
    settings = load(path, {})
    portals = settings.backend("lvm", kind).portals
    settings.check()
    assert portals == ["192.0.2.1:3260", "192.0.2.2:3260", "[2001:db8::3]:3260"]
