"""Every microversion of the API: one entry for each change, which routes, fields, schemas and handlers name.

A new version is a new entry here and the places that name it; `docs/microversions.md` is made from this page.
"""

from typing import Final, Self


class Change(int):
    """A change of the API. It is the minor version that brought it, so `request.minor >= EXTEND_IN_USE` reads well."""

    where: str
    what: str

    def __new__(cls, minor: int, where: str, what: str) -> Self:
        change = super().__new__(cls, minor)
        change.where = where
        change.what = what
        return change


BEGINNING: Final = Change(0, "everything", "The first version; the header OpenStack-API-Version is understood.")
UPLOAD_VISIBILITY: Final = Change(1, "os-volume_upload_image", "The request may carry `visibility` and `protected`.")
STRICT_BOOLEAN_FILTERS: Final = Change(2, "GET /volumes", "`bootable` must be a boolean; other words used to be true.")
MESSAGES: Final = Change(3, "/messages", "Messages can be listed, shown and deleted.")
FILTER_GLANCE_METADATA: Final = Change(4, "GET /volumes", "The filter `glance_metadata`.")
MESSAGE_PAGES: Final = Change(5, "GET /messages", "Pages, sorting and filters.")
EMPTY_CONSISTENCY_GROUP_NAMES: Final = Change(
    6, "PUT /consistencygroups/{id}/update", "Name and description may be empty."
)
CLUSTERS: Final = Change(7, "/clusters, GET /os-services", "Clusters; services name theirs.")
MANAGEABLE: Final = Change(
    8, "/manageable_volumes, /manageable_snapshots", "New names of os-volume-manage and os-snapshot-manage."
)
BACKUP_UPDATE: Final = Change(9, "PUT /backups/{id}", "Name and description of a backup can be changed.")
FILTER_GROUP_ID: Final = Change(10, "GET /volumes", "The filter `group_id`.")
GROUP_TYPES: Final = Change(11, "/group_types", "Group types and their specs.")
SUMMARY: Final = Change(12, "GET /volumes/summary", "How many volumes there are, and of what size.")
GROUPS: Final = Change(13, "/groups, /volumes", "Groups; a volume can be created in one, and names it.")
GROUP_SNAPSHOTS: Final = Change(
    14,
    "/group_snapshots, /groups, /snapshots",
    "Group snapshots, groups made from them, and fields that name them.",
)
METADATA_ETAG: Final = Change(15, "/volumes/{id}/metadata", "`Etag` is sent, and `If-Match` is honoured.")
MIGRATE_TO_CLUSTER: Final = Change(16, "os-migrate_volume, manage", "`cluster` instead of `host`.")
MANAGEABLE_OF_CLUSTER: Final = Change(17, "/manageable_volumes, /manageable_snapshots", "`cluster` instead of `host`.")
BACKUP_PROJECT: Final = Change(18, "GET /backups", "`os-backup-project-attr:project_id`.")
GROUP_SNAPSHOT_RESET: Final = Change(19, "POST /group_snapshots/{id}/action", "The action `reset_status`.")
GROUP_RESET: Final = Change(20, "POST /groups/{id}/action", "The action `reset_status`.")
PROVIDER_ID: Final = Change(21, "GET /volumes", "`provider_id`, for administrators.")
FILTER_SNAPSHOT_METADATA: Final = Change(22, "GET /snapshots", "The filter `metadata`.")
FORCED_DELETE: Final = Change(23, "DELETE /volumes/{id}", "The parameter `force`.")
CLEANUP: Final = Change(24, "POST /workers/cleanup", "Services that are down can be cleaned up after.")
GROUP_VOLUMES: Final = Change(25, "GET /groups", "`volumes`, with `list_volume=true`.")
CLUSTER_REPLICATION: Final = Change(
    26, "freeze, thaw, failover_host, /clusters", "`cluster` instead of `host`; clusters show their replication."
)
ATTACHMENTS: Final = Change(27, "/attachments", "Attachments as resources of their own.")
POOL_FILTERS: Final = Change(28, "GET /scheduler-stats/get_pools", "Filters.")
GROUP_SNAPSHOT_PAGES: Final = Change(29, "GET /group_snapshots", "Pages, sorting and filters.")
SORT_SNAPSHOTS_BY_NAME: Final = Change(30, "GET /snapshots", "Sorting by `name`.")
CHECKED_FILTERS: Final = Change(31, "all lists", "Filters that tenants may not use are refused, not passed over.")
LOG_LEVELS: Final = Change(32, "/os-services", "`get-log` and `set-log`.")
RESOURCE_FILTERS: Final = Change(33, "GET /resource_filters", "The filters that tenants may use.")
LIKE_FILTERS: Final = Change(34, "all lists", "`key~=text` finds parts of words.")
POOLS_OF_TYPE: Final = Change(35, "GET /scheduler-stats/get_pools", "The filter `volume_type`.")
SUMMARY_METADATA: Final = Change(36, "GET /volumes/summary", "`metadata`: every value of every key.")
SORT_BACKUPS_BY_NAME: Final = Change(37, "GET /backups", "Sorting by `name`.")
GROUP_REPLICATION: Final = Change(38, "/groups", "The actions of replication, and `replication_status`.")
LIMITS_OF_OTHERS: Final = Change(39, "GET /limits", "`project_id`, for administrators.")
REVERT: Final = Change(40, "POST /volumes/{id}/action", "The action `revert`.")
SNAPSHOT_USER: Final = Change(41, "/snapshots", "`user_id`.")
EXTEND_IN_USE: Final = Change(42, "os-extend", "Volumes grow while they are attached.")
BACKUP_METADATA: Final = Change(43, "/backups", "`metadata`.")
ATTACHMENT_COMPLETE: Final = Change(44, "POST /attachments/{id}/action", "The action `os-complete`.")
WITH_COUNT: Final = Change(45, "GET /volumes, /snapshots, /backups", "`with_count` adds how many there are.")
IMAGE_OF_SNAPSHOT: Final = Change(46, "POST /volumes", "An image that only names a snapshot is followed to it.")
CREATE_FROM_BACKUP: Final = Change(47, "POST /volumes", "`backup_id`.")
SHARED_TARGETS: Final = Change(48, "/volumes", "`shared_targets` and `service_uuid`.")
BACKEND_STATE: Final = Change(49, "GET /os-services", "`backend_state` of cinder-volume.")
MULTIATTACH_TYPES: Final = Change(50, "/types", "A marker: a type says whether its volumes may be attached twice.")
BACKUP_ZONE: Final = Change(51, "POST /backups", "`availability_zone`.")
FILTER_EXTRA_SPECS: Final = Change(52, "GET /types", "The filter `extra_specs`; types may name their zones.")
STRICT_VOLUMES: Final = Change(53, "POST, PUT /volumes", "Unknown properties and empty updates are refused.")
ATTACHMENT_MODE: Final = Change(54, "POST /attachments", "`mode`.")
TRANSFER_WITHOUT_SNAPSHOTS: Final = Change(55, "/volume-transfers", "Transfers without snapshots.")
BACKUP_USER: Final = Change(56, "GET /backups", "`user_id`.")
TRANSFER_PROJECTS: Final = Change(57, "/volume-transfers", "Both projects, and whether it was accepted.")
GROUP_PROJECT: Final = Change(58, "/groups, /group_snapshots", "`project_id`, for administrators.")
TRANSFER_PAGES: Final = Change(59, "GET /volume-transfers", "Pages and sorting.")
TIME_FILTERS: Final = Change(60, "GET /volumes", "Filters that compare `created_at` and `updated_at`.")
CLUSTER_NAME: Final = Change(61, "GET /volumes", "`cluster_name`, for administrators.")
DEFAULT_TYPES: Final = Change(62, "/default-types", "Default types of projects.")
VOLUME_TYPE_ID: Final = Change(63, "GET /volumes", "`volume_type_id`; `volume_type` is always the name.")
ENCRYPTION_KEY_ID: Final = Change(64, "GET /volumes, /backups", "`encryption_key_id`, where there is a key.")
CONSUMES_QUOTA: Final = Change(65, "/volumes, /snapshots", "`consumes_quota`, as a field and as a filter.")
SNAPSHOT_IN_USE: Final = Change(66, "POST /snapshots", "Volumes in use need no `force`.")
OPTIONAL_PROJECT: Final = Change(67, "all URLs", "A marker: the project in the URL can be left out.")
REIMAGE: Final = Change(68, "POST /volumes/{id}/action", "The action `os-reimage`.")
SHARED_TARGETS_OR_NULL: Final = Change(69, "GET /volumes", "A marker: `shared_targets` may be null; here it never is.")
TRANSFER_ENCRYPTED: Final = Change(70, "/volume-transfers", "Encrypted volumes can be offered.")
EXTEND_COMPLETION: Final = Change(71, "POST /volumes/{id}/action", "A marker of `os-extend_volume_completion`.")

CHANGES: Final = tuple(sorted(value for value in globals().values() if isinstance(value, Change)))
"""All of them, oldest first."""
NEWEST: Final = int(CHANGES[-1])
"""The newest minor version of v3 that is served."""
