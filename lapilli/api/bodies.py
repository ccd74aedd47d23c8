"""Request bodies: JSON, checked against the route's schema of the version that is asked for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import fastjsonschema
import msgspec

from lapilli.api.faults import Status
from lapilli.api.formats import FORMATS
from lapilli.api.request import Route
from lapilli.model.errors import Malformed

_JSON: Final = ("application/json", "application/vnd.openstack.volume+json")

_decode = msgspec.json.Decoder().decode


def check_content_type(content_type: str) -> None:
    """Refuse a body that does not say it is JSON. None at all is taken for JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in _JSON:
        raise Status(415, f"A body of type {kind} is not understood; send application/json.")


def parse(raw: bytes) -> Any:
    """The JSON document, or None for an empty body."""
    if not raw:
        return None
    if b"\\u0000" in raw:
        raise Malformed("The body has the character NUL, which not every database can store.")
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is not valid JSON: {error}") from error


def validate(route: Route, minor: int, body: Any) -> None:
    """Raise `Malformed`, naming the field, unless the body is as the route's schema of this version says."""
    if route.schema is None:
        return
    since = max(version for version in route.schema if version <= minor)
    try:
        _checker(route, since)(body)
    except fastjsonschema.JsonSchemaValueException as error:
        raise Malformed(f"Invalid input: {error.message.removeprefix('data.')}.") from error


def text(asked: Mapping[str, Any], name: str) -> str | None:
    """The field `name`, or else the older `display_name`, without blanks around it."""
    value = asked[name] if name in asked else asked.get(f"display_{name}")
    return value.strip() if isinstance(value, str) else None


_checkers: dict[tuple[str, str, int], Callable[[Any], Any]] = {}


def _checker(route: Route, since: int) -> Callable[[Any], Any]:
    """The schema as compiled code. Compiling costs milliseconds, so it waits for the first body."""
    key = route.method, route.path, since
    found = _checkers.get(key)
    if found is None:
        schema: Mapping[str, Any] = (route.schema or {})[since]
        # By draft 4, as in Cinder, 1.0 is no integer.
        dialect = {"$schema": "http://json-schema.org/draft-04/schema#"}
        found = fastjsonschema.compile({**dialect, **schema}, formats=FORMATS, use_default=False)
        _checkers[key] = found
    return found
