"""The specs of types, of volumes and of groups: names with values, seen and changed one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lapilli.api import items
from lapilli.api.request import Reply, Request

Specs = Mapping[str, str | None]


@dataclass(frozen=True)
class SpecHandlers:
    """The handlers of one kind of specs.

    `key` is that of the bodies, `kind` what messages call one of them. `rules` are those of the policy to list them and
    to show one; those to create, to update and to delete are `rule` with these words. `read` tells the specs of a type
    by its id, and `change` writes what its function makes of them.
    """

    key: str
    kind: str
    rule: str
    rules: tuple[str, str]
    read: Callable[[Request, str], Specs]
    change: Callable[[Request, str, Callable[[Specs], Specs]], None]

    def index(self, request: Request, id: str) -> Reply:
        """List the specs of a type."""
        request.enforce(f"{self.rule}:{self.rules[0]}")
        return Reply({self.key: self.read(request, id)})

    def show(self, request: Request, id: str, key: str) -> Reply:
        """Show a spec of a type."""
        request.enforce(f"{self.rule}:{self.rules[1]}")
        return Reply(items.item(self.read(request, id), key, self.kind))

    def create(self, request: Request, id: str) -> Reply:
        """Add specs to a type. Answers with those that were sent."""
        request.enforce(f"{self.rule}:create")
        more = request.body[self.key]
        self.change(request, id, lambda found: {**found, **more})
        return Reply({self.key: more})

    def update(self, request: Request, id: str, key: str) -> Reply:
        """Write a spec of a type."""
        request.enforce(f"{self.rule}:update")
        items.check_named(request.body, key, self.kind)
        self.change(request, id, lambda found: {**found, **request.body})
        return Reply(request.body)

    def delete(self, request: Request, id: str, key: str) -> Reply:
        """Delete a spec of a type."""
        request.enforce(f"{self.rule}:delete")
        self.change(request, id, lambda found: items.less(found, key, self.kind))
        return Reply()
