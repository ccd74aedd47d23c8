"""The rules that let readers of a project see what is in it."""

from lapilli.api.policy.rule import ADMIN, ANYBODY, OWNER, Rule

_READER = "rule:xena_system_admin_or_project_reader"


def _reader(
    name: str, description: str, *operations: str, before: str = OWNER, renamed_from: str | None = None
) -> Rule:
    return Rule(name, _READER, description, operations, before, renamed_from)


READER_RULES = (
    _reader("message:get_all", "List messages.", "GET /messages"),
    _reader("message:get", "Show a message.", "GET /messages/{message_id}"),
    _reader(
        "volume:get_snapshot_metadata",
        "Show the metadata of a snapshot.",
        "GET /snapshots/{snapshot_id}/metadata",
        "GET /snapshots/{snapshot_id}/metadata/{key}",
    ),
    _reader("volume:get_all_snapshots", "List snapshots.", "GET /snapshots", "GET /snapshots/detail"),
    _reader("volume:get_snapshot", "Show a snapshot.", "GET /snapshots/{snapshot_id}"),
    _reader(
        "volume:get_all_transfers",
        "List volume transfers.",
        "GET /os-volume-transfer",
        "GET /os-volume-transfer/detail",
        "GET /volume-transfers",
        "GET /volume-transfers/detail",
    ),
    _reader(
        "volume:get_transfer",
        "Show a volume transfer.",
        "GET /os-volume-transfer/{transfer_id}",
        "GET /volume-transfers/{transfer_id}",
    ),
    _reader(
        "volume:get_volume_metadata",
        "Show the metadata of a volume.",
        "GET /volumes/{volume_id}/metadata",
        "GET /volumes/{volume_id}/metadata/{key}",
        "POST /volumes/{volume_id}/action (os-show_image_metadata)",
    ),
    _reader("volume:get", "Show a volume.", "GET /volumes/{volume_id}"),
    _reader(
        "volume:get_all", "List volumes, or sum them up.", "GET /volumes", "GET /volumes/detail", "GET /volumes/summary"
    ),
    _reader(
        "volume_extension:extended_snapshot_attributes",
        "See project and progress of a snapshot.",
        "GET /snapshots/{snapshot_id}",
        "GET /snapshots/detail",
    ),
    _reader("volume_extension:type_get", "Show a volume type.", "GET /types/{type_id}", before=ANYBODY),
    _reader("volume_extension:type_get_all", "List volume types.", "GET /types", before=ANYBODY),
    _reader(
        "volume_extension:access_types_extra_specs",
        "See the extra specs within a volume type.",
        "GET /types/{type_id}",
        "GET /types",
        before=ADMIN,
    ),
    _reader(
        "volume_extension:volume_tenant_attribute",
        "See the project of a volume.",
        "GET /volumes/{volume_id}",
        "GET /volumes/detail",
    ),
    _reader(
        "volume_extension:volume_encryption_metadata",
        "Show how a volume is encrypted.",
        "GET /volumes/{volume_id}/encryption",
        "GET /volumes/{volume_id}/encryption/{key}",
    ),
    _reader("backup:get_all", "List backups.", "GET /backups", "GET /backups/detail"),
    _reader("backup:get", "Show a backup.", "GET /backups/{backup_id}"),
    _reader("group:get_all", "List groups.", "GET /groups", "GET /groups/detail"),
    _reader("group:get", "Show a group.", "GET /groups/{group_id}"),
    _reader(
        "group:get_all_group_snapshots", "List group snapshots.", "GET /group_snapshots", "GET /group_snapshots/detail"
    ),
    _reader("group:get_group_snapshot", "Show a group snapshot.", "GET /group_snapshots/{group_snapshot_id}"),
    _reader(
        "volume_extension:quotas:show",
        "Show the quotas of a project, their use and defaults.",
        "GET /os-quota-sets/{project_id}",
        "GET /os-quota-sets/{project_id}/defaults",
    ),
    _reader("limits_extension:used_limits", "See how much of the limits is used.", "GET /limits"),
    _reader(
        "volume_extension:volume_image_metadata:show",
        "See the image metadata of a volume.",
        "GET /volumes/detail",
        "GET /volumes/{volume_id}",
        renamed_from="volume_extension:volume_image_metadata",
    ),
    _reader(
        "volume_extension:types_extra_specs:index",
        "List the extra specs of a volume type.",
        "GET /types/{type_id}/extra_specs",
        before=ANYBODY,
    ),
    _reader(
        "volume_extension:types_extra_specs:show",
        "Show an extra spec of a volume type.",
        "GET /types/{type_id}/extra_specs/{key}",
        before=ANYBODY,
    ),
)
