"""The metadata of volumes and of snapshots: the whole set, and its items."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import items
from lapilli.api import microversions as since
from lapilli.api.request import Parameter, Reply, Request
from lapilli.db import snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict

_KIND: Final = "Metadata item"
Change = Callable[[Mapping[str, str]], dict[str, str]]
"""The set as it is → the set as it should be."""

READS: Final = (Parameter("If-Match", since=since.METADATA_ETAG),)
"""The checksum of the set that the client has seen."""
SENDS: Final = (Parameter("Etag", since=since.METADATA_ETAG),)
"""The checksum of the set."""


@dataclass(frozen=True)
class Metadata:
    """The metadata of one kind of resource. The four rules are those of the policy."""

    get: Callable[[Connection, str, str | None], AnyRow]
    lock: Callable[[Connection, str, str | None], AnyRow]
    write: Callable[..., None]
    read_rule: str
    create_rule: str
    update_rule: str
    delete_rule: str
    has_etag: bool = False
    closed_in: frozenset[str] = frozenset()
    """Statuses of the resource in which its metadata cannot be changed."""

    def index(self, request: Request, id: str) -> Reply:
        """Show the whole set."""
        body = {"metadata": self._read(request, id)}
        if not (self.has_etag and request.minor >= since.METADATA_ETAG):
            return Reply(body)
        # Clients send the checksum back to say which set they have seen; it is of exactly this text.
        return Reply(json.dumps(body), headers={"Etag": _checksum(body["metadata"])})

    def create(self, request: Request, id: str) -> Reply:
        """Add items to the set."""
        more = request.body["metadata"]
        return Reply({"metadata": self._change(request, id, self.create_rule, lambda found: {**found, **more})})

    def update(self, request: Request, id: str) -> Reply:
        """Replace the set."""
        wanted = request.body["metadata"]
        return self._put(request, id, lambda _found: wanted)

    def show_item(self, request: Request, id: str, key: str) -> Reply:
        """Show an item."""
        return Reply({"meta": items.item(self._read(request, id), key, _KIND)})

    def update_item(self, request: Request, id: str, key: str) -> Reply:
        """Write an item."""
        sent = request.body["meta"]
        items.check_named(sent, key, _KIND)
        return self._put(request, id, lambda found: {**found, **sent})

    def delete_item(self, request: Request, id: str, key: str) -> Reply:
        """Delete an item."""
        self._change(request, id, self.delete_rule, lambda found: items.less(found, key, _KIND))
        return Reply()

    def _put(self, request: Request, id: str, change: Change) -> Reply:
        """Change the set, unless the client says that it has seen another one. Answers with the body that was sent."""
        seen = request.headers.get("if-match") if self.has_etag and request.minor >= since.METADATA_ETAG else None

        def change_if_seen(found: Mapping[str, str]) -> dict[str, str]:
            if seen is not None and seen.strip() != "*" and _checksum(found) not in seen:
                raise _SeenAnother
            return change(found)

        try:
            self._change(request, id, self.update_rule, change_if_seen)
        except _SeenAnother:
            return Reply(status=412)
        return Reply(request.body)

    def _read(self, request: Request, id: str) -> dict[str, str]:
        with request.around.db.read() as tx:
            row = self.get(tx, id, request.scope)
        request.enforce(self.read_rule, {"project_id": row.project_id})
        found: dict[str, str] = row.metadata
        return found

    def _change(self, request: Request, id: str, rule: str, change: Change) -> dict[str, str]:
        def work(tx: Connection) -> dict[str, str]:
            row = self.lock(tx, id, request.scope)
            request.enforce(rule, {"project_id": row.project_id})
            if row.status in self.closed_in:
                raise Conflict(f"The metadata of {id} cannot be changed while it is {row.status}.")
            changed = change(row.metadata)
            self.write(tx, id, metadata=changed)
            return changed

        return request.around.db.write(work)


class _SeenAnother(Exception):
    """The client has seen another set than the one that it would change."""


def _checksum(metadata: Mapping[str, Any]) -> str:
    return hashlib.md5(json.dumps({"metadata": metadata}).encode(), usedforsecurity=False).hexdigest()


VOLUMES: Final = Metadata(
    get=volumes.get,
    lock=volumes.lock,
    write=volumes.change,
    read_rule="volume:get_volume_metadata",
    create_rule="volume:create_volume_metadata",
    update_rule="volume:update_volume_metadata",
    delete_rule="volume:delete_volume_metadata",
    has_etag=True,
    closed_in=frozenset({"maintenance", "uploading"}),
)
SNAPSHOTS: Final = Metadata(
    get=snapshots.get,
    lock=snapshots.lock,
    write=snapshots.change,
    read_rule="volume:get_snapshot_metadata",
    create_rule="volume:update_snapshot_metadata",
    update_rule="volume:update_snapshot_metadata",
    delete_rule="volume:delete_snapshot_metadata",
)
