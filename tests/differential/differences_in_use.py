"""The differences that are meant: of volumes in use, of types, and of what operators see."""

from typing import Final

from tests.differential.listed import PLUG_INS, Listed

_CONNECTED: Final = "the answer to a connector"
_MODE: Final = "an attachment with mode `ro`, or of a read-only volume"
_TRACE: Final = "`os-initialize_connection`"
_AT_WORK: Final = "attaching or detaching a volume that is worked on, in error, or deleted"
_GOING: Final = "`PUT`, `DELETE` or `os-complete` of an attachment that it does not fit"
_USED: Final = "detaching what a server uses, where there is no Nova"
_MIGRATED: Final = "migrating a volume in use, or retyping one that would have to move"
_NULL: Final = "`os-detach` with null"
_ENABLE: Final = "`PUT /os-services/enable` and `disable`"
_HOSTS: Final = "`PUT /os-hosts/{host}`"
_WORKERS: Final = "`POST /workers/cleanup`"
_BODY: Final = "no body, or null, where every field may be left out"
_REPORTED: Final = "what the backend reports of itself"
_NOBODYS: Final = "`all_tenants` and `project_id` of types and QoS specs"
_EARLY: Final = "a filter before its microversion"
_INIT: Final = "volume_actions/*os-initialize_connection"
_BY_USER: Final = "attachments/delete-by-user"

_ATTACHMENTS: Final = (
    Listed(_CONNECTED, "body.attachment.status", "'reserved'", "'attaching'"),
    Listed(_CONNECTED, "body.attachment.status", "'error_attaching'", "'attaching'"),
    Listed(_CONNECTED, "body.attachment.attached_at", "''", "'<time>'"),
    Listed(_CONNECTED, "body.attachment.attach_mode", "'null'", "'r?'", "attachments/*", "*PUT*"),
    Listed(_MODE, "body.attachment*.access_mode", "'rw'", "'ro'", "attachments/*"),
    Listed(_MODE, "body.attachment*.access_mode", "'rw'", "'ro'", "volume_actions/readonly"),
    Listed("an attachment of a volume that is `downloading`", "status", "200", "400", "attachments/create-states"),
    Listed(
        "a volume with an attachment in use and one being made",
        "body.volume.status",
        "'attaching'",
        "'in-use'",
        "attachments/multiattach",
    ),
    Listed("the filter `status` of attachments", "body.attachments", "0 items", "1 items", "*/list*", "*?status=*"),
    Listed("`key~` before 3.34", "body.attachments", "0 items", "2 items", "attachments/list*", "admin 3.27 *~=*"),
    Listed(_GOING, "status", "20?", "40?", "attachments/states"),
    Listed(_USED, "status", "500", "200", _BY_USER, "*DELETE*"),
    Listed(_USED, "body.*", "1 items", "0 items", _BY_USER),
    Listed(_USED, "body.volume.status", "'in-use'", "'available'", _BY_USER),
)

_ACTIONS: Final = (
    Listed(_NULL, "status", "500", "202", "volume_actions/os-detach", "*os-detach=null"),
    Listed(_NULL, "body.*", "*", "*", "volume_actions/os-detach", "* GET *"),
    Listed(_TRACE, "body.volume.status", "*", "'attaching'", _INIT),
    Listed(_TRACE, "body.volume.status", "*", "'available'", "volume_actions/states-os-terminate_connection"),
    Listed(_TRACE, "body.volume.status", "'available'", "'attaching'", "volume_actions/connections"),
    Listed(_TRACE, "body.attachments", "0 items", "1 items", "volume_actions/connections"),
    Listed(_TRACE, "body.attachments.0.connection_info", "None", "*", "volume_actions/connections"),
    Listed(_AT_WORK, "status", "20?", "400", "volume_actions/states-os-*tach"),
    Listed(_AT_WORK, "status", "20?", "400", "volume_actions/states-os-*_connection"),
    Listed(_AT_WORK, "body.volume.status", "*", "*", "volume_actions/states-os-*tach"),
    Listed(_MIGRATED, "status", "202", "400", "volume_actions/states-os-migrate_volume", "* in-use"),
    Listed(_MIGRATED, "status", "202", "400", "volume_actions/attached", "* os-migrate_volume"),
    Listed(
        "`os-reset_status` with a `status` and `attach_status` `detached`",
        "body.volume.status",
        "'available'",
        "'error'",
        "volume_actions/reset-attached",
    ),
    Listed(
        "`os-attach` for a server with a reserved attachment", "body.volume.*", "*", "*", "volume_actions/attach-twice"
    ),
    # The driver moves nothing, takes any connector, and promises more than it has.
    Listed(PLUG_INS, "body.volume.*", "*", "*", "volume_actions/os-migrate_volume", "* GET *"),
    Listed(PLUG_INS, "status", "202", "400", "volume_actions/os-terminate_connection", "*.connector=*"),
    Listed(PLUG_INS, "status", "200", "400", "volume_actions/connections"),
    Listed(PLUG_INS, "body.volume.size", "*", "2", "volume_actions/extend-sizes"),
    # Statuses that a volume does not get in that way: nothing deletes it, nobody has it.
    Listed(PLUG_INS, "status", "404", "200", "volume_actions/states-os-force_delete", "* GET *"),
    Listed(PLUG_INS, "body.volume.status", "'in-use'", "'available'", "volume_actions/states-os-retype"),
)

