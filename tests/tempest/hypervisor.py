"""nova-compute with its fake hypervisor, which is given the name of an iSCSI initiator: its own, `fake`, is none.

It runs in Nova's virtual environment.
"""

from typing import Any

from nova.cmd import compute
from nova.virt import fake


class Hypervisor(fake.MediumFakeDriver):  # type: ignore[misc]
    def get_volume_connector(self, instance: Any) -> dict[str, Any]:
        return {**super().get_volume_connector(instance), "initiator": "iqn.2026-11.org.example:compute"}


# Nova looks for drivers inside its own package.
fake.Hypervisor = Hypervisor
compute.main()
