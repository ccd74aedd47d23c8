"""The rules that let members of a project change what is in it."""

from lapilli.api.policy.rule import ANYBODY, OWNER, Rule

_MEMBER = "rule:xena_system_admin_or_project_member"


def _member(
    name: str, description: str, *operations: str, before: str | None = OWNER, renamed_from: str | None = None
) -> Rule:
    return Rule(name, _MEMBER, description, operations, before, renamed_from)


MEMBER_RULES = (
    _member("volume:attachment_create", "Create an attachment.", "POST /attachments", before=ANYBODY),
    _member("volume:attachment_update", "Give an attachment its connector.", "PUT /attachments/{attachment_id}"),
    _member("volume:attachment_delete", "Delete an attachment.", "DELETE /attachments/{attachment_id}"),
    _member(
        "volume:attachment_complete",
        "Mark an attachment as in use.",
        "POST /attachments/{attachment_id}/action (os-complete)",
    ),
    _member("volume:multiattach_bootable_volume", "Attach a bootable volume more than once.", "POST /attachments"),
    _member(
        "volume:update_snapshot_metadata",
        "Change the metadata of a snapshot.",
        "POST /snapshots/{snapshot_id}/metadata",
        "PUT /snapshots/{snapshot_id}/metadata/{key}",
    ),
    _member(
        "volume:delete_snapshot_metadata",
        "Delete metadata of a snapshot.",
        "DELETE /snapshots/{snapshot_id}/metadata/{key}",
    ),
    _member("volume:create_snapshot", "Create a snapshot.", "POST /snapshots"),
    _member("volume:update_snapshot", "Change the name or description of a snapshot.", "PUT /snapshots/{snapshot_id}"),
    _member("volume:delete_snapshot", "Delete a snapshot.", "DELETE /snapshots/{snapshot_id}"),
    _member("volume:extend", "Extend a volume.", "POST /volumes/{volume_id}/action (os-extend)"),
    _member(
        "volume:extend_attached_volume",
        "Extend a volume while it is attached.",
        "POST /volumes/{volume_id}/action (os-extend)",
    ),
    _member(
        "volume:revert_to_snapshot",
        "Revert a volume to its latest snapshot.",
        "POST /volumes/{volume_id}/action (revert)",
    ),
    _member("volume:retype", "Change the type of a volume.", "POST /volumes/{volume_id}/action (os-retype)"),
    _member(
        "volume:update_readonly_flag",
        "Make a volume read-only or writable.",
        "POST /volumes/{volume_id}/action (os-update_readonly_flag)",
    ),
    _member(
        "volume:reimage",
        "Write an image over an available or failed volume.",
        "POST /volumes/{volume_id}/action (os-reimage)",
        before=None,
    ),
    _member(
        "volume:reimage_reserved",
        "Write an image over a reserved volume.",
        "POST /volumes/{volume_id}/action (os-reimage)",
        before=None,
    ),
    _member(
        "volume:create_transfer",
        "Offer a volume to another project.",
        "POST /os-volume-transfer",
        "POST /volume-transfers",
    ),
    _member(
        "volume:accept_transfer",
        "Accept a volume that another project offers.",
        "POST /os-volume-transfer/{transfer_id}/accept",
        "POST /volume-transfers/{transfer_id}/accept",
        before=ANYBODY,
    ),
    _member(
        "volume:delete_transfer",
        "Withdraw the offer of a volume.",
        "DELETE /os-volume-transfer/{transfer_id}",
        "DELETE /volume-transfers/{transfer_id}",
    ),
    _member("volume:create_volume_metadata", "Add metadata to a volume.", "POST /volumes/{volume_id}/metadata"),
    _member(
        "volume:update_volume_metadata",
        "Change the metadata of a volume.",
        "PUT /volumes/{volume_id}/metadata",
        "PUT /volumes/{volume_id}/metadata/{key}",
    ),
    _member(
        "volume:delete_volume_metadata", "Delete metadata of a volume.", "DELETE /volumes/{volume_id}/metadata/{key}"
    ),
    _member("volume:create", "Create a volume.", "POST /volumes", before=ANYBODY),
    _member("volume:create_from_image", "Create a volume from an image.", "POST /volumes", before=ANYBODY),
    _member(
        "volume:update",
        "Change the name or description of a volume, or whether it boots.",
        "PUT /volumes/{volume_id}",
        "POST /volumes/{volume_id}/action (os-set_bootable)",
    ),
    _member("volume:delete", "Delete a volume.", "DELETE /volumes/{volume_id}"),
    _member("volume:multiattach", "Create a volume that can be attached more than once.", "POST /volumes"),
    _member("message:delete", "Delete a message.", "DELETE /messages/{message_id}"),
    _member(
        "snapshot_extension:snapshot_actions:update_snapshot_status",
        "Report status and progress of a snapshot that a hypervisor makes.",
        "POST /snapshots/{snapshot_id}/action (os-update_snapshot_status)",
        before=ANYBODY,
    ),
    _member("backup:create", "Create a backup.", "POST /backups", before=ANYBODY),
    _member("backup:update", "Change the name, description or metadata of a backup.", "PUT /backups/{backup_id}"),
    _member("backup:delete", "Delete a backup.", "DELETE /backups/{backup_id}"),
    _member("backup:restore", "Restore a backup.", "POST /backups/{backup_id}/restore"),
    _member("group:create", "Create a group.", "POST /groups", "POST /groups/action (create-from-src)", before=ANYBODY),
    _member("group:update", "Change a group or its volumes.", "PUT /groups/{group_id}"),
    _member("group:create_group_snapshot", "Create a group snapshot.", "POST /group_snapshots", before=ANYBODY),
    _member("group:delete_group_snapshot", "Delete a group snapshot.", "DELETE /group_snapshots/{group_snapshot_id}"),
    _member("group:update_group_snapshot", "Change a group snapshot; no request asks for it."),
    _member("group:delete", "Delete a group.", "POST /groups/{group_id}/action (delete)"),
    _member(
        "group:enable_replication", "Start replicating a group.", "POST /groups/{group_id}/action (enable_replication)"
    ),
    _member(
        "group:disable_replication", "Stop replicating a group.", "POST /groups/{group_id}/action (disable_replication)"
    ),
    _member(
        "group:failover_replication",
        "Fail a group over to its replica.",
        "POST /groups/{group_id}/action (failover_replication)",
    ),
    _member(
        "group:list_replication_targets",
        "List the replication targets of a group.",
        "POST /groups/{group_id}/action (list_replication_targets)",
    ),
    _member(
        "volume_extension:volume_type_access",
        "See whether a volume type is public.",
        "GET /types",
        "GET /types/{type_id}",
        "POST /types",
    ),
    _member(
        "volume_extension:volume_actions:upload_image",
        "Upload a volume as an image.",
        "POST /volumes/{volume_id}/action (os-volume_upload_image)",
    ),
    _member(
        "volume_extension:volume_actions:initialize_connection",
        "Export a volume to a host.",
        "POST /volumes/{volume_id}/action (os-initialize_connection)",
    ),
    _member(
        "volume_extension:volume_actions:terminate_connection",
        "End the export of a volume to a host.",
        "POST /volumes/{volume_id}/action (os-terminate_connection)",
    ),
    _member(
        "volume_extension:volume_actions:roll_detaching",
        "Take back the beginning of a detach.",
        "POST /volumes/{volume_id}/action (os-roll_detaching)",
    ),
    _member(
        "volume_extension:volume_actions:reserve",
        "Reserve a volume for an attachment.",
        "POST /volumes/{volume_id}/action (os-reserve)",
    ),
    _member(
        "volume_extension:volume_actions:unreserve",
        "Take back the reservation of a volume.",
        "POST /volumes/{volume_id}/action (os-unreserve)",
    ),
    _member(
        "volume_extension:volume_actions:begin_detaching",
        "Begin to detach a volume.",
        "POST /volumes/{volume_id}/action (os-begin_detaching)",
    ),
    _member(
        "volume_extension:volume_actions:attach",
        "Record that a volume is attached.",
        "POST /volumes/{volume_id}/action (os-attach)",
    ),
    _member(
        "volume_extension:volume_actions:detach",
        "Record that a volume is detached.",
        "POST /volumes/{volume_id}/action (os-detach)",
    ),
    _member(
        "volume_extension:volume_image_metadata:set",
        "Set image metadata of a volume.",
        "POST /volumes/{volume_id}/action (os-set_image_metadata)",
        renamed_from="volume_extension:volume_image_metadata",
    ),
    _member(
        "volume_extension:volume_image_metadata:remove",
        "Remove image metadata of a volume.",
        "POST /volumes/{volume_id}/action (os-unset_image_metadata)",
        renamed_from="volume_extension:volume_image_metadata",
    ),
)
