"""Every operation, by kind."""

from collections.abc import Mapping
from typing import Final

from lapilli.operations import (
    connect_attachment,
    create_snapshot,
    create_volume,
    delete_snapshot,
    delete_volume,
    disconnect_attachment,
    extend_volume,
)
from lapilli.work.operation import Operation

OPERATIONS: Final[Mapping[str, Operation]] = {
    verb.OPERATION.kind: verb.OPERATION
    for verb in (
        connect_attachment,
        create_snapshot,
        create_volume,
        delete_snapshot,
        delete_volume,
        disconnect_attachment,
        extend_volume,
    )
}
