"""The bodies of quotas."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import ANYTHING, MOST, Schema, wrapped

_LIMIT: Final = {"type": "integer", "minimum": -1, "maximum": MOST}
_LIMIT_OR_TEXT: Final = {"anyOf": [_LIMIT, {"enum": ["-1"]}, {"type": "string", "format": "count"}]}


def _limits(limit: Schema, ignored: tuple[str, ...], *, least: int) -> Schema:
    return {
        "type": "object",
        "properties": dict.fromkeys(ignored, ANYTHING),
        "additionalProperties": limit,
        "minProperties": least,
    }


QUOTAS: Final[Mapping[int, Schema]] = {0: wrapped("quota_set", _limits(_LIMIT, ("id", "tenant_id"), least=1))}
CLASS_QUOTAS: Final[Mapping[int, Schema]] = {0: wrapped("quota_class_set", _limits(_LIMIT_OR_TEXT, ("id",), least=0))}
