"""Every route: method, path, who answers, with what status, from which microversion, for which bodies."""

from typing import Final

from lapilli.api.routes import (
    attachments,
    backups,
    group_types,
    groups,
    manageable,
    operators,
    projects,
    snapshots,
    transfers,
    types,
    volumes,
)

ROUTES: Final = (
    *volumes.ROUTES,
    *snapshots.ROUTES,
    *attachments.ROUTES,
    *backups.ROUTES,
    *transfers.ROUTES,
    *manageable.ROUTES,
    *types.ROUTES,
    *group_types.ROUTES,
    *groups.ROUTES,
    *projects.ROUTES,
    *operators.ROUTES,
)
