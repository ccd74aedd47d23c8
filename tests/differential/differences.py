"""The differences that are meant, each with the row of docs/compatibility.md that explains it."""

from tests.differential.differences_in_use import LISTED_IN_USE
from tests.differential.listed import PLUG_INS, Listed

UNSETTLED: tuple[str, ...] = ()
"""Scenarios with differences of which nobody has yet said whether they are meant."""

_BROKEN = "a wrong request that breaks Cinder"
_SMALL_HEADERS = "headers of answers without a body"
_EDGE = "negotiation/*"

_GOING = "`DELETE` of what is `deleting`"
_FAILED = "`DELETE` or `os-unmanage` of what is `error_deleting`"
_COPIES = "a snapshot, clone or backup of a volume in use, on storage that copies block by block"
_UNKNOWN = "a filter that breaks Cinder"
_LIKE = "`key~` before 3.34"
_EARLY = "`group_id` and `backup_id` before their microversions"

_NO_BOOLEAN = "`all_tenants` of snapshots or transfers that is no boolean"
_PAGES = "pages of transfers before 3.59, and of `/os-volume-transfer`; `offset` of transfers"
_EMPTY = "`DELETE` of `/groups/{id}` and `/consistencygroups/{id}`"
_WITHOUT_BODY = "`POST /consistencygroups/{id}/delete` without a body"
_ALL_GROUPS = "`all_tenants` of groups before 3.31 and of consistency groups, from tenants"
_UNSETTLED_GROUP = "a snapshot or copy of a group, or a copy of a group snapshot, that is not `available`"
_RENAMED = "a new name or description of a group"
_LONG = "a name or description of a cgsnapshot with more than 255 letters"
_NULL = "`null` for the source or text that is not given, for groups made of others and cgsnapshots"
_SERVICE = "`service_uuid` of a volume that was copied with its group or taken over"
_NO_ZONE = "an empty `availability_zone` for a volume that is taken over"
_NO_SERVICE = "a backup, made where no backup service reaches the volume"
_CONTAINER = "a container such as `../x` or `/etc`, or with a line break"
_IMPORTED = "an imported record"

_OF_PLUG_INS: tuple[Listed, ...] = (
    # The driver has nothing to take over, and takes over whatever is named.
    Listed(PLUG_INS, "body.manageable-*", "0 items", "? items", "managing/*"),
    Listed(PLUG_INS, "status", "200", "400", "managing/*", "*&marker=x"),
    Listed(PLUG_INS, "body.*.status", "'available'", "'error'", "managing/*"),
    Listed(PLUG_INS, "body.volumes.0.os-vol-host-attr:host", "*", "None", "managing/volume*"),
    Listed(PLUG_INS, "body.volumes.0.size", "1", "0", "managing/volume*"),
    # The store has no containers, restores nothing beside bytes, and cannot delete by force.
    Listed(PLUG_INS, "body.backup*.container", "*", "'volumes'", "backups/*"),
    Listed(PLUG_INS, "body.*.service_metadata", "None", "*", "backups/*"),
    Listed(PLUG_INS, "status", "405", "202", "backups/*", "* POST /backups/{backup}/action*"),
    Listed(PLUG_INS, "body.volumes.0.name", "*", "'one'", "backups/*"),
    Listed(PLUG_INS, "body.volumes.0.description", "'auto-created*", "None", "backups/restore"),
    Listed(PLUG_INS, "body.volumes.0.metadata.k", "absent", "'v'", "backups/*"),
    # A status that no group gets unless somebody writes to the database.
    Listed(PLUG_INS, "status", "202", "400", "groups/states", "* POST /groups/{group}/action in-use"),
)

