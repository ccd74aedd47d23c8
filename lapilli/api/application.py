"""The WSGI application: who asks, which route, which version, what body; then the handler, then the answer.

Only here does anything know the HTTP framework, but for how it spells a status (`api/wsgi.py`). The order is Cinder's:
identity before routing, routing before the microversion, the microversion before the body.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import falcon

from lapilli.api import bodies, discovery, proxies, wsgi
from lapilli.api.faults import Fault, Status, fault_of, no_such_route
from lapilli.api.identity import Identity
from lapilli.api.request import Reply, Request, Route, Surroundings
from lapilli.api.urls import Urls
from lapilli.api.versions import NotServed, Version, negotiate
from lapilli.model.errors import Malformed, Unauthenticated, Unavailable
from lapilli.model.values import Caller

_log = logging.getLogger(__name__)

_METHODS_WITH_BODY = {"POST", "PUT"}


class Application:
    """The API as one WSGI callable."""

    def __init__(self, around: Surroundings, identity: Identity, routes: Sequence[Route], urls: Urls) -> None:
        self._around = around
        self._identity = identity
        self._urls = urls
        self._discovery = discovery.Discovery(routes, around.public_endpoint, around.disabled_by)
        self._app = falcon.App(independent_middleware=False)
        self._app.req_options.auto_parse_form_urlencoded = False
        self._app.add_error_handler(falcon.HTTPError, _answer_unrouted)
        self._app.add_sink(_refuse_unrouted)
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        for path, methods in by_path.items():
            self._app.add_route(path, _Resource(self, methods))

    def __call__(self, environ: dict[str, Any], start_response: wsgi.StartResponse) -> Iterable[bytes]:
        """WSGI."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if self._around.believes_proxies:
            proxies.believe(environ)
        request_id = wsgi.request_id_of(environ)
        found = self._discovery.find(method, path, environ)
        if found is not None:
            return wsgi.send_found(start_response, found, request_id)
        place = self._urls.split(path)
        if place is None:
            return wsgi.send_fault(start_response, no_such_route(), request_id, {})
        prefix, project, rest = place
        try:
            headers = wsgi.Headers(environ)
            caller = self._identity.identify(headers, project, method, path)
            caller = replace(caller, request_id=request_id, is_admin=self._around.policy.is_admin(caller))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered
            challenge = {"WWW-Authenticate": self._identity.challenge} if isinstance(error, Unauthenticated) else {}
            return wsgi.send_fault(start_response, _explain(error), request_id, challenge)
        if rest == "/":
            return wsgi.send_found(start_response, self._discovery.version_document(environ), request_id)
        environ["PATH_INFO"] = rest
        environ["lapilli.caller"] = caller
        environ["lapilli.prefix"] = prefix
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def respond(self, route: Route, req: falcon.Request, resp: falcon.Response, ids: Mapping[str, str]) -> None:
        """Answer a request that has found its route."""
        caller: Caller = req.env["lapilli.caller"]
        resp.set_header("x-compute-request-id", caller.request_id)
        resp.set_header("x-openstack-request-id", caller.request_id)
        version: Version | None = None
        try:
            version = negotiate(req.get_header("OpenStack-API-Version"))
            reply = self._reply(route, req, caller, version, ids)
        except NotServed as error:
            _write_fault(resp, fault_of(error))
            if not error.asked.startswith(("1.", "2.")):  # Cinder takes those for versions of before
                _write_version(resp, error.asked)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered
            _write_fault(resp, _explain(error))
        else:
            _write(resp, reply, route.success)
        if version is not None:
            _write_version(resp, str(version))

    def _reply(
        self, route: Route, req: falcon.Request, caller: Caller, version: Version, ids: Mapping[str, str]
    ) -> Reply:
        if version.minor < route.since:
            raise Status(404, "The resource could not be found.")
        _refuse_unreadable(req)
        return route.handler(self._request(route, req, caller, version), *ids.values())

    def _request(self, route: Route, req: falcon.Request, caller: Caller, version: Version) -> Request:
        body = None
        if req.method in _METHODS_WITH_BODY:
            body = self._read_body(route, req, version.minor)
        return Request(
            caller=caller,
            version=version,
            query=_last_values(req.params),
            body=body,
            base_url=discovery.base_url(req.env, self._around.public_endpoint),
            prefix=req.env["lapilli.prefix"],
            path=req.path,
            headers=wsgi.Headers(req.env),
            around=self._around,
        )

    def _read_body(self, route: Route, req: falcon.Request, minor: int) -> Any:
        length, most = req.content_length or 0, self._around.max_body_bytes
        if length > most:
            raise Status(413, f"The body has {length} bytes; {most} are the most.")
        raw = req.bounded_stream.read(most + 1)
        if len(raw) > most:
            raise Status(413, f"The body has more than {most} bytes.")
        if raw:
            bodies.check_content_type(req.content_type or "")
        body = bodies.parse(raw)
        if body is None and route.schema is not None:
            body = {}
        bodies.validate(route, minor, body)
        return body


