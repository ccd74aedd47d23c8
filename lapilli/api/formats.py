"""The pieces that body schemas are made of: Cinder's kinds of values, each with its bounds."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

MOST: Final = 2**31 - 1
"""The largest integer that a row can hold."""
_TRUE: Final = frozenset({"True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t"})
_FALSE: Final = frozenset({"False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f"})
_LAST_OF_BMP: Final = "\uffff"

Schema = Mapping[str, Any]


def is_uuid(text: str) -> bool:
    """32 hexadecimal digits, with or without dashes, braces or `urn:uuid:`."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def to_bool(value: bool | str) -> bool:
    """The truth of a boolean, or of a word that the schemas take for one."""
    return value if isinstance(value, bool) else value in _TRUE


def _is_printable(text: str) -> bool:
    # One trailing newline passes, as in Cinder; no other control character does, nor anything a BMP column cannot hold.
    stripped = text.removesuffix("\n")
    return stripped.isprintable() and all(letter <= _LAST_OF_BMP for letter in stripped)


FORMATS: Final[dict[str, str | Callable[[str], bool]]] = {
    "uuid": is_uuid,
    "boolean": lambda text: text in _TRUE or text in _FALSE,
    "size": lambda text: bool(re.fullmatch(r"[0-9]{1,10}", text)) and 1 <= int(text) <= MOST,
    "count": lambda text: bool(re.fullmatch(r"[0-9]{1,10}", text)) and int(text) <= MOST,
    "printable": _is_printable,
    "not-blank": lambda text: bool(text.strip()),
}

BOOL: Final[Schema] = {"type": ["boolean", "string"], "format": "boolean"}
SIZE: Final[Schema] = {"type": ["integer", "string"], "format": "size", "minimum": 1, "maximum": MOST}
SIZE_OR_NULL: Final[Schema] = {**SIZE, "type": ["integer", "string", "null"]}
UUID: Final[Schema] = {"type": "string", "format": "uuid"}
UUID_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "uuid"}
TEXT: Final[Schema] = {"type": "string", "maxLength": 255}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "maxLength": 255}
NAME: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 255}
NAME_OR_NULL: Final[Schema] = {"type": ["string", "null"], "minLength": 1, "maxLength": 255}
DESCRIPTION: Final[Schema] = {"type": ["string", "null"], "maxLength": 255, "format": "printable"}
ANYTHING: Final[Schema] = {}


def map_of(keys: str, value: Schema, *, or_null: bool = False, least: int = 0) -> Schema:
    """An object whose keys match the pattern `keys` and whose values all are `value`."""
    return {
        "type": ["object", "null"] if or_null else "object",
        "patternProperties": {f"^{keys}{{1,255}}$": value},
        "additionalProperties": False,
        "minProperties": least,
    }


METADATA: Final = map_of(r"[a-zA-Z0-9-_:. /]", TEXT)
METADATA_OR_NULL: Final = map_of(r"[a-zA-Z0-9-_:. /]", TEXT, or_null=True)


def fields(
    properties: Mapping[str, Schema], *, required: Sequence[str] = (), others: bool = False, least: int = 0
) -> Schema:
    """An object with these properties; `others` tells whether it may have more, `least` how many it has at least."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": others,
        "minProperties": least,
    }


def wrapped(key: str, inner: Schema) -> Schema:
    """`{key: inner}`, the form of most bodies."""
    return fields({key: inner}, required=[key])


def one_of(known: Mapping[str, Schema]) -> Schema:
    """An object with exactly one of these properties: the body of an action URL."""
    body = fields({name: known[name] for name in sorted(known)}, least=1)
    return {**body, "maxProperties": 1}
