"""The policy rules with their defaults, as Cinder 29 names them. A policy file may override each."""

from dataclasses import dataclass

_ADMIN = "rule:admin_api"
_MEMBER = "rule:xena_system_admin_or_project_member"
_READER = "rule:xena_system_admin_or_project_reader"
_OWNER = "rule:admin_or_owner"
_ANYBODY = ""
_ENCRYPTION = "rule:volume_extension:volume_type_encryption"
_PROJECT_ADMIN = "rule:system_or_domain_or_project_admin"


@dataclass(frozen=True)
class Rule:
    """A rule's name, its default check string and what it is about.

    `before` is the default of older releases, which holds beside the new one while `enforce_new_defaults` is false.
    `renamed_from` is an older name: a policy file that overrides only that name still reaches this rule.
    """

    name: str
    check: str
    description: str
    before: str | None = None
    renamed_from: str | None = None


def _reader(name: str, description: str, before: str = _OWNER, renamed_from: str | None = None) -> Rule:
    return Rule(name, _READER, description, before, renamed_from)


def _member(name: str, description: str, before: str | None = _OWNER, renamed_from: str | None = None) -> Rule:
    return Rule(name, _MEMBER, description, before, renamed_from)


def _admin(name: str, description: str, before: str | None = None) -> Rule:
    return Rule(name, _ADMIN, description, before)


def _renamed(name: str, description: str, renamed_from: str) -> Rule:
    return Rule(name, _ADMIN, description, _ADMIN, renamed_from)


BASE_RULES = (
    Rule("context_is_admin", "role:admin", "Who counts as an administrator (`is_admin:True`)."),
    Rule("admin_api", "is_admin:True or (role:admin and is_admin_project:True)", "Administrators."),
    Rule(
        "xena_system_admin_or_project_reader",
        "(role:admin) or (role:reader and project_id:%(project_id)s)",
        "Administrators, and readers of the project.",
    ),
    Rule(
        "xena_system_admin_or_project_member",
        "(role:admin) or (role:member and project_id:%(project_id)s)",
        "Administrators, and members of the project.",
    ),
    Rule(
        "admin_or_owner",
        "is_admin:True or (role:admin and is_admin_project:True) or project_id:%(project_id)s",
        "Administrators, and everybody in the project: the default of old.",
    ),
    Rule(
        "system_or_domain_or_project_admin",
        "(role:admin and system_scope:all) or (role:admin and domain_id:%(domain_id)s)"
        " or (role:admin and project_id:%(project_id)s)",
        "Administrators of the system, the domain or the project: the default of old for default types.",
    ),
)

READER_RULES = (
    _reader("message:get_all", "List messages."),
    _reader("message:get", "Show a message."),
    _reader("volume:get_snapshot_metadata", "Show the metadata of a snapshot."),
    _reader("volume:get_all_snapshots", "List snapshots."),
    _reader("volume:get_snapshot", "Show a snapshot."),
    _reader("volume:get_all_transfers", "List volume transfers."),
    _reader("volume:get_transfer", "Show a volume transfer."),
    _reader("volume:get_volume_metadata", "Show the metadata of a volume."),
    _reader("volume:get", "Show a volume."),
    _reader("volume:get_all", "List volumes, or sum them up."),
    _reader("volume_extension:extended_snapshot_attributes", "See project and progress of a snapshot."),
    _reader("volume_extension:type_get", "Show a volume type.", before=_ANYBODY),
    _reader("volume_extension:type_get_all", "List volume types.", before=_ANYBODY),
    _reader("volume_extension:access_types_extra_specs", "See the extra specs within a volume type.", before=_ADMIN),
    _reader("volume_extension:volume_tenant_attribute", "See the project of a volume."),
    _reader("volume_extension:volume_encryption_metadata", "Show how a volume is encrypted."),
    _reader("backup:get_all", "List backups."),
    _reader("backup:get", "Show a backup."),
    _reader("group:get_all", "List groups."),
    _reader("group:get", "Show a group."),
    _reader("group:get_all_group_snapshots", "List group snapshots."),
    _reader("group:get_group_snapshot", "Show a group snapshot."),
    _reader("volume_extension:quotas:show", "Show the quotas of a project, their use and defaults."),
    _reader("limits_extension:used_limits", "See how much of the limits is used."),
    _reader(
        "volume_extension:volume_image_metadata:show",
        "See the image metadata of a volume.",
        renamed_from="volume_extension:volume_image_metadata",
    ),
    _reader("volume_extension:types_extra_specs:index", "List the extra specs of a volume type.", before=_ANYBODY),
    _reader("volume_extension:types_extra_specs:show", "Show an extra spec of a volume type.", before=_ANYBODY),
)

