"""What Nova is asked and told about the volumes of its servers."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from lapilli.clients.remote import Remote, refusal
from lapilli.model.errors import LapilliError, NotFound

_log = logging.getLogger(__name__)

# From 2.89 on, a server's volumes name their attachments.
_NAMES_ATTACHMENTS: Final = {"OpenStack-API-Version": "compute 2.89"}
_EVENTS: Final = {
    "volume-extended": {"OpenStack-API-Version": "compute 2.51"},
    "volume-reimaged": {"OpenStack-API-Version": "compute 2.93"},
}


class Nova:
    """The `Servers` of a Nova. Requests go as this service: what a tenant sees of Nova decides nothing here."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def lists_attachment(self, server_id: str, attachment_id: str) -> bool:
        """Whether the server uses the attachment. A cloud whose catalog has no Nova has no server that could.

        Raises `Unavailable` when Nova does not answer, or `Forbidden` when it does not accept this service.
        """
        path = f"/servers/{server_id}/os-volume_attachments"
        try:
            answer = self._remote.send("GET", path, headers=_NAMES_ATTACHMENTS)
        except NotFound:
            return False
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return False
        if answer.status_code != HTTPStatus.OK:
            raise refusal(answer, "Server", server_id)
        return any(each.get("attachment_id") == attachment_id for each in answer.json()["volumeAttachments"])

    def tell(self, event: str, volume_id: str, server_ids: Sequence[str]) -> bool:
        """Tell the servers `volume-extended` or `volume-reimaged`; false if Nova did not take it for all of them.

        Nova passes an event over that it has had before.
        """
        events = [
            {"name": event, "server_uuid": server_id, "status": "completed", "tag": volume_id}
            for server_id in sorted(server_ids)
        ]
        try:
            answer = self._remote.send(
                "POST", "/os-server-external-events", json={"events": events}, headers=_EVENTS[event]
            )
        except LapilliError as error:
            _log.error("Nova was not told that of volume %s: %s: %s", volume_id, event, error)
            return False
        if answer.status_code != HTTPStatus.OK:
            _log.error("Nova does not take %s of volume %s: %s", event, volume_id, answer.text)
        return answer.status_code == HTTPStatus.OK
