"""What the service publishes about itself is tried on it: no 5xx, and no answer that the document does not declare.

`FUZZ_EXAMPLES` is the number of examples of each operation, kind of data, microversion and role.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.http import truth
from tests.http.client import PROJECT
from tests.system import published
from tests.system.fuzz_target import Target

_NOT_SERVED: Final = 406
_UNAVAILABLE: Final = 503
_EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "3"))


def _is_no_failure(context: Any, response: Any, case: Any) -> bool | None:
    """No 5xx, but for the 503 that is Cinder's answer too when no backup service is where it is asked for."""
    if response.status_code == _UNAVAILABLE and "No backup service" in response.text:
        return None
    return schemathesis.checks.not_a_server_error(context, response, case)


def _conforms(context: Any, response: Any, case: Any) -> bool | None:
    """The answer is as the document of its version says; that of an action as it says of this action."""
    answered = response.headers.get("openstack-api-version", [""])[0].removeprefix("volume ")
    if re.fullmatch(r"3\.[0-9]+", answered) and response.status_code != _NOT_SERVED:
        sent = response.request.body or b""
        raw = sent.encode() if isinstance(sent, str) else sent
        path = urlsplit(response.request.url).path
        truth.check(case.method, path, int(answered[2:]), raw, response.status_code, response.text)
    # A request that names no version, or a wrong one, is answered as its own document says.
    if answered == case.operation.schema.raw_schema["info"]["version"]:
        checks.content_type_conformance(context, response, case)
        return checks.response_schema_conformance(context, response, case) if response.content else None
    return None


_CHECKS: Final = [
    _is_no_failure,
    checks.status_code_conformance,
    checks.response_headers_conformance,
    _conforms,
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


@pytest.fixture(scope="module")
def sent(pytestconfig: pytest.Config) -> Iterator[list[int]]:
    """The numbers of requests, of which the sum is told at the end."""
    numbers: list[int] = []
    yield numbers
    capture, reporter = (pytestconfig.pluginmanager.get_plugin(name) for name in ("capturemanager", "terminalreporter"))
    assert capture is not None
    assert reporter is not None
    with capture.global_and_fixture_disabled():
        reporter.write_line(f" {sum(numbers)} requests")


@pytest.fixture
def target(tmp_path: Path, sent: list[int]) -> Iterator[Target]:
    one = Target(tmp_path)
    yield one
    sent.append(one.requests)
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
                target.aim(case, minor)
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
