"""The routes of volume types and what belongs to them."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.handlers import default_types, extra_specs, qos_specs, type_access, type_encryption, types
from lapilli.api.request import Route
from lapilli.api.schemas import qos_specs as qos_bodies
from lapilli.api.schemas import types as type_bodies
from lapilli.api.views import encryptions as encryption_views
from lapilli.api.views import qos_specs as qos_views
from lapilli.api.views import types as views

ROUTES: Final = (
    Route("GET", "/types", types.index, answer=views.DETAILS, query=types.LISTED),
    Route("POST", "/types", types.create, schema=type_bodies.CREATE, also=(409,), answer=views.CREATED),
    Route("GET", "/types/{id}", types.show, answer=views.SHOWN),
    Route("PUT", "/types/{id}", types.update, schema=type_bodies.UPDATE, also=(409,), answer=views.UPDATED),
    Route("DELETE", "/types/{id}", types.delete, 202),
    Route("POST", "/types/{id}/action", type_access.act, 202, schema=type_bodies.ACTION, also=(409,)),
    Route("GET", "/types/{id}/os-volume-type-access", type_access.index, answer=views.ACCESS),
    Route("GET", "/types/{id}/extra_specs", extra_specs.HANDLERS.index, answer=views.SPECS),
    Route("POST", "/types/{id}/extra_specs", extra_specs.HANDLERS.create, schema=type_bodies.SPECS, answer=views.SPECS),
    Route("GET", "/types/{id}/extra_specs/{key}", extra_specs.HANDLERS.show, answer=views.SPEC),
    Route(
        "PUT", "/types/{id}/extra_specs/{key}", extra_specs.HANDLERS.update, schema=type_bodies.SPEC, answer=views.SPEC
    ),
    Route("DELETE", "/types/{id}/extra_specs/{key}", extra_specs.HANDLERS.delete, 202),
    Route("GET", "/types/{id}/encryption", type_encryption.index, answer=encryption_views.OF_TYPE),
    Route(
        "POST",
        "/types/{id}/encryption",
        type_encryption.create,
        schema=type_bodies.ENCRYPT,
        answer=encryption_views.CREATED,
    ),
    Route("GET", "/types/{id}/encryption/{key}", type_encryption.show, answer=encryption_views.PROPERTY_OF_TYPE),
    Route(
        "PUT",
        "/types/{id}/encryption/{key}",
        type_encryption.update,
        schema=type_bodies.ENCRYPT_OTHERWISE,
        answer=encryption_views.UPDATED,
    ),
    Route("DELETE", "/types/{id}/encryption/{key}", type_encryption.delete, 202),
    Route("GET", "/volumes/{id}/encryption", type_encryption.of_volume, answer=encryption_views.OF_VOLUME),
    Route(
        "GET",
        "/volumes/{id}/encryption/{key}",
        type_encryption.item_of_volume,
        answer=encryption_views.PROPERTY_OF_VOLUME,
    ),
    Route("GET", "/default-types", default_types.index, since=since.DEFAULT_TYPES, answer=views.DEFAULTS),
    Route("GET", "/default-types/{project_id}", default_types.show, since=since.DEFAULT_TYPES, answer=views.DEFAULT),
    Route(
        "PUT",
        "/default-types/{project_id}",
        default_types.update,
        since=since.DEFAULT_TYPES,
        schema=type_bodies.DEFAULT,
        answer=views.DEFAULT,
    ),
    Route("DELETE", "/default-types/{project_id}", default_types.delete, 204, since=since.DEFAULT_TYPES),
    Route("GET", "/qos-specs", qos_specs.index, answer=qos_views.LISTED, query=qos_specs.LISTED),
    Route("POST", "/qos-specs", qos_specs.create, schema=qos_bodies.CREATE, also=(409,), answer=qos_views.shown),
    Route("GET", "/qos-specs/{id}", qos_specs.show, answer=qos_views.shown),
    Route("PUT", "/qos-specs/{id}", qos_specs.update, schema=qos_bodies.UPDATE, answer=qos_views.UPDATED),
    Route("DELETE", "/qos-specs/{id}", qos_specs.delete, 202, query=qos_specs.DELETED),
    Route("PUT", "/qos-specs/{id}/delete_keys", qos_specs.delete_keys, 202, schema=qos_bodies.KEYS),
    Route("GET", "/qos-specs/{id}/associations", qos_specs.associations, answer=qos_views.ASSOCIATIONS),
    # Cinder changes associations with GET, and its clients ask for that.
    Route("GET", "/qos-specs/{id}/associate", qos_specs.associate, 202, query=qos_specs.ASSOCIATED),
    Route("GET", "/qos-specs/{id}/disassociate", qos_specs.disassociate, 202, query=qos_specs.ASSOCIATED),
    Route("GET", "/qos-specs/{id}/disassociate_all", qos_specs.disassociate_all, 202),
)
