"""All scenarios, by family."""

from collections.abc import Mapping, Sequence

from tests.differential.scenario import Scenario
from tests.differential.scenarios import (
    attachments,
    backups,
    groups,
    negotiation,
    quotas,
    services,
    snapshots,
    transfers,
    types,
    volume_actions,
    volumes,
)

FAMILIES: Mapping[str, Sequence[Scenario]] = {
    "attachments": attachments.SCENARIOS,
    "backups": backups.SCENARIOS,
    "groups": groups.SCENARIOS,
    "managing": transfers.MANAGING,
    "negotiation": negotiation.SCENARIOS,
    "quotas": quotas.SCENARIOS,
    "services": services.SCENARIOS,
    "snapshots": snapshots.SCENARIOS,
    "transfers": transfers.SCENARIOS,
    "types": types.SCENARIOS,
    "volume_actions": volume_actions.SCENARIOS,
    "volumes": volumes.SCENARIOS,
}
