"""What all targets that speak iSCSI say and ask alike."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lapilli.model.errors import Malformed
from lapilli.model.values import Connector, Export


def initiator_of(connector: Connector) -> str:
    """The host's initiator; `Malformed` if it has none."""
    initiator = connector.get("initiator")
    if not isinstance(initiator, str) or not re.fullmatch(r"(iqn|eui|naa)\.[^\s,]{1,219}", initiator):
        raise Malformed(
            "The connector has no iSCSI initiator name (initiator: iqn.…); "
            "is open-iscsi installed on that host, with a name in /etc/iscsi/initiatorname.iscsi?"
        )
    return initiator


def login(export: Export, name: str, lun: int, portals: Sequence[str], *, multipath: bool) -> Mapping[str, Any]:
    """The data of Cinder's connection info: the first portal, and lists of all where there are several or wanted."""
    data: dict[str, Any] = {
        "target_discovered": False,
        "target_portal": portals[0],
        "target_iqn": name,
        "target_lun": lun,
        "auth_method": "CHAP",
        "auth_username": export.username,
        "auth_password": export.password,
    }
    if multipath or len(portals) > 1:
        data["target_portals"] = list(portals)
        data["target_iqns"] = [name] * len(portals)
        data["target_luns"] = [lun] * len(portals)
    return data