class _Resource:
    """A path for Falcon: one responder for each method that is routed."""

    def __init__(self, application: Application, methods: Mapping[str, Route]) -> None:
        for method, route in methods.items():
            setattr(self, f"on_{method.lower()}", _responder(application, route))

    def on_options(self, req: falcon.Request, resp: falcon.Response, **_ids: str) -> None:
        """Refused as any verb without a route; left alone, Falcon would answer it."""
        _refuse_unrouted(req, resp)


def _responder(application: Application, route: Route) -> Callable[..., None]:
    def respond(req: falcon.Request, resp: falcon.Response, **ids: str) -> None:
        application.respond(route, req, resp, ids)

    return respond


def _explain(error: Exception) -> Fault:
    fault = fault_of(error)
    if fault.status >= 500 and not isinstance(error, Unavailable):  # noqa: PLR2004
        _log.error("a request broke", exc_info=error)
    return fault


def _refuse_unreadable(req: falcon.Request) -> None:
    """NUL is in no name and no id, and not every database can be asked for it; nothing is meant by broken UTF-8."""
    if "\0" in req.path:
        raise Status(404, "The resource could not be found.")
    if "%00" in req.query_string:
        raise Malformed("A parameter of the query has the character NUL.")
    try:
        unquote(req.query_string, errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed("The query is not UTF-8.") from error


def _last_values(params: Mapping[str, Any]) -> dict[str, str]:
    return {name: value[-1] if isinstance(value, list) else value for name, value in params.items()}


def _write(resp: falcon.Response, reply: Reply, success: int) -> None:
    resp.status = reply.status or success
    for name, value in reply.headers.items():
        resp.set_header(name, value)
    if isinstance(reply.body, str):
        resp.content_type = "text/html; charset=UTF-8"
        resp.data = reply.body.encode()
    elif reply.body is not None:
        resp.content_type = wsgi.JSON
        resp.data = wsgi.encode(reply.body)


def _write_fault(resp: falcon.Response, fault: Fault) -> None:
    resp.status = fault.status
    resp.content_type = wsgi.JSON
    resp.data = wsgi.encode(fault.body)
    for name, value in fault.headers.items():
        resp.set_header(name, value)


def _write_version(resp: falcon.Response, version: str) -> None:
    resp.set_header("OpenStack-API-Version", f"volume {version}")
    resp.set_header("Vary", "OpenStack-API-Version")


def _refuse_unrouted(req: falcon.Request, resp: falcon.Response, **_ids: str) -> None:
    resp.set_header("x-openstack-request-id", req.env["lapilli.caller"].request_id)
    _write_fault(resp, no_such_route())


def _answer_unrouted(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _ids: object) -> None:
    """Falcon's own refusals: a verb that no route has is Cinder's 404; a request it cannot read is a 400."""
    if error.status_code in {404, 405}:
        _refuse_unrouted(req, resp)
    else:
        _write_fault(resp, fault_of(Status(error.status_code, error.description or error.title)))
