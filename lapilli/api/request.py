"""What a handler gets and gives: the request with everything already settled about it, and the reply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lapilli.api.policy import Policy
from lapilli.api.versions import Version
from lapilli.db.engine import Database
from lapilli.model.protocols import Wake
from lapilli.model.values import Caller
from lapilli.operations.admission import Rules, scope_of


@dataclass(frozen=True)
class Surroundings:
    """What all handlers are lent, and the operator's settings for the edge."""

    db: Database
    wake: Wake
    policy: Policy
    rules: Rules
    max_limit: int = 1000
    public_endpoint: str | None = None
    service_down_time_s: float = 60.0
    answer_timeout_s: float = 60.0
    """How long a request that needs a backend's answer (an attachment) waits for it."""


class Request(NamedTuple):
    """One request, after authentication, negotiation and validation.

    `query` holds the last value of each parameter. `body` is the JSON document, valid by the route's schema, or None.
    `base_url` ends before `/v3`; `prefix` is `/v3` or `/v3/<project>`, as the caller wrote it. `headers` have their
    names in lower case.
    """

    caller: Caller
    version: Version
    query: Mapping[str, str]
    body: Any
    base_url: str
    prefix: str
    path: str
    headers: Mapping[str, str]
    around: Surroundings

    @property
    def minor(self) -> int:
        """The minor microversion."""
        return self.version.minor

    @property
    def scope(self) -> str | None:
        """The project whose resources can be seen, or None for those of all."""
        return scope_of(self.caller)

    def enforce(self, rule: str, target: Mapping[str, Any] | None = None) -> None:
        """Raise `Forbidden` unless the policy lets the caller; by default on something of its own project."""
        self.around.policy.enforce(rule, self.caller, target)

    def allows(self, rule: str, target: Mapping[str, Any] | None = None) -> bool:
        """Whether the policy lets the caller."""
        return self.around.policy.allows(rule, self.caller, target)

    def links(self, collection: str, id: str) -> list[dict[str, str]]:
        """The `self` and `bookmark` links of a resource."""
        bookmark = self.prefix.removeprefix("/v3")
        return [
            {"rel": "self", "href": f"{self.base_url}{self.prefix}/{collection}/{id}"},
            {"rel": "bookmark", "href": f"{self.base_url}{bookmark}/{collection}/{id}"},
        ]


@dataclass(frozen=True)
class Reply:
    """What goes back. A `str` body is text, None is empty, anything else JSON; `status` None is the route's own."""

    body: Any = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Reply]
"""(request, *ids of the path) → reply."""


@dataclass(frozen=True, eq=False)
class Route:
    """One method of one path: who answers it, from which microversion on, with what status and for which bodies.

    `path` is without version and project; `{names}` are passed to the handler in their order. `schema` is the JSON
    schema of the body, by the minor version from which it holds. `also` are statuses that it answers with beside
    `success` and those of every route.
    """

    method: str
    path: str
    handler: Handler
    success: int = 200
    since: int = 0
    schema: Mapping[int, Mapping[str, Any]] | None = None
    summary: str = ""
    also: Sequence[int] = ()
