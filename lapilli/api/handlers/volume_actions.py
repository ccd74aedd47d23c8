"""`POST /volumes/{id}/action`: every action on volumes, from the modules that do them."""

from typing import Final

from lapilli.api.actions import Actions
from lapilli.api.handlers import volume_attaching, volume_changes, volume_images, volume_management, volume_migration

ACTIONS: Final = Actions(
    {
        **volume_attaching.ACTIONS,
        **volume_changes.ACTIONS,
        **volume_images.ACTIONS,
        **volume_management.ACTIONS,
        **volume_migration.ACTIONS,
    }
)
