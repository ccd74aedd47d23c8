"""Who is behind a request: three ways to find out, one contract."""

from collections.abc import Mapping
from typing import Protocol

from lapilli.model.errors import Malformed
from lapilli.model.values import Caller

Headers = Mapping[str, str]
"""The headers of a request, with names in lower case."""


class Identity(Protocol):
    """Finds the caller of a request.

    `challenge` is the `WWW-Authenticate` header that goes with a 401. The callers carry no request id, and `is_admin`
    is left to the policy.
    """

    challenge: str

    def identify(self, headers: Headers, url_project: str | None, method: str, path: str) -> Caller:
        """The caller; `url_project` is the project segment of the URL, `path` the URL's path without the query.

        Raises `Unauthenticated` when nobody is known, `Malformed` when the URL names another project than the
        caller's, and `Unavailable` when the service that knows does not answer.
        """


def check_url_project(caller: Caller, url_project: str | None) -> Caller:
    """Give the caller back if the URL names its project or none."""
    if url_project is not None and url_project != caller.project_id:
        raise Malformed("Malformed request url")
    return caller
