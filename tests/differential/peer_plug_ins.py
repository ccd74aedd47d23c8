"""What real Cinder is given in place of storage: a volume driver and a backup manager that move no bytes."""

import io
from typing import Any

from cinder.backup import manager
from cinder.tests import fake_driver

from tests.differential.stage import BACKENDS


class Driver(fake_driver.FakeLoggingVolumeDriver):
    """Upstream's driver without data, with the capacities and abilities that the other side's has."""

    def _update_volume_stats(self) -> None:
        name = self.configuration.safe_get("volume_backend_name")
        self.backend_name = name
        pool = {
            "pool_name": name,
            "total_capacity_gb": BACKENDS[name],
            "free_capacity_gb": BACKENDS[name],
            "allocated_capacity_gb": 0,
            "provisioned_capacity_gb": 0,
            "max_over_subscription_ratio": "20.0",
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "reserved_percentage": 0,
            "QoS_support": False,
            "multiattach": True,
            "consistent_group_snapshot_enabled": True,
            "online_extend_support": True,
            "filter_function": None,
            "goodness_function": None,
        }
        common = {"volume_backend_name": name, "vendor_name": "x", "driver_version": "1", "storage_protocol": "iSCSI"}
        self._stats = {**common, "pools": [pool]}

    def initialize_connection(self, volume: Any, connector: Any) -> Any:
        del connector
        name = f"iqn.2010-10.org.openstack:volume-{volume.id}"
        data = {"target_discovered": False, "target_iqn": name, "target_lun": 1, "multipath": False}
        return {"driver_volume_type": "iscsi", "data": {**data, "volume_id": volume.id}}

    def copy_image_to_volume(self, *_any: Any, **_more: Any) -> None:
        """Nothing to copy."""

    def clone_image(self, *_any: Any) -> Any:
        return None, False

    def copy_volume_to_image(self, context: Any, _volume: Any, image_service: Any, image_meta: Any) -> None:
        image_service.update(context, image_meta["id"], {}, io.BytesIO(b"\0" * 512))

    def revert_to_snapshot(self, *_any: Any) -> None:
        """Nothing to revert."""

    def manage_existing(self, *_any: Any, **_more: Any) -> None:
        """Nothing to adopt."""

    def manage_existing_get_size(self, *_any: Any, **_more: Any) -> int:
        return 1

    manage_existing_snapshot = manage_existing
    manage_existing_snapshot_get_size = manage_existing_get_size

    def unmanage(self, *_any: Any, **_more: Any) -> None:
        """Nothing to leave."""

    unmanage_snapshot = unmanage

    def get_manageable_volumes(self, *_any: Any, **_more: Any) -> list[Any]:
        return []

    get_manageable_snapshots = get_manageable_volumes

    def retype(self, *_any: Any) -> Any:
        return True, None

    def migrate_volume(self, *_any: Any) -> Any:
        return True, None

    def update_migrated_volume(self, *_any: Any) -> Any:
        return {}

    def create_group(self, *_any: Any) -> Any:
        return {"status": "available"}

    def delete_group(self, _context: Any, _group: Any, volumes: Any) -> Any:
        return {"status": "deleted"}, [{"id": volume.id, "status": "deleted"} for volume in volumes]

    def update_group(self, *_any: Any, **_more: Any) -> Any:
        return None, None, None

    def create_group_from_src(self, *_any: Any, **_more: Any) -> Any:
        return None, None

    def create_group_snapshot(self, _context: Any, _group: Any, snapshots: Any) -> Any:
        return {"status": "available"}, [{"id": one.id, "status": "available"} for one in snapshots]

    def delete_group_snapshot(self, _context: Any, _group: Any, snapshots: Any) -> Any:
        return {"status": "deleted"}, [{"id": one.id, "status": "deleted"} for one in snapshots]


class BackupManager(manager.BackupManager):
    """Upstream's, but the bytes of every volume are an empty file."""

    def _attach_device(self, *_any: Any, **_more: Any) -> Any:
        return {"device": {"path": io.BytesIO()}}

    def _detach_device(self, *_any: Any, **_more: Any) -> None:
        """Nothing to detach."""