LISTED: tuple[Listed, ...] = (
    *LISTED_IN_USE,
    *_OF_PLUG_INS,
    Listed(_GOING, "status", "400", "202", "groups/snapshot-states", "* DELETE * deleting"),
    Listed(_GOING, "status", "400", "202", "backups/states", "* DELETE * deleting"),
    Listed(_GOING, "body.groups", "0 items", "1 items", "groups/states"),
    Listed(_FAILED, "status", "400", "202", "groups/snapshot-states", "* DELETE * error_deleting"),
    Listed(_FAILED, "status", "400", "202", "backups/states", "* DELETE * error_deleting"),
    Listed(_COPIES, "status", "202", "400", "backups/create-states", "* in-use *"),
    Listed(_PAGES, "body.transfers", "0 items", "? items", "transfers/*-list*"),
    Listed(_PAGES, "body.transfers_links", "absent", "1 items", "transfers/*-list*"),
    Listed("an unknown `marker` of types", "status", "200", "404", "groups/type-list", "*?marker=*"),
    Listed(
        "an empty name for a group type that has one",
        "status",
        "200",
        "400",
        "groups/type-update",
        "*group_type.name=''",
    ),
    Listed(_ALL_GROUPS, "body.groups", "0 items", "2 items", "groups/list*", "member 3.13 *?all_tenants=*"),
    Listed(_ALL_GROUPS, "body.consistencygroups", "0 items", "2 items", "groups/cg-list*", "member *?all_tenants=*"),
    Listed(_UNKNOWN, "status", "500", "200", "groups/list*", "*?group_type=*"),
    Listed(_UNKNOWN, "status", "500", "200", "groups/cg-list*", "*~=*"),
    Listed(_RENAMED, "body.groups.0.status", "'available'", "*", "groups/states"),
    Listed(_UNSETTLED_GROUP, "status", "202", "400", "groups/states", "* POST /group_snapshots *"),
    Listed(_UNSETTLED_GROUP, "status", "202", "400", "groups/*states", "* POST /groups/action *"),
    Listed(_EMPTY, "status", "500", "202", "groups/*delete-verb", "* DELETE *"),
    Listed(_WITHOUT_BODY, "status", "500", "202", "groups/cg-delete", "* no body"),
    Listed(_WITHOUT_BODY, "body.consistencygroups", "1 items", "0 items", "groups/cg-delete"),
    Listed("copying a group, without the right to", "status", "400", "403", "groups/*", "reader * POST /groups/action"),
    Listed(
        "the link to the next page of group snapshots before 3.29",
        "body.group_snapshot_links",
        "1 items",
        "absent",
        "groups/snapshot-list*",
        "* 3.14 *",
    ),
    Listed(_LONG, "status", "202", "400", "groups/cgsnapshot-create", "*=256 letters"),
    Listed(_NULL, "status", "400", "202", "groups/*", "*=null"),
    Listed(_SERVICE, "body.volumes.0.service_uuid", "None", "'<id>'", "groups/c*-from-src*"),
    Listed(_SERVICE, "body.volumes.0.service_uuid", "None", "'<id>'", "managing/volume*"),
    Listed(_NO_ZONE, "body.*.availability_zone", "''", "'nova'", "managing/volume*"),
    Listed(
        "taking over a volume from a host that is no backend",
        "status",
        "202",
        "400",
        "managing/volume*",
        "*{'host': 'node'}",
    ),
    Listed("`progress` of a snapshot that was taken over", "body.*:progress", "'0%'", "'100%'", "managing/snapshot*"),
    Listed(_NO_SERVICE, "status", "202", "503", "backups/create*"),
    Listed(_NO_SERVICE, "body.backups", "? items", "? items", "backups/create*"),
    Listed(_CONTAINER, "status", "202", "400", "backups/create", "*backup.container=newline"),
    Listed(
        "an incremental backup of a snapshot that is older than every backup",
        "status",
        "202",
        "400",
        "backups/create-more",
        "*incremental of snapshot",
    ),
    Listed(_IMPORTED, "body.backups.0.*", "*", "*", "backups/import"),
    Listed("`updated_at` of the type `__DEFAULT__`", "body.*.volume_type.updated_at", "'<time>'", "None"),
    Listed("an empty `container_format` for an image of a volume", "body.*.container_format", "*", "'bare'"),
    Listed(
        "`os-reimage` by a reader, with an image that is not there",
        "status",
        "404",
        "403",
        "volume_actions/os-reimage",
        "reader *",
    ),
    Listed(_GOING, "status", "400", "202", "*delete-states", "* DELETE * deleting"),
    Listed(_GOING, "body.snapshots", "0 items", "1 items", "snapshots/delete-states"),
    Listed(_FAILED, "status", "400", "202", "*delete-states", "* error_deleting"),
    Listed(_COPIES, "status", "202", "400", "snapshots/create-states", "* in-use *"),
    Listed(_COPIES, "status", "202", "400", "volumes/create-from-states", "* of in-use"),
    Listed("an action whose body is no object", "status", "404", "400", "*", "* body null"),
    Listed("an action whose body is no object", "status", "404", "400", "*", "* body a number"),
    Listed("`progress` that is false, 0 or empty", "status", "202", "400", "*", "*_snapshot_status.progress=*"),
    Listed(_NO_BOOLEAN, "status", "200", "400", "snapshots/*", "*?all_tenants=*"),
    Listed(_NO_BOOLEAN, "status", "200", "400", "transfers/*", "*?all_tenants=*"),
    Listed("`metadata` that is no dictionary", "status", "200", "400", "*/list*", "*?metadata=*"),
    Listed("a filter before its microversion", "body.*", "0 items", "*", "*/list*", "*?consumes_quota=*"),
    Listed("`all_tenants=0` of volumes", "body.volumes", "0 items", "3 items", "volumes/list*", "*?all_tenants=0"),
    Listed(_UNKNOWN, "status", "500", "200", "*/list*", "*~=*"),
    Listed(_EARLY, "status", "???", "202", "volumes/create", "*group_id=*"),
    Listed(_EARLY, "status", "???", "202", "volumes/create", "*backup_id=*"),
    Listed(_LIKE, "status", "400", "200", "*/list*", "member 3.33 *~=*"),
    Listed(_LIKE, "body.*", "0 items", "3 items", "*/list*", "admin 3.0 *~=*"),
    Listed(_EARLY, "status", "404", "202", "volumes/create-from", "* early *"),
    Listed(_EARLY, "body.volumes", "0 items", "1 items", "volumes/create", "*GET /volumes/detail"),
    Listed(
        "a clone of another type than its source", "status", "400", "202", "volumes/create-from", "* other type than *"
    ),
    Listed("scheduler hints", "status", "202", "400", "volumes/create-from", "* hint *"),
    Listed("scheduler hints", "status", "202", "400", "volumes/create-from", "* same host*"),
    Listed("scheduler hints", "status", "202", "400", "volumes/create-from", "* different host"),
    Listed(
        "`force` on a volume that is being attached", "status", "202", "400", "volumes/delete-attached", "*force=true"
    ),
    Listed(_SMALL_HEADERS, "headers.content-type", "'application/json'", "absent", "attachments/*", "*/action*"),
    Listed(_SMALL_HEADERS, "headers.content-type", "'application/json'", "absent", "types/default-delete"),
    Listed("`GET /types/default`", "body.volume_type.os-volume-type-access:is_public", "absent", "True"),
    Listed("a change of an encryption with an unknown field", "*", "*", "*", "types/encryption-update"),
    Listed("a key beside `default_type`", "status", "200", "400", "types/default-set", "* extra key"),
    Listed("multiattach and cacheable in one type", "status", "200", "400", "types/create", "*cacheable*"),
    Listed("`per_volume_gigabytes` as text", "status", "200", "400", "quotas/update-values", "*=7"),
    Listed("`created_at=gt:…,lt:…`", "body.volumes", "3 items", "0 items", "volumes/*", "*created_at=gt:*,lt:*"),
    Listed("what the backend reports of itself", "body.services.*.backend_state", "None", "'up'"),
    Listed("a key beside `metadata`", "body.extra", "absent", "{}", "snapshots/metadata-*", "* extra key"),
    # Larger than the pool: one of the drivers promises more than it has.
    Listed(
        "what the backend reports of itself", "body.volumes.0.status", "'available'", "'error'", "volumes/create-from"
    ),
    Listed("what the backend reports of itself", "body.volumes.0.*", "*", "None", "volumes/create-from"),
    Listed("the words of extensions", "body.extension*", "*", "*", "services/extensions"),
    Listed("`shared_targets`", "body.*.shared_targets", "True", "False"),
    Listed(_BROKEN, "status", "500", "40?"),
    Listed(_SMALL_HEADERS, "headers.content-type", "'text/html; charset=UTF-8'", "'application/json'"),
    Listed(_SMALL_HEADERS, "headers.x-compute-request-id", "absent", "'…'"),
    Listed("a project id in the URL that is not the token's", "headers.*", "*", "absent", _EDGE, "*/v3/b2/volumes"),
    Listed("`GET /v3/{project}`", "status", "404", "200", _EDGE, "*/v3/a1*"),
    Listed("a parameter given twice", "*", "*", "*", _EDGE, "*limit=1&limit=2"),
    Listed("the character NUL", "status", "20?", "400", _EDGE, "*name=%00"),
    Listed("the character NUL", "status", "202", "400", _EDGE, "* nul"),
    Listed("an empty part of a path, `/v3//volumes`", "status", "200", "404", _EDGE, "*//volumes"),
    Listed("a media type in capitals", "status", "415", "*", _EDGE, "*Application/JSON"),
    Listed("a body that is too large", "*", "*", "*", _EDGE, "* /volumes ??????"),
)
