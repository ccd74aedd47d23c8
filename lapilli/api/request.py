"""What a handler gets and gives: the request with everything already settled about it, and the reply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from lapilli.api.policy import Policy
from lapilli.api.versions import Version
from lapilli.db.engine import Database
from lapilli.model.protocols.neighbours import Images, Projects, Servers
from lapilli.model.protocols.work import Wake
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
    max_body_bytes: int = 114688
    believes_proxies: bool = False
    """Whether a proxy in front says what the client called."""
    disabled_by: Path | None = None
    """While this file exists, the API says that it is not well, and load balancers leave it."""
    service_down_time_s: float = 60.0
    host: str = "localhost"
    """The name of the node that this API runs on."""
    message_ttl_s: int = 2_592_000
    """How long a message to users is kept."""
    images: Images | None = None
    """Glance, where there is one."""
    projects: Projects | None = None
    """Keystone, where there is one."""
    servers: Servers | None = None
    """Nova, where there may be one: it is asked before a server's volume is detached."""
    service_roles: frozenset[str] = frozenset({"service"})
    """Roles, any of which makes a caller's service token that of a service."""
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
Answer = Callable[[int], Mapping[str, Any]]
"""minor version → the JSON schema of a body."""


class Parameter(NamedTuple):
    """A parameter of the query or a header: the JSON schema of its value, and the minor version that brought it.

    Where a route has two of a name, the later one counts from its version on.
    """

    name: str
    shape: Mapping[str, Any] = {"type": "string"}
    since: int = 0


class Answered(NamedTuple):
    """What an action of a URL of actions answers with, from which minor version on; without `answer` no body."""

    status: int
    answer: Answer | None
    since: int


@dataclass(frozen=True, eq=False)
class Route:
    """One method of one path: who answers it, from which microversion on, with what status and for which bodies.

    `path` is without version and project; `{names}` are passed to the handler in their order. `schema` is the JSON
    schema of the body, by the minor version from which it holds, and `answer` gives that of what comes back; without it
    nothing does. `actions` tells what each of its actions answers with, in place of `success` and `answer`. `query` are
    the parameters that it understands; `reads` and `sends` are headers, and `also` statuses of refusals, that it has
    beside those of every route.
    """

    method: str
    path: str
    handler: Handler
    success: int = 200
    since: int = 0
    schema: Mapping[int, Mapping[str, Any]] | None = None
    summary: str = ""
    also: Sequence[int] = ()
    answer: Answer | None = None
    query: Sequence[Parameter] = ()
    reads: Sequence[Parameter] = ()
    sends: Sequence[Parameter] = ()
    actions: Mapping[str, Answered] = field(default_factory=dict)

    def parameters(self, minor: int) -> Mapping[str, Mapping[str, Any]]:
        """The schemas of the query's parameters in a version, by their names."""
        return {each.name: each.shape for each in self.query if each.since <= minor}
