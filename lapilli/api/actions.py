"""Action URLs: a body with one key, which names what is to be done to the resource."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from lapilli.api.faults import Status
from lapilli.api.formats import ANYTHING, Schema, one_of
from lapilli.api.request import Answer, Answered, Reply, Request, Route

Run = Callable[[Request, str, Any], Reply]
"""(request, id of the resource, value of the key) → reply."""


class Action(NamedTuple):
    """What one key means: who does it, what its value looks like, from which microversion on there is it.

    `later` holds the forms that the value has from later versions on. `status` and `answer`, the schema of its body by
    minor version, are what comes back.
    """

    run: Run
    body: Schema = ANYTHING
    since: int = 0
    later: Mapping[int, Schema] = {}
    status: int = 202
    answer: Answer | None = None

    def form(self, minor: int) -> Schema:
        """The schema of the value in a version. Before there is the action, anything: it is a 404 and not a 400."""
        if minor < self.since:
            return ANYTHING
        versions = [version for version in self.later if version <= minor]
        return self.later[max(versions)] if versions else self.body


@dataclass(frozen=True)
class Actions:
    """All actions of a resource, by their keys."""

    table: Mapping[str, Action]

    def act(self, request: Request, id: str) -> Reply:
        """Do what the body's only key names."""
        ((name, wish),) = request.body.items()
        action = self.table[name]
        if request.minor < action.since:
            raise Status(404, "The resource could not be found.")
        return replace(action.run(request, id, wish), status=action.status)

    def schema(self) -> Mapping[int, Schema]:
        """The body: an object with exactly one of the keys; by the versions that change one of them."""
        changes = {0}.union(*({action.since, *action.later} for action in self.table.values()))
        return {
            minor: one_of({name: action.form(minor) for name, action in self.table.items()})
            for minor in sorted(changes)
        }

    def route(self, path: str, *, since: int = 0, also: Sequence[int] = ()) -> Route:
        """The route of the URL."""
        answered = {name: Answered(each.status, each.answer, each.since) for name, each in self.table.items()}
        return Route("POST", path, self.act, since=since, schema=self.schema(), also=also, actions=answered)
