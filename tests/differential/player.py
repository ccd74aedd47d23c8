"""Play a scenario on a stage, and write down what a client could tell apart."""

import base64
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tests.differential.scenario import Ask, Probe, Put, Scenario, Step
from tests.differential.stage import ROLES, Answer, Stage

Seen = tuple[str, int, dict[str, str], Any]
"""Label of the request, status, headers and body of the answer, both normalised."""

NOT_ASKED = 0
_REFUSED = range(400, 500)
_IGNORED_HEADERS = {"content-length"}
_ANY_VALUE = {"x-compute-request-id", "x-openstack-request-id", "etag"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?")


def play(stage: Stage, scenario: Scenario) -> Iterator[Seen]:
    """The answers, in order. Each probe finds the state that the setup left."""
    stage.restore("start")
    names: dict[str, str] = {}
    for step in scenario.setup:
        yield from _do(stage, step, names, "setup: ")
    stage.save("setup")
    for probe in scenario.probes:
        changed = False
        for seen in _probe(stage, probe, dict(names)):
            changed = changed or _may_have_changed(seen)
            yield seen
        if changed or any(isinstance(step, Put) for step in probe.steps):
            stage.restore("setup")


def _probe(stage: Stage, probe: Probe, names: dict[str, str]) -> Iterator[Seen]:
    """The answers; where a request was refused, there is nothing to look at after it."""
    refused = False
    for step in probe.steps:
        if refused and isinstance(step, Ask):
            yield step.label, NOT_ASKED, {}, None
            continue
        for seen in _do(stage, step, names, ""):
            refused = seen[1] in _REFUSED
            yield seen


def _may_have_changed(seen: Seen) -> bool:
    label, status, _, _ = seen
    return status not in {NOT_ASKED, *_REFUSED} and (" GET " not in label or status == 202)


def _do(stage: Stage, step: Step, names: dict[str, str], prefix: str) -> Iterator[Seen]:
    if isinstance(step, Put):
        stage.put(step.table, _fill(step.row, names), step.columns)
        return
    answer = _ask(stage, step, names)
    if step.method != "GET" or answer.status == 202:
        stage.work()
    for name, path in step.takes.items():
        names[name] = _at(answer, path)
    yield prefix + step.label, answer.status, _headers(answer), _body(answer, names)


def _ask(stage: Stage, ask: Ask, names: Mapping[str, str]) -> Answer:
    project, roles = ROLES[ask.role]
    sent = {
        "X-Auth-Token": f"{ask.role}:{project}",
        "X-User-Id": ask.role,
        "X-Project-Id": project,
        "X-Roles": roles,
        "Accept": "application/json",
        **ask.headers,
    }
    if ask.version is not None:
        sent["OpenStack-API-Version"] = f"volume {ask.version}"
    raw = ask.raw
    if raw is None:
        raw = b"" if ask.body is None else json.dumps(_fill(ask.body, names)).encode()
    if raw:
        sent.setdefault("Content-Type", "application/json")
    if sent.get("Content-Type") == "":
        del sent["Content-Type"]
    path = _fill(ask.path, names)
    return stage.send(ask.method, path.removeprefix("!") if path.startswith("!") else f"/v3{path}", raw, sent)


def _fill(value: Any, names: Mapping[str, str]) -> Any:
    """The value with what `{name}` stands for; a name that was never taken is an id that nothing has."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], str(uuid.UUID(int=7))), value)
    if isinstance(value, dict):
        return {_fill(key, names): _fill(inner, names) for key, inner in value.items()}
    return [_fill(inner, names) for inner in value] if isinstance(value, list) else value


def _at(answer: Answer, path: str) -> str:
    try:
        value = json.loads(answer.text)
        for part in path.split("."):
            value = value[int(part) if isinstance(value, list) else part]
    except (ValueError, KeyError, TypeError, IndexError):
        return str(uuid.UUID(int=7))
    return str(value)


def _headers(answer: Answer) -> dict[str, str]:
    return {
        name: "…" if name in _ANY_VALUE else value
        for name, value in sorted(answer.headers.items())
        if name not in _IGNORED_HEADERS
    }


def _body(answer: Answer, names: Mapping[str, str]) -> Any:
    known = {id: "{" + name + "}" for name, id in names.items() if _UUID.fullmatch(id)}
    if answer.text[:1] not in {"{", "["}:
        return _normal(answer.text, known)
    return _normal(json.loads(answer.text), known)


def _normal(value: Any, known: Mapping[str, str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _normal(inner, known, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_normal(inner, known, key) for inner in value]
    if not isinstance(value, str):
        return value
    if key in {"message", "auth_key", "fail_reason", "user_message", "request_id"}:
        return "…"
    if key == "backup_url":
        return _normal(json.loads(base64.b64decode(value)), known)
    value = _UUID.sub(lambda found: known.get(found[0], "<id>"), value)
    return _TIME.sub("<time>", value)
