"""Every operation, by kind."""

from collections.abc import Mapping
from typing import Final

from lapilli.operations import (
    connect_attachment,
    create_backup,
    create_group,
    create_group_from_source,
    create_group_snapshot,
    create_snapshot,
    create_volume,
    create_volume_from_backup,
    delete_backup,
    delete_group,
    delete_group_snapshot,
    delete_snapshot,
    delete_volume,
    disconnect_attachment,
    extend_volume,
    import_backup,
    list_manageable,
    manage_snapshot,
    manage_volume,
    migrate_volume,
    reimage_volume,
    repair_targets,
    restore_backup,
    retype_volume,
    revert_volume,
    tell_servers,
    unmanage_volume,
    update_group,
    upload_image,
    wipe_volume,
)
from lapilli.work.operation import Operation

OPERATIONS: Final[Mapping[str, Operation]] = {
    verb.OPERATION.kind: verb.OPERATION
    for verb in (
        connect_attachment,
        create_backup,
        create_group,
        create_group_from_source,
        create_group_snapshot,
        create_snapshot,
        create_volume,
        create_volume_from_backup,
        delete_backup,
        delete_group,
        delete_group_snapshot,
        delete_snapshot,
        delete_volume,
        disconnect_attachment,
        extend_volume,
        import_backup,
        list_manageable,
        manage_snapshot,
        manage_volume,
        migrate_volume,
        reimage_volume,
        repair_targets,
        restore_backup,
        retype_volume,
        revert_volume,
        tell_servers,
        unmanage_volume,
        update_group,
        upload_image,
        wipe_volume,
    )
}
