"""What answers look like, as JSON schemas: the values of fields, and the bodies that views are put into."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Shape = Mapping[str, Any]
"""A JSON schema."""
Answer = Callable[[int], Shape]
"""minor version → the schema of a body, or of a part of it."""

ANYTHING: Final[Shape] = {}
TEXT: Final[Shape] = {"type": "string"}
TEXT_OR_NULL: Final[Shape] = {"type": ["string", "null"]}
NUMBER: Final[Shape] = {"type": "integer"}
NUMBER_OR_NULL: Final[Shape] = {"type": ["integer", "null"]}
FLAG: Final[Shape] = {"type": "boolean"}
FLAG_OR_NULL: Final[Shape] = {"type": ["boolean", "null"]}
OBJECT: Final[Shape] = {"type": "object"}
WORDS: Final[Shape] = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
"""A map of texts or nulls: specs."""
TEXTS: Final[Shape] = {"type": "object", "additionalProperties": TEXT}
"""A map of texts: metadata."""
A_WORD: Final[Shape] = {**WORDS, "minProperties": 1, "maxProperties": 1}
"""One spec, by its key."""
A_TEXT: Final[Shape] = {**TEXTS, "minProperties": 1, "maxProperties": 1}
"""One item of metadata, by its key."""


def array(item: Shape) -> Shape:
    """A list of such."""
    return {"type": "array", "items": item}


def whole(properties: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object that has exactly these properties, and perhaps the optional ones."""
    optional = optional or {}
    return {
        "type": "object",
        "properties": {**properties, **optional},
        "required": sorted(properties),
        "additionalProperties": False,
    }


def a_property_of(properties: Mapping[str, Shape]) -> Shape:
    """An object with one of these properties."""
    return {**whole({}, properties), "minProperties": 1, "maxProperties": 1}


def as_text(shape: Shape) -> Shape:
    """A text that is JSON of this form: it goes out as text/html, as every text does."""
    return {**TEXT, "contentMediaType": "application/json", "contentSchema": shape}


LINKS: Final = array(whole({"rel": TEXT, "href": TEXT}))


def always(shape: Shape) -> Answer:
    """The same at each version."""
    return lambda _minor: shape


def one(key: str, of: Answer) -> Answer:
    """`{key: resource}`."""
    return lambda minor: whole({key: of(minor)})


def many(key: str, of: Answer, *, links: str = "", counted: int | None = None) -> Answer:
    """`{key: [resources]}`, with the link to the next page under `links`, and from the version `counted` on a count."""

    def shape(minor: int) -> Shape:
        more = {
            **({links: LINKS} if links else {}),
            **({} if counted is None or minor < counted else {"count": NUMBER}),
        }
        return whole({key: array(of(minor))}, more)

    return shape
