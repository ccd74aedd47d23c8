"""A target that lives in memory: honest about what it was told, and reachable by nobody."""

from collections.abc import Sequence

from lapilli.model.errors import Malformed
from lapilli.model.values import Connector, Export, ExportGrant


class MemoryTarget:
    """Who may log in to which export."""

    storage_protocol = "iSCSI"

    def __init__(self) -> None:
        self.granted: dict[str, set[str]] = {}

    def check(self) -> None:
        """It can always be used."""

    def export(self, export: Export) -> None:
        self.granted.setdefault(export.name, set())

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        self.granted[export.name].add(initiator)
        return ExportGrant("iscsi", {"target_iqn": export.name, "target_lun": 1, "multipath": multipath})

    def revoke(self, export: Export, initiator: str) -> None:
        self.granted.get(export.name, set()).discard(initiator)

    def unexport(self, export: Export) -> None:
        self.granted.pop(export.name, None)

    def resized(self, export: Export) -> None:
        """Its sizes are those of the files."""

    def exports(self) -> Sequence[str]:
        return list(self.granted)

    def check_connector(self, connector: Connector) -> str:
        name = connector.get("initiator")
        if not isinstance(name, str):
            raise Malformed("The connector has no initiator.")
        return name
