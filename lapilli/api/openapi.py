"""The OpenAPI document of a microversion, made from the same routes, filters, views and schemas that answer."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from lapilli.api.faults import FAULT_KEYS
from lapilli.api.microversions import BEGINNING
from lapilli.api.request import Parameter, Route

_DONE: Final = {
    200: "Done.",
    201: "Made.",
    202: "Accepted; what is left to do goes on after the answer.",
    204: "Done, and there is nothing to tell.",
}
_REFUSALS: Final = {
    400: "The request is malformed, or the resource is not in a state that allows it.",
    401: "Nobody is known behind the request.",
    403: "The policy does not allow it.",
    404: "There is no such resource in this project.",
    406: "The microversion is not served.",
    409: "Something with this name exists, or the resource is in use.",
    412: "The client has seen another version of it.",
    413: "A quota or a limit of the request's size is exceeded.",
    415: "The body is not JSON.",
    500: "The storage backend could not do it.",
    503: "A part that is needed does not answer now.",
}
_OF_ALL: Final = (400, 401, 403, 406, 503)
_OF_BODIES: Final = (413, 415)
_WITHOUT_BODY: Final = frozenset({412})
_METHODS_WITH_BODY: Final = frozenset({"POST", "PUT"})

_JSON: Final = "application/json"
_TEXT: Final = "text/html"
_STRING: Final = {"type": "string"}
_FAULT: Final = {
    "type": "object",
    "propertyNames": {"enum": sorted(FAULT_KEYS)},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {
        "type": "object",
        "properties": {"code": {"type": "integer"}, "message": _STRING, "retryAfter": _STRING},
        "required": ["code", "message"],
        "additionalProperties": False,
    },
}
_NO_ROUTE: Final = {
    "type": "object",
    "properties": {"code": _STRING, "message": _STRING, "title": _STRING},
    "required": ["code", "message", "title"],
    "additionalProperties": False,
}
_HEADERS: Final = {
    "Request-Id": {"description": "The id of the request, for the log.", "required": True, "schema": _STRING},
    "Version": {"description": "The microversion of the answer.", "required": True, "schema": _STRING},
    "Vary": {"description": "OpenStack-API-Version.", "required": True, "schema": _STRING},
    "Version-If-Known": {"description": "The microversion of the answer.", "schema": _STRING},
    "Vary-If-Known": {"description": "OpenStack-API-Version.", "schema": _STRING},
    "Retry-After": {"description": "The seconds after which to try again.", "schema": _STRING},
    "Challenge": {"description": "Where a token can be had.", "schema": _STRING},
}
_ABOUT: Final = (
    "Volumes, snapshots, backups and groups, and how hosts reach them. A request names its microversion in the header "
    "OpenStack-API-Version; without it, it is one of 3.0. In each path the id of the caller's project may follow /v3."
)


def document(routes: Sequence[Route], minor: int, server: str = "/") -> bytes:
    """The document of microversion 3.`minor`, as JSON. `server` is the URL before `/v3`."""
    return msgspec.json.encode({**_document(tuple(routes), minor), "servers": [{"url": server}]})


def refusals(route: Route, minor: int) -> Sequence[int]:
    """The statuses, beside those of success, that the route may answer with in a version."""
    # A request that names no version gets the oldest, in which many a route is not there.
    may_miss = (404,) if route.since or "{" in route.path or "marker" in route.parameters(minor) else ()
    of_body = _OF_BODIES if route.method in _METHODS_WITH_BODY else ()
    return sorted({*_OF_ALL, *of_body, *may_miss, *route.also})


@cache
def _document(routes: tuple[Route, ...], minor: int) -> Mapping[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.since <= minor:
            paths.setdefault(f"/v3{route.path}", {})[route.method.lower()] = _operation(route, minor)
    tags = sorted({_tag(route) for route in routes if route.since <= minor})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Block Storage API", "version": f"3.{minor}", "description": _ABOUT},
        "security": [{"token": []}],
        "tags": [{"name": name} for name in tags],
        "paths": paths,
        "components": {
            "schemas": {"Fault": _FAULT, "NoRoute": _NO_ROUTE},
            "responses": {str(status): _refusal(status) for status in _REFUSALS},
            "headers": _HEADERS,
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
        },
    }


def _operation(route: Route, minor: int) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary or (route.handler.__doc__ or "").strip().partition("\n")[0],
        "operationId": _name(route),
        "tags": [_tag(route)],
        "parameters": _parameters(route, minor),
        "responses": {
            **{str(status): _success(route, status, minor) for status in sorted(_successes(route, minor))},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals(route, minor)},
        },
    }
    if route.schema is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _body(route, minor)}}}
    return operation


def _name(route: Route) -> str:
    """`get_volumes_by_id`: of method and path alone, so that it stays."""
    words = re.sub(r"{(\w+)}", r"by_\1", route.path).replace("-", "_").replace("/", "_")
    return f"{route.method.lower()}{words}"


def _tag(route: Route) -> str:
    return route.path.split("/")[1]


def _parameters(route: Route, minor: int) -> list[Mapping[str, Any]]:
    version = {
        "name": "OpenStack-API-Version",
        "in": "header",
        "schema": {"type": "string", "enum": [f"volume 3.{minor}"]},
        "required": minor > BEGINNING,
    }
    ids = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    asked = [{"name": name, "in": "query", "schema": shape} for name, shape in sorted(route.parameters(minor).items())]
    headers = [{"name": each.name, "in": "header", "schema": each.shape} for each in _served(route.reads, minor)]
    return [version, *ids, *asked, *headers]


def _served(headers: Sequence[Parameter], minor: int) -> Sequence[Parameter]:
    return [each for each in headers if each.since <= minor]


def _body(route: Route, minor: int) -> Mapping[str, Any]:
    """The schema of the body. An action that is not there yet is a 404, and so is in no document."""
    assert route.schema
    schema = route.schema[max(version for version in route.schema if version <= minor)]
    if not route.actions:
        return schema
    served = {name: form for name, form in schema["properties"].items() if route.actions[name].since <= minor}
    return {**schema, "properties": served}


def _successes(route: Route, minor: int) -> Mapping[int, Mapping[str, Mapping[str, Any] | None]]:
    """What comes back, by the status, and by the action if it is a route of actions."""
    if not route.actions:
        return {route.success: {"": route.answer(minor) if route.answer else None}}
    found: dict[int, dict[str, Mapping[str, Any] | None]] = {}
    for name, action in sorted(route.actions.items()):
        if action.since <= minor:
            found.setdefault(action.status, {})[name] = action.answer(minor) if action.answer else None
    return found


def _success(route: Route, status: int, minor: int) -> dict[str, Any]:
    shapes = _successes(route, minor)[status]
    told: dict[str, Any] = {"description": _described(status, shapes), "headers": _headers("Version", "Vary")}
    told["headers"] |= {each.name: {"schema": each.shape} for each in _served(route.sends, minor)}
    forms = []
    for shape in shapes.values():
        if shape is not None and shape not in forms:
            forms.append(shape)
    if forms:
        media = _TEXT if forms[0].get("type") == "string" else _JSON
        told["content"] = {media: {"schema": forms[0] if len(forms) == 1 else {"oneOf": forms}}}
    return told


def _described(status: int, shapes: Mapping[str, Any]) -> str:
    """Which actions answer so, and which of them without a body."""
    if "" in shapes:
        return _DONE[status]
    told = [name for name, shape in shapes.items() if shape is not None]
    untold = [name for name in shapes if name not in told]
    parts = [f"With a body: {', '.join(told)}." if told else "", f"Without: {', '.join(untold)}." if untold else ""]
    return " ".join([_DONE[status], *filter(None, parts)])


def _refusal(status: int) -> dict[str, Any]:
    names = ["Version-If-Known", "Vary-If-Known"]
    if status in {413, 503}:
        names.append("Retry-After")
    if status == 401:  # noqa: PLR2004
        names.append("Challenge")
    told: dict[str, Any] = {"description": _REFUSALS[status], "headers": _headers(*names)}
    if status not in _WITHOUT_BODY:
        fault = {"$ref": "#/components/schemas/Fault"}
        either = {"anyOf": [fault, {"$ref": "#/components/schemas/NoRoute"}]}
        told["content"] = {_JSON: {"schema": either if status == 404 else fault}}  # noqa: PLR2004
    return told


_NAMES: Final = {
    "Request-Id": "x-openstack-request-id",
    "Version": "OpenStack-API-Version",
    "Version-If-Known": "OpenStack-API-Version",
    "Vary-If-Known": "Vary",
    "Challenge": "WWW-Authenticate",
}


def _headers(*names: str) -> dict[str, Any]:
    """The headers of every answer, and these; by their names on the wire."""
    return {_NAMES.get(name, name): {"$ref": f"#/components/headers/{name}"} for name in ("Request-Id", *names)}