MEMBER_RULES = (
    _member("volume:attachment_create", "Create an attachment.", before=_ANYBODY),
    _member("volume:attachment_update", "Give an attachment its connector."),
    _member("volume:attachment_delete", "Delete an attachment."),
    _member("volume:attachment_complete", "Mark an attachment as in use."),
    _member("volume:multiattach_bootable_volume", "Attach a bootable volume more than once."),
    _member("volume:update_snapshot_metadata", "Change the metadata of a snapshot."),
    _member("volume:delete_snapshot_metadata", "Delete metadata of a snapshot."),
    _member("volume:create_snapshot", "Create a snapshot."),
    _member("volume:update_snapshot", "Change the name or description of a snapshot."),
    _member("volume:delete_snapshot", "Delete a snapshot."),
    _member("volume:extend", "Extend a volume."),
    _member("volume:extend_attached_volume", "Extend a volume while it is attached."),
    _member("volume:revert_to_snapshot", "Revert a volume to its latest snapshot."),
    _member("volume:retype", "Change the type of a volume."),
    _member("volume:update_readonly_flag", "Make a volume read-only or writable."),
    _member("volume:reimage", "Write an image over an available or failed volume.", before=None),
    _member("volume:reimage_reserved", "Write an image over a reserved volume.", before=None),
    _member("volume:create_transfer", "Offer a volume to another project."),
    _member("volume:accept_transfer", "Accept a volume that another project offers.", before=_ANYBODY),
    _member("volume:delete_transfer", "Withdraw the offer of a volume."),
    _member("volume:create_volume_metadata", "Add metadata to a volume."),
    _member("volume:update_volume_metadata", "Change the metadata of a volume."),
    _member("volume:delete_volume_metadata", "Delete metadata of a volume."),
    _member("volume:create", "Create a volume.", before=_ANYBODY),
    _member("volume:create_from_image", "Create a volume from an image.", before=_ANYBODY),
    _member("volume:update", "Change the name or description of a volume, or whether it boots."),
    _member("volume:delete", "Delete a volume."),
    _member("volume:multiattach", "Create a volume that can be attached more than once."),
    _member("message:delete", "Delete a message."),
    _member(
        "snapshot_extension:snapshot_actions:update_snapshot_status",
        "Report status and progress of a snapshot that a hypervisor makes.",
        before=_ANYBODY,
    ),
    _member("backup:create", "Create a backup.", before=_ANYBODY),
    _member("backup:update", "Change the name, description or metadata of a backup."),
    _member("backup:delete", "Delete a backup."),
    _member("backup:restore", "Restore a backup."),
    _member("group:create", "Create a group.", before=_ANYBODY),
    _member("group:update", "Change a group or its volumes."),
    _member("group:create_group_snapshot", "Create a group snapshot.", before=_ANYBODY),
    _member("group:delete_group_snapshot", "Delete a group snapshot."),
    _member("group:update_group_snapshot", "Change a group snapshot."),
    _member("group:delete", "Delete a group."),
    _member("group:enable_replication", "Start replicating a group."),
    _member("group:disable_replication", "Stop replicating a group."),
    _member("group:failover_replication", "Fail a group over to its replica."),
    _member("group:list_replication_targets", "List the replication targets of a group."),
    _member("volume_extension:volume_type_access", "See whether a volume type is public."),
    _member("volume_extension:volume_actions:upload_image", "Upload a volume as an image."),
    _member("volume_extension:volume_actions:initialize_connection", "Export a volume to a host."),
    _member("volume_extension:volume_actions:terminate_connection", "End the export of a volume to a host."),
    _member("volume_extension:volume_actions:roll_detaching", "Take back the beginning of a detach."),
    _member("volume_extension:volume_actions:reserve", "Reserve a volume for an attachment."),
    _member("volume_extension:volume_actions:unreserve", "Take back the reservation of a volume."),
    _member("volume_extension:volume_actions:begin_detaching", "Begin to detach a volume."),
    _member("volume_extension:volume_actions:attach", "Record that a volume is attached."),
    _member("volume_extension:volume_actions:detach", "Record that a volume is detached."),
    _member(
        "volume_extension:volume_image_metadata:set",
        "Set image metadata of a volume.",
        renamed_from="volume_extension:volume_image_metadata",
    ),
    _member(
        "volume_extension:volume_image_metadata:remove",
        "Remove image metadata of a volume.",
        renamed_from="volume_extension:volume_image_metadata",
    ),
)

