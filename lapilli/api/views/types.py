"""How volume types look: the reads have one form, the answers to writes an older one."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from lapilli.api.request import Request
from lapilli.api.views import View, field
from lapilli.api.views.shapes import A_WORD, FLAG, TEXT, TEXT_OR_NULL, WORDS, always, many, one, whole
from lapilli.db.rows import AnyRow

_ACCESS: Final = "os-volume-type-access:is_public"
_TOLD_TO_ALL: Final = frozenset({"RESKEY:availability_zones", "multiattach", "replication_enabled"})
"""Extra specs that tell a tenant what a volume can do, and nothing of the deployment."""

_TYPE: Final = View(
    (
        field("id", shape=TEXT),
        field("name", shape=TEXT),
        field("is_public", shape=FLAG),
        field("description"),
        field(_ACCESS, "is_public", rule="volume_extension:volume_type_access", shape=FLAG),
        field("qos_specs_id", rule="volume_extension:access_types_qos_specs_id"),
    )
)

_DETAILS: Final = partial(_TYPE.shape, optional={"extra_specs": WORDS})
_UPDATED: Final = {"id": TEXT, "name": TEXT, "is_public": FLAG, "description": TEXT_OR_NULL, "extra_specs": WORDS}
DETAILS: Final = many("volume_types", _DETAILS, links="volume_type_links")
SHOWN: Final = one("volume_type", _DETAILS)
UPDATED: Final = one("volume_type", always(whole(_UPDATED)))
CREATED: Final = one("volume_type", always(whole({**_UPDATED, _ACCESS: FLAG})))

SPECS: Final = one("extra_specs", always(WORDS))
SPEC: Final = always(A_WORD)
ACCESS: Final = many("volume_type_access", always(whole({"volume_type_id": TEXT, "project_id": TEXT})))
_DEFAULT: Final = always(whole({"project_id": TEXT, "volume_type_id": TEXT}))
DEFAULTS: Final = many("default_types", _DEFAULT)
DEFAULT: Final = one("default_type", _DEFAULT)


def visible_specs(request: Request, extra_specs: Mapping[str, str | None]) -> dict[str, str | None]:
    """The extra specs that the caller may know of."""
    if request.allows("volume_extension:types_extra_specs:read_sensitive"):
        return dict(extra_specs)
    return {key: value for key, value in extra_specs.items() if key in _TOLD_TO_ALL}


def details(request: Request, row: AnyRow) -> dict[str, Any]:
    """A type as lists and shows have it."""
    view = _TYPE.for_request(request)(row)
    if request.allows("volume_extension:access_types_extra_specs"):
        view["extra_specs"] = visible_specs(request, row.extra_specs)
    return view


def updated(row: AnyRow) -> dict[str, Any]:
    """The answer to an update."""
    return {
        "id": row.id,
        "name": row.name,
        "is_public": row.is_public,
        "description": row.description,
        "extra_specs": row.extra_specs,
    }


def created(row: AnyRow) -> dict[str, Any]:
    """The answer to a create."""
    return {**updated(row), _ACCESS: row.is_public}
