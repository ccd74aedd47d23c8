"""The rules that are for administrators."""

from lapilli.api.policy.rule import ADMIN, Rule

_ENCRYPTION = "rule:volume_extension:volume_type_encryption"
_PROJECT_ADMIN = "rule:system_or_domain_or_project_admin"


def _admin(
    name: str, description: str, *operations: str, before: str | None = None, renamed_from: str | None = None
) -> Rule:
    return Rule(name, ADMIN, description, operations, before, renamed_from)


ADMIN_RULES = (
    _admin("clusters:get_all", "List clusters.", "GET /clusters", "GET /clusters/detail"),
    _admin("clusters:get", "Show a cluster.", "GET /clusters/{name}"),
    _admin("clusters:update", "Enable or disable a cluster.", "PUT /clusters/enable", "PUT /clusters/disable"),
    _admin("workers:cleanup", "Clean up after services that died.", "POST /workers/cleanup"),
    _admin(
        "volume_extension:snapshot_admin_actions:reset_status",
        "Set the status of a snapshot by hand.",
        "POST /snapshots/{snapshot_id}/action (os-reset_status)",
    ),
    _admin(
        "volume_extension:snapshot_admin_actions:force_delete",
        "Delete a snapshot in any status.",
        "POST /snapshots/{snapshot_id}/action (os-force_delete)",
    ),
    _admin(
        "snapshot_extension:list_manageable",
        "List existing snapshots that can be managed.",
        "GET /manageable_snapshots",
        "GET /manageable_snapshots/detail",
    ),
    _admin("snapshot_extension:snapshot_manage", "Manage an existing snapshot.", "POST /manageable_snapshots"),
    _admin(
        "snapshot_extension:snapshot_unmanage",
        "Stop managing a snapshot, and leave it on its storage.",
        "POST /snapshots/{snapshot_id}/action (os-unmanage)",
    ),
    _admin(
        "backup:backup_project_attribute",
        "See the project of a backup.",
        "GET /backups/{backup_id}",
        "GET /backups/detail",
    ),
    _admin("backup:backup-import", "Import the record of a backup.", "POST /backups/import_record"),
    _admin("backup:export-import", "Export the record of a backup.", "GET /backups/{backup_id}/export_record"),
    _admin(
        "volume_extension:backup_admin_actions:reset_status",
        "Set the status of a backup by hand.",
        "POST /backups/{backup_id}/action (os-reset_status)",
    ),
    _admin(
        "volume_extension:backup_admin_actions:force_delete",
        "Delete a backup in any status.",
        "POST /backups/{backup_id}/action (os-force_delete)",
    ),
    _admin(
        "group:group_project_attribute", "See the project of a group.", "GET /groups/{group_id}", "GET /groups/detail"
    ),
    _admin("group:access_group_types_specs", "See the specs within a group type.", "GET /group_types/{group_type_id}"),
    _admin(
        "group:group_snapshot_project_attribute",
        "See the project of a group snapshot.",
        "GET /group_snapshots/{group_snapshot_id}",
        "GET /group_snapshots/detail",
    ),
    _admin(
        "group:reset_group_snapshot_status",
        "Set the status of a group snapshot by hand.",
        "POST /group_snapshots/{group_snapshot_id}/action (reset_status)",
    ),
    _admin("group:reset_status", "Set the status of a group by hand.", "POST /groups/{group_id}/action (reset_status)"),
    _admin(
        "group:group_types:create",
        "Create a group type.",
        "POST /group_types",
        renamed_from="group:group_types_manage",
        before=ADMIN,
    ),
    _admin(
        "group:group_types:update",
        "Change a group type.",
        "PUT /group_types/{group_type_id}",
        renamed_from="group:group_types_manage",
        before=ADMIN,
    ),
    _admin(
        "group:group_types:delete",
        "Delete a group type.",
        "DELETE /group_types/{group_type_id}",
        renamed_from="group:group_types_manage",
        before=ADMIN,
    ),
    _admin(
        "group:group_types_specs:get",
        "Show a spec of a group type.",
        "GET /group_types/{group_type_id}/group_specs/{key}",
        renamed_from="group:group_types_specs",
        before=ADMIN,
    ),
    _admin(
        "group:group_types_specs:get_all",
        "List the specs of a group type.",
        "GET /group_types/{group_type_id}/group_specs",
        renamed_from="group:group_types_specs",
        before=ADMIN,
    ),
    _admin(
        "group:group_types_specs:create",
        "Add specs to a group type.",
        "POST /group_types/{group_type_id}/group_specs",
        renamed_from="group:group_types_specs",
        before=ADMIN,
    ),
    _admin(
        "group:group_types_specs:update",
        "Change a spec of a group type.",
        "PUT /group_types/{group_type_id}/group_specs/{key}",
        renamed_from="group:group_types_specs",
        before=ADMIN,
    ),
    _admin(
        "group:group_types_specs:delete",
        "Delete a spec of a group type.",
        "DELETE /group_types/{group_type_id}/group_specs/{key}",
        renamed_from="group:group_types_specs",
        before=ADMIN,
    ),
    _admin(
        "volume_extension:qos_specs_manage:get_all",
        "List QoS specs and what they are associated with.",
        "GET /qos-specs",
        "GET /qos-specs/{qos_id}/associations",
    ),
    _admin("volume_extension:qos_specs_manage:get", "Show QoS specs.", "GET /qos-specs/{qos_id}"),
    _admin("volume_extension:qos_specs_manage:create", "Create QoS specs.", "POST /qos-specs"),
    _admin(
        "volume_extension:qos_specs_manage:update",
        "Change QoS specs and what they are associated with.",
        "PUT /qos-specs/{qos_id}",
        "GET /qos-specs/{qos_id}/disassociate_all",
        "GET /qos-specs/{qos_id}/associate",
        "GET /qos-specs/{qos_id}/disassociate",
    ),
    _admin(
        "volume_extension:qos_specs_manage:delete",
        "Delete QoS specs or keys of them.",
        "DELETE /qos-specs/{qos_id}",
        "PUT /qos-specs/{qos_id}/delete_keys",
    ),
    _admin(
        "volume_extension:quota_classes:get",
        "Show a quota class.",
        "GET /os-quota-class-sets/{class_name}",
        renamed_from="volume_extension:quota_classes",
        before=ADMIN,
    ),
    _admin(
        "volume_extension:quota_classes:update",
        "Change a quota class.",
        "PUT /os-quota-class-sets/{class_name}",
        renamed_from="volume_extension:quota_classes",
        before=ADMIN,
    ),
    _admin("volume_extension:quotas:update", "Change the quotas of a project.", "PUT /os-quota-sets/{project_id}"),
    _admin(
        "volume_extension:quotas:delete",
        "Return the quotas of a project to the defaults.",
        "DELETE /os-quota-sets/{project_id}",
    ),
    _admin("volume_extension:capabilities", "Show the capabilities of a backend.", "GET /capabilities/{host_name}"),
    _admin(
        "volume_extension:hosts",
        "List, show and change hosts.",
        "GET /os-hosts",
        "GET /os-hosts/{host_name}",
        "PUT /os-hosts/{host_name}",
    ),
    _admin(
        "volume_extension:list_manageable",
        "List existing volumes that can be managed.",
        "GET /manageable_volumes",
        "GET /manageable_volumes/detail",
    ),
    _admin("volume_extension:volume_manage", "Manage an existing volume.", "POST /manageable_volumes"),
    _admin(
        "volume_extension:volume_unmanage",
        "Stop managing a volume, and leave it on its storage.",
        "POST /volumes/{volume_id}/action (os-unmanage)",
    ),
    _admin(
        "volume_extension:type_create",
        "Create a volume type.",
        "POST /types",
        renamed_from="volume_extension:types_manage",
        before=ADMIN,
    ),
    _admin(
        "volume_extension:type_update",
        "Change a volume type.",
        "PUT /types/{type_id}",
        renamed_from="volume_extension:types_manage",
        before=ADMIN,
    ),
    _admin(
        "volume_extension:type_delete",
        "Delete a volume type.",
        "DELETE /types/{type_id}",
        renamed_from="volume_extension:types_manage",
        before=ADMIN,
    ),
    _admin(
        "volume_extension:access_types_qos_specs_id",
        "See the QoS specs within a volume type.",
        "GET /types/{type_id}",
        "GET /types",
    ),
    _admin("volume_extension:volume_type_encryption", "The parent of the four rules below; guards nothing itself."),
    _admin(
        "volume_extension:volume_type_encryption:create",
        "Encrypt a volume type.",
        "POST /types/{type_id}/encryption",
        before=_ENCRYPTION,
    ),
    _admin(
        "volume_extension:volume_type_encryption:get",
        "Show a type's encryption.",
        "GET /types/{type_id}/encryption",
        "GET /types/{type_id}/encryption/{key}",
        before=_ENCRYPTION,
    ),
    _admin(
        "volume_extension:volume_type_encryption:update",
        "Change a type's encryption.",
        "PUT /types/{type_id}/encryption/{encryption_id}",
        before=_ENCRYPTION,
    ),
    _admin(
        "volume_extension:volume_type_encryption:delete",
        "End a type's encryption.",
        "DELETE /types/{type_id}/encryption/{encryption_id}",
        before=_ENCRYPTION,
    ),
    _admin(
        "volume_extension:volume_host_attribute",
        "See where a volume lies.",
        "GET /volumes/{volume_id}",
        "GET /volumes/detail",
    ),
    _admin(
        "volume_extension:volume_mig_status_attribute",
        "See whether a volume is migrating.",
        "GET /volumes/{volume_id}",
        "GET /volumes/detail",
    ),
    _admin(
        "volume_extension:default_set_or_update",
        "Set a project's default type.",
        "PUT /default-types/{project_id}",
        before=_PROJECT_ADMIN,
    ),
    _admin(
        "volume_extension:default_get",
        "Show a project's default type.",
        "GET /default-types/{project_id}",
        before=_PROJECT_ADMIN,
    ),
    _admin(
        "volume_extension:default_get_all",
        "List default types.",
        "GET /default-types",
        before="role:admin and system_scope:all",
    ),
    _admin(
        "volume_extension:default_unset",
        "Unset a project's default type.",
        "DELETE /default-types/{project_id}",
        before=_PROJECT_ADMIN,
    ),
    _admin("volume_extension:services:index", "List services.", "GET /os-services"),
    _admin(
        "volume_extension:services:update",
        "Enable, disable, freeze, thaw and fail over services; set log levels.",
        "PUT /os-services/{action}",
    ),
    _admin("volume:freeze_host", "Freeze a backend.", "PUT /os-services/freeze"),
    _admin("volume:thaw_host", "Thaw a backend.", "PUT /os-services/thaw"),
    _admin("volume:failover_host", "Fail a backend over to its replica.", "PUT /os-services/failover_host"),
    _admin(
        "volume:update_volume_admin_metadata",
        "Change the metadata that only administrators see.",
        "POST /volumes/{volume_id}/action (os-update_readonly_flag)",
        "POST /volumes/{volume_id}/action (os-attach)",
    ),
    _admin("volume:force_delete", "Delete a volume in any status, by DELETE.", "DELETE /volumes/{volume_id}"),
    _admin("scheduler_extension:scheduler_stats:get_pools", "List the pools.", "GET /scheduler-stats/get_pools"),
    _admin(
        "volume_extension:volume_type_access:addProjectAccess",
        "Let a project use a private volume type.",
        "POST /types/{type_id}/action (addProjectAccess)",
    ),
    _admin(
        "volume_extension:volume_type_access:removeProjectAccess",
        "Stop a project using a private volume type.",
        "POST /types/{type_id}/action (removeProjectAccess)",
    ),
    _admin(
        "volume_extension:volume_type_access:get_all_for_type",
        "List who may use a private volume type.",
        "GET /types/{type_id}/os-volume-type-access",
    ),
    _admin(
        "volume_extension:volume_admin_actions:extend_volume_completion",
        "Report the end of an extend.",
        "POST /volumes/{volume_id}/action (os-extend_volume_completion)",
    ),
    _admin(
        "volume_extension:volume_admin_actions:reset_status",
        "Set the status of a volume by hand.",
        "POST /volumes/{volume_id}/action (os-reset_status)",
    ),
    _admin(
        "volume_extension:volume_admin_actions:force_delete",
        "Delete a volume in any status, by action.",
        "POST /volumes/{volume_id}/action (os-force_delete)",
    ),
    _admin(
        "volume_extension:volume_admin_actions:force_detach",
        "Detach a volume in any status.",
        "POST /volumes/{volume_id}/action (os-force_detach)",
    ),
    _admin(
        "volume_extension:volume_admin_actions:migrate_volume",
        "Migrate a volume to another pool.",
        "POST /volumes/{volume_id}/action (os-migrate_volume)",
    ),
    _admin(
        "volume_extension:volume_admin_actions:migrate_volume_completion",
        "Report the end of a migration.",
        "POST /volumes/{volume_id}/action (os-migrate_volume_completion)",
    ),
    _admin(
        "volume_extension:volume_actions:upload_public",
        "Upload a volume as a public image.",
        "POST /volumes/{volume_id}/action (os-volume_upload_image)",
    ),
    _admin(
        "volume_extension:types_extra_specs:create",
        "Add extra specs to a volume type.",
        "POST /types/{type_id}/extra_specs",
    ),
    _admin(
        "volume_extension:types_extra_specs:read_sensitive",
        "See extra specs that tell about the deployment.",
        "GET /types",
        "GET /types/{type_id}",
        "GET /types/{type_id}/extra_specs",
        "GET /types/{type_id}/extra_specs/{key}",
    ),
    _admin(
        "volume_extension:types_extra_specs:update",
        "Change an extra spec of a volume type.",
        "PUT /types/{type_id}/extra_specs/{key}",
    ),
    _admin(
        "volume_extension:types_extra_specs:delete",
        "Delete an extra spec of a volume type.",
        "DELETE /types/{type_id}/extra_specs/{key}",
    ),
)
