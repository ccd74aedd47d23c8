"""Where requests can name something: the fields of bodies and the parameters of queries whose values are ids."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings

from lapilli.api.request import Route
from tests.system.published import Deed

_FIELDS: Final[Mapping[str, str]] = {
    "volumes": "volume_id volume_uuid source_volid new_volume resource_id resource_uuid instance_id add_volumes"
    " remove_volumes same_host different_host",
    "snapshots": "snapshot_id",
    "backups": "backup_id parent_id",
    "attachments": "attachment_id",
    "groups": "group_id source_group_id",
    "group_snapshots": "group_snapshot_id",
    "consistencygroups": "consistencygroup_id source_cgid",
    "cgsnapshots": "cgsnapshot_id",
    "types": "volume_type volume_types new_type vol_type_id volume_type_id",
    "group_types": "group_type group_type_id",
    "qos-specs": "qos_specs_id",
    "os-quota-sets": "project project_id source_project_id tenant_id",
    "os-hosts": "host server backend_id secondary_backend_id service active_backend_id",
    "clusters": "cluster cluster_name",
}
_NAMED: Final = {name: family for family, names in _FIELDS.items() for name in names.split()}
_OF_OTHER_SERVICES: Final = frozenset({"image_id", "instance_uuid", "local_to_instance", "service_id"})
_USUAL: Final[Mapping[str, Any]] = {"size": 1, "volume_type": "__DEFAULT__"}


class Place(NamedTuple):
    """A field of a body that names one of the family; `keys` lead to it."""

    keys: tuple[str, ...]
    family: str

    def put(self, body: Any, value: str, schema: Mapping[str, Any]) -> None:
        """Let it name this."""
        for key in self.keys[:-1]:
            if not isinstance(body.get(key), dict):
                body[key] = {}
            body, schema = body[key], schema["properties"][key]
        is_list = schema["properties"][self.keys[-1]].get("type") == "array"
        body[self.keys[-1]] = [value] if is_list else value

    def is_in(self, body: Any) -> bool:
        """Whether the body has it."""
        for key in self.keys:
            if not isinstance(body, dict) or key not in body:
                return False
            body = body[key]
        return True


def places(schema: Mapping[str, Any], keys: tuple[str, ...] = ()) -> Iterator[Place]:
    """All of a body."""
    for name, inner in schema.get("properties", {}).items():
        here = (*keys, name)
        if inner.get("properties"):
            yield from places(inner, here)
        elif name in _NAMED:
            yield Place(here, _NAMED[name])
        else:
            is_id = inner.get("format") == "uuid" or re.search("_(uu)?id$", name)
            assert not is_id or name in _OF_OTHER_SERVICES, f"what does {name} name? _FIELDS tells it"


def plainest(schema: Mapping[str, Any], body: Any) -> Any:
    """The body without what it need not have, and with what is usual, so that little else can be wrong with it."""
    if not isinstance(body, dict) or "properties" not in schema:
        return body
    known = schema["properties"]
    needed = {name for each in (schema, *schema.get("anyOf", ())) for name in each.get("required", ())}
    kept = {name: plainest(known[name], value) for name, value in body.items() if name in needed}
    return {**kept, **{name: value for name, value in _USUAL.items() if name in known}}


def parameters(route: Route, minor: int) -> Iterator[tuple[str, str]]:
    """The parameters of a query that are texts, each with the family that it names one of, or nothing."""
    for name, shape in route.parameters(minor).items():
        plain = name.removesuffix("~")
        if shape.get("type") == "string" and plain not in {"all_tenants", "sort"}:
            yield name, route.path.split("/")[1] if plain in {"id", "marker"} else _NAMED.get(plain, "")


def drawn(deed: Deed, minor: int, number: int) -> list[Any]:
    """Bodies of the deed: always the same ones."""
    found: list[Any] = []

    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(body=deed.bodies(minor))
    def draw(body: Any) -> None:
        found.append(body)

    draw()
    return found
