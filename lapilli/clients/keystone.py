"""What Keystone is asked about projects. Tokens are `lapilli/api/identity`'s business."""

from http import HTTPStatus
from urllib.parse import quote

from lapilli.clients.remote import Remote, refusal


class Keystone:
    """The `Projects` of a Keystone. Requests go as this service, which must be let see projects."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def exists(self, project_id: str) -> bool:
        """Whether there is a project of that id. Raises `Unavailable` or `Forbidden` when Keystone does not tell."""
        answer = self._remote.send("GET", f"/projects/{quote(project_id, safe='')}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return False
        if answer.status_code != HTTPStatus.OK:
            raise refusal(answer, "Project", project_id)
        return True