ADMIN_RULES = (
    _admin("clusters:get_all", "List clusters."),
    _admin("clusters:get", "Show a cluster."),
    _admin("clusters:update", "Enable or disable a cluster."),
    _admin("workers:cleanup", "Clean up after services that died."),
    _admin("volume_extension:snapshot_admin_actions:reset_status", "Set the status of a snapshot by hand."),
    _admin("volume_extension:snapshot_admin_actions:force_delete", "Delete a snapshot in any status."),
    _admin("snapshot_extension:list_manageable", "List existing snapshots that can be managed."),
    _admin("snapshot_extension:snapshot_manage", "Manage an existing snapshot."),
    _admin("snapshot_extension:snapshot_unmanage", "Stop managing a snapshot, and leave it on its storage."),
    _admin("backup:backup_project_attribute", "See the project of a backup."),
    _admin("backup:backup-import", "Import the record of a backup."),
    _admin("backup:export-import", "Export the record of a backup."),
    _admin("volume_extension:backup_admin_actions:reset_status", "Set the status of a backup by hand."),
    _admin("volume_extension:backup_admin_actions:force_delete", "Delete a backup in any status."),
    _admin("group:group_project_attribute", "See the project of a group."),
    _admin("group:access_group_types_specs", "See the specs within a group type."),
    _admin("group:group_snapshot_project_attribute", "See the project of a group snapshot."),
    _admin("group:reset_group_snapshot_status", "Set the status of a group snapshot by hand."),
    _admin("group:reset_status", "Set the status of a group by hand."),
    _renamed("group:group_types:create", "Create a group type.", "group:group_types_manage"),
    _renamed("group:group_types:update", "Change a group type.", "group:group_types_manage"),
    _renamed("group:group_types:delete", "Delete a group type.", "group:group_types_manage"),
    _renamed("group:group_types_specs:get", "Show a spec of a group type.", "group:group_types_specs"),
    _renamed("group:group_types_specs:get_all", "List the specs of a group type.", "group:group_types_specs"),
    _renamed("group:group_types_specs:create", "Add specs to a group type.", "group:group_types_specs"),
    _renamed("group:group_types_specs:update", "Change a spec of a group type.", "group:group_types_specs"),
    _renamed("group:group_types_specs:delete", "Delete a spec of a group type.", "group:group_types_specs"),
    _admin("volume_extension:qos_specs_manage:get_all", "List QoS specs and what they are associated with."),
    _admin("volume_extension:qos_specs_manage:get", "Show QoS specs."),
    _admin("volume_extension:qos_specs_manage:create", "Create QoS specs."),
    _admin("volume_extension:qos_specs_manage:update", "Change QoS specs and what they are associated with."),
    _admin("volume_extension:qos_specs_manage:delete", "Delete QoS specs or keys of them."),
    _renamed("volume_extension:quota_classes:get", "Show a quota class.", "volume_extension:quota_classes"),
    _renamed("volume_extension:quota_classes:update", "Change a quota class.", "volume_extension:quota_classes"),
    _admin("volume_extension:quotas:update", "Change the quotas of a project."),
    _admin("volume_extension:quotas:delete", "Return the quotas of a project to the defaults."),
    _admin("volume_extension:capabilities", "Show the capabilities of a backend."),
    _admin("volume_extension:hosts", "List, show and change hosts."),
    _admin("volume_extension:list_manageable", "List existing volumes that can be managed."),
    _admin("volume_extension:volume_manage", "Manage an existing volume."),
    _admin("volume_extension:volume_unmanage", "Stop managing a volume, and leave it on its storage."),
    _renamed("volume_extension:type_create", "Create a volume type.", "volume_extension:types_manage"),
    _renamed("volume_extension:type_update", "Change a volume type.", "volume_extension:types_manage"),
    _renamed("volume_extension:type_delete", "Delete a volume type.", "volume_extension:types_manage"),
    _admin("volume_extension:access_types_qos_specs_id", "See the QoS specs within a volume type."),
    _admin("volume_extension:volume_type_encryption", "The parent of the four rules below; guards nothing itself."),
    _admin("volume_extension:volume_type_encryption:create", "Encrypt a volume type.", before=_ENCRYPTION),
    _admin("volume_extension:volume_type_encryption:get", "Show a type's encryption.", before=_ENCRYPTION),
    _admin("volume_extension:volume_type_encryption:update", "Change a type's encryption.", before=_ENCRYPTION),
    _admin("volume_extension:volume_type_encryption:delete", "End a type's encryption.", before=_ENCRYPTION),
    _admin("volume_extension:volume_host_attribute", "See where a volume lies."),
    _admin("volume_extension:volume_mig_status_attribute", "See whether a volume is migrating."),
    _admin("volume_extension:default_set_or_update", "Set a project's default type.", before=_PROJECT_ADMIN),
    _admin("volume_extension:default_get", "Show a project's default type.", before=_PROJECT_ADMIN),
    _admin("volume_extension:default_get_all", "List default types.", before="role:admin and system_scope:all"),
    _admin("volume_extension:default_unset", "Unset a project's default type.", before=_PROJECT_ADMIN),
    _admin("volume_extension:services:index", "List services."),
    _admin("volume_extension:services:update", "Enable, disable, freeze, thaw and fail over services; set log levels."),
    _admin("volume:freeze_host", "Freeze a backend."),
    _admin("volume:thaw_host", "Thaw a backend."),
    _admin("volume:failover_host", "Fail a backend over to its replica."),
    _admin("volume:update_volume_admin_metadata", "Change the metadata that only administrators see."),
    _admin("volume:force_delete", "Delete a volume in any status, by DELETE."),
    _admin("scheduler_extension:scheduler_stats:get_pools", "List the pools."),
    _admin("volume_extension:volume_type_access:addProjectAccess", "Let a project use a private volume type."),
    _admin("volume_extension:volume_type_access:removeProjectAccess", "Stop a project using a private volume type."),
    _admin("volume_extension:volume_type_access:get_all_for_type", "List who may use a private volume type."),
    _admin("volume_extension:volume_admin_actions:extend_volume_completion", "Report the end of an extend."),
    _admin("volume_extension:volume_admin_actions:reset_status", "Set the status of a volume by hand."),
    _admin("volume_extension:volume_admin_actions:force_delete", "Delete a volume in any status, by action."),
    _admin("volume_extension:volume_admin_actions:force_detach", "Detach a volume in any status."),
    _admin("volume_extension:volume_admin_actions:migrate_volume", "Migrate a volume to another pool."),
    _admin("volume_extension:volume_admin_actions:migrate_volume_completion", "Report the end of a migration."),
    _admin("volume_extension:volume_actions:upload_public", "Upload a volume as a public image."),
    _admin("volume_extension:types_extra_specs:create", "Add extra specs to a volume type."),
    _admin("volume_extension:types_extra_specs:read_sensitive", "See extra specs that tell about the deployment."),
    _admin("volume_extension:types_extra_specs:update", "Change an extra spec of a volume type."),
    _admin("volume_extension:types_extra_specs:delete", "Delete an extra spec of a volume type."),
)

RULES = BASE_RULES + READER_RULES + MEMBER_RULES + ADMIN_RULES
