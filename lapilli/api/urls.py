"""The two forms of every URL: `/v3/<project>/volumes` and `/v3/volumes`."""

import re
from collections.abc import Iterable

from lapilli.api.request import Route
from lapilli.model.errors import Malformed


class Urls:
    """Tells the project of a URL from the path of a resource."""

    def __init__(self, routes: Iterable[Route], project_id_regex: str) -> None:
        """Raises `Malformed` for what is no regular expression."""
        self._collections = frozenset(route.path.split("/")[1] for route in routes)
        try:
            self._project = re.compile(project_id_regex)
        except re.error as error:
            raise Malformed(f"project_id_regex = {project_id_regex} is no regular expression: {error}") from error

    def split(self, path: str) -> tuple[str, str | None, str] | None:
        """(prefix, project, rest) of a path below `/v3/`, or None for one that is elsewhere.

        `/v3/abc/volumes/1` gives (`/v3/abc`, `abc`, `/volumes/1`), and `/v3/volumes` gives (`/v3`, None, `/volumes`).
        No resource has an empty id: `/v3/volumes/` is elsewhere.
        """
        if not path.startswith("/v3/"):
            return None
        first, _, rest = path[4:].partition("/")
        project = None
        prefix, resource = "/v3", path[3:]
        if first and first.removesuffix(".json") not in self._collections:
            if not self._project.fullmatch(first):
                return None
            project, prefix, resource = first, f"/v3/{first}", f"/{rest}"
        if "//" in resource or (resource.endswith("/") and resource != "/"):
            return None
        return prefix, project, resource.removesuffix(".json")
