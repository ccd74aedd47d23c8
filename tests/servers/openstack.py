"""The programs of other OpenStack projects that tests run beside Lapilli."""

import os
import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).parents[2] / "scripts/install-openstack.sh"


def place(name: str) -> Path:
    """The virtual environment of `keystone`, `glance` or `tempest`; it is installed if it is not there."""
    subprocess.run([str(_SCRIPT), name], check=True)
    return Path(f"{os.environ.get('LAPILLI_OPENSTACK', '/var/tmp/lapilli')}-{name}")
