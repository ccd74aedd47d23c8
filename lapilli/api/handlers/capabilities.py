"""What a backend can do, for those who write volume types."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.request import Reply, Request
from lapilli.db import pools
from lapilli.model.errors import NotFound
from lapilli.operations.placement import capabilities

_PROPERTIES: Final[Mapping[str, tuple[str, str, str]]] = {
    "thin_provisioning": ("thin_provisioning_support", "Thin Provisioning", "Volumes take space as they are written."),
    "compression": ("compression", "Compression", "Volumes are compressed."),
    "qos": ("QoS_support", "QoS", "The backend limits the rate of volumes itself."),
    "replication_enabled": ("replication_enabled", "Replication", "Volumes are kept on another backend too."),
    "multiattach": ("multiattach", "Multiattach", "A volume can be attached to several servers."),
}
"""Property of a type → the capability it asks for, its title and what it means."""


def show(request: Request, host: str) -> Reply:
    """Show what the backend `host@backend` (or a cluster) told of itself."""
    request.enforce("volume_extension:capabilities")
    name = host.partition("#")[0]
    with request.around.db.read() as tx:
        row = next((each for each in pools.list_all(tx) if name in {each.service, each.cluster_name}), None)
    if row is None:
        raise NotFound("Backend", host)
    told = capabilities(row)
    protocol = told.get("storage_protocol")
    return Reply(
        {
            "namespace": f"OS::Storage::Capabilities::{name}",
            "vendor_name": told.get("vendor_name"),
            "volume_backend_name": told.get("volume_backend_name"),
            "pool_name": told.get("pool_name"),
            "driver_version": told.get("driver_version"),
            "storage_protocol": protocol[0] if isinstance(protocol, list) else protocol,
            "display_name": told.get("display_name"),
            "description": told.get("description"),
            "visibility": told.get("visibility", "public"),
            "replication_targets": told.get("replication_targets", []),
            "properties": {
                name: {"title": title, "description": words, "type": "boolean", "default": bool(told.get(capability))}
                for name, (capability, title, words) in _PROPERTIES.items()
            },
        }
    )