_SERVICES: Final = (
    Listed(_ENABLE, "body.services.1.*", "*", "*", "services/disable*", "*GET /os-services"),
    Listed("a service, named by a host with several backends", "status", "200", "404", "services/disable-log-reason"),
    Listed(_BODY, "status", "?00", "20?", "services/*", "* body null"),
    Listed(_BODY, "status", "?00", "20?", "services/*", "* no body"),
    Listed("the loggers of a process", "body.log_levels*", "*", "*", "services/get-log"),
    Listed(_HOSTS, "status", "500", "200", "services/host-update"),
    Listed(_HOSTS, "status", "200", "400", "services/host-update", "* body {}"),
    Listed(_HOSTS, "status", "400", "404", "services/host-update", "* PUT /os-hosts"),
    Listed(_REPORTED, "body.pools*", "*", "*", "services/pools"),
    Listed(_REPORTED, "body.*", "*", "*", "services/capabilities"),
    Listed("`volume_type` of pools", "status", "400", "200", "services/pools", "*volume_type=__DEFAULT__"),
    Listed("`GET /capabilities/{host}` with a host or a pool", "status", "200", "404", "services/capabilities"),
    Listed("`GET /capabilities/{host}` with a host or a pool", "status", "404", "200", "services/capabilities"),
    Listed(_WORKERS, "body.cleaning", "0 items", "* items", "services/cleanup"),
    Listed(_WORKERS, "status", "400", "202", "services/cleanup", "*'resource_type': 'volume'*"),
    Listed("`GET /os-availability-zone/detail`", "*", "*", "*", "services/zones", "*/detail"),
    Listed("a filter that breaks Cinder", "status", "500", "200", "services/messages", "*~=*"),
    # The peer's scheduler tells nobody of a volume that fits nowhere.
    Listed(PLUG_INS, "body.messages*", "*", "1 items", "services/message*"),
    Listed(PLUG_INS, "status", "404", "20?", "services/message*", "*/messages/{message}"),
    Listed(PLUG_INS, "status", "404", "403", "services/message*", "reader *"),
)

_TYPES: Final = (
    Listed("an unknown `marker` of types", "status", "200", "404", "types/list", "*?marker=*"),
    Listed(_NOBODYS, "body.*", "0 items", "? items", "types/*list", "*all_tenants=*"),
    Listed(_NOBODYS, "body.*", "0 items", "3 items", "types/list", "*?project_id=*"),
    Listed(_EARLY, "body.volume_types", "? items", "3 items", "types/list", "admin 3.0 *?extra_specs=*"),
    Listed(_EARLY, "status", "500", "200", "types/list", "admin 3.0 *?extra_specs=*"),
    Listed("QoS specs, sorted by name", "status", "400", "200", "types/qos-list", "*sort*=name*"),
    Listed("QoS specs, by `consumer`", "body.qos_specs", "0 items", "2 items", "types/qos-list", "*?consumer=*"),
)

LISTED_IN_USE: Final = (*_ATTACHMENTS, *_ACTIONS, *_SERVICES, *_TYPES)
