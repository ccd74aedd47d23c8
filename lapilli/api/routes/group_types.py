"""The routes of group types and their specs."""

from functools import partial
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import group_types
from lapilli.api.request import Route
from lapilli.api.schemas import group_types as bodies
from lapilli.api.views import group_types as views

_route: Final = partial(Route, since=since.GROUP_TYPES)

ROUTES: Final = (
    _route("GET", "/group_types", group_types.index, answer=views.LISTED, query=group_types.LISTED),
    _route("POST", "/group_types", group_types.create, 202, schema=bodies.CREATE, also=(409,), answer=views.SHOWN),
    _route("GET", "/group_types/{id}", group_types.show, answer=views.SHOWN),
    _route("PUT", "/group_types/{id}", group_types.update, schema=bodies.UPDATE, also=(409,), answer=views.SHOWN),
    _route("DELETE", "/group_types/{id}", group_types.delete, 202),
    _route("GET", "/group_types/{id}/group_specs", group_types.SPECS.index, answer=views.SPECS),
    _route(
        "POST", "/group_types/{id}/group_specs", group_types.SPECS.create, 202, schema=bodies.SPECS, answer=views.SPECS
    ),
    _route("GET", "/group_types/{id}/group_specs/{key}", group_types.SPECS.show, answer=views.SPEC),
    _route(
        "PUT", "/group_types/{id}/group_specs/{key}", group_types.SPECS.update, schema=bodies.SPEC, answer=views.SPEC
    ),
    _route("DELETE", "/group_types/{id}/group_specs/{key}", group_types.SPECS.delete, 202),
)
