"""What every backend's section says, whatever its driver."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lapilli.model.options import option


@dataclass(frozen=True)
class BackendSettings:
    """The options of a backend's section that belong to no driver and no target."""

    volume_driver: str = option(
        "cinder.volume.drivers.lvm.LVMVolumeDriver", help="Driver of the storage, by name or by Cinder's class path."
    )
    volume_backend_name: str | None = option(
        None, help="The name that volume types ask for; several backends may share it. Without it, the section's name."
    )
    backend_host: str | None = option(None, help="Replaces `host` for this backend.")
    backend_availability_zone: str | None = option(None, help="Replaces `storage_availability_zone` for this backend.")
    target_helper: str = option("tgtadm", help="Driver of the targets, by name or by the helper's name in Cinder.")
    use_chap_auth: bool = option(False, help="Take the credentials below instead of new ones for each volume.")
    chap_username: str = option("", help="User name of all the backend's targets.")
    chap_password: str = option("", secret=True, help="Password of all the backend's targets.")
    extra_capabilities: Mapping[str, Any] = option(
        "{}", help="Further facts for volume types and expressions, as a JSON object."
    )
    image_volume_cache_enabled: bool = option(
        False, help="Keep a volume of each image that is asked for, to be cloned. Needs the internal tenant."
    )
    image_volume_cache_max_size_gb: int = option(0, low=0, help="GiB of all such volumes; 0 is no limit.")
    image_volume_cache_max_count: int = option(0, low=0, help="How many such volumes are kept; 0 is no limit.")
    report_discard_supported: bool = option(False, help="Tell hosts that the volumes take discards.")
