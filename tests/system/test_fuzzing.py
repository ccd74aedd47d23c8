"""What the service publishes about itself is tried on it: no 5xx, and no answer that the document does not declare.

`FUZZ_EXAMPLES` is the number of examples of each operation, kind of data, microversion and role.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from lapilli.db import migrate
from lapilli.db.invariants import check
from tests.http.lab import PROJECT, Cloud
from tests.system import published

_EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "3"))
_SEEDS: Final = 8
_CONNECTOR: Final = {"host": "host", "initiator": "iqn.2026-11.org.example:host"}
_CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
_UNHURRIED: Final = settings(
    max_examples=_EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    # What a failure needs of the rows that were there is gone when it is tried again, so it is told as it was found.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Target:
    """A service at work, with resources whose ids are put into the paths that are tried."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'lapilli.sqlite'}"
        migrate.upgrade(url)
        self.cloud = Cloud(folder / "lapilli.sqlite", folder / "volumes")
        self._ids: dict[str, list[str]] = {"os-quota-sets": [PROJECT], "os-quota-class-sets": ["default"]}
        self._turn = 0
        self._seed()
        self.cloud._runner.start()

    def _seed(self) -> None:
        cloud = self.cloud
        cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": {"volumes": 99, "snapshots": 99}})
        self._ids["types"] = [cloud.type(f"type-{n}", extra_specs={"k": "v"}) for n in range(_SEEDS)]
        self._ids["volumes"] = [cloud.volume(metadata={"k": "v"}) for _ in range(_SEEDS)]
        self._ids["snapshots"] = [cloud.snapshot(volume, metadata={"k": "v"}) for volume in self._ids["volumes"]]
        reserved = [cloud.volume() for _ in range(_SEEDS)]
        self._ids["attachments"] = [self._reserve(volume) for volume in reserved]
        self._ids["volumes"] += reserved

    def _reserve(self, volume: str) -> str:
        wish = {"attachment": {"volume_uuid": volume, "instance_uuid": volume}}
        return str(self.cloud.call("POST", "/attachments", wish, version="3.27").json["attachment"]["id"])

    def aim(self, case: Any) -> None:
        """Let three of four requests name something that is, or was, there."""
        self._turn += 1
        known = self._ids.get(case.path.split("/")[2], [])
        if known and "id" in (case.path_parameters or {}) and self._turn % 4:
            case.path_parameters["id"] = known[self._turn % len(known)]
        if "key" in (case.path_parameters or {}) and self._turn % 2:
            case.path_parameters["key"] = "k"
        for inner in case.body.values() if isinstance(case.body, dict) else ():
            if isinstance(inner, dict) and isinstance(inner.get("connector"), dict) and self._turn % 3:
                inner["connector"] |= _CONNECTOR

    def close(self) -> None:
        """Let the work end, and ask whether all is as it has to be."""
        self.cloud._runner.stop()
        self.cloud.work()
        with self.cloud.db.read() as tx:
            assert check(tx) == []
        self.cloud.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    one = Target(tmp_path)
    yield one
    one.close()


@pytest.mark.parametrize("roles", ["admin,member,reader", "member,reader"])
@pytest.mark.parametrize("minor", [0, 43, 71])
def test_every_operation(target: Target, minor: int, roles: str) -> None:
    """Requests that keep the document and requests that break it are answered as it says."""
    published.know_formats()
    schema = schemathesis.openapi.from_wsgi(f"/openapi.json?version=3.{minor}", target.cloud.app)
    headers = {"X-Auth-Token": f"someone:{PROJECT}", "X-Roles": roles}
    # Deletions come last, so that there is something to try the others on.
    found: list[Any] = list(schema.get_all_operations())
    for operation in sorted((each.ok() for each in found), key=_deletes):
        for mode in GenerationMode:

            @_UNHURRIED
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case: Any) -> None:
                target.aim(case)
                case.call_and_validate(headers=headers, checks=_CHECKS)

            attempt()


def _deletes(operation: Any) -> bool:
    return bool(operation.method == "delete")


@pytest.mark.parametrize(("asked", "status"), [("3.27", 200), ("latest", 200), ("3.72", 406), ("2.0", 406), ("x", 400)])
def test_versions(target: Target, asked: str, status: int) -> None:
    """The document is there for each version that is served, and says which one it is."""
    answer = target.cloud.send("GET", f"/openapi.json?version={asked}", b"", {})
    assert answer.status == status
    if status == 200:
        assert answer.json["info"]["version"] == {"latest": "3.71"}.get(asked, asked)
        assert ("/v3/attachments" in answer.json["paths"], "/v3/resource_filters" in answer.json["paths"]) == (
            True,
            asked == "latest",
        )
