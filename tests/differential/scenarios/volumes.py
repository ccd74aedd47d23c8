"""Volumes: create, look, change, delete; their metadata."""

from tests.differential.scenario import Ask, Probe, Put, Scenario
from tests.differential.scenarios.steps import VOLUME_STATES, act, connected, see, snapshot, volume, volume_type
from tests.differential.variants import lists, scenario

SEE = (see("/volumes/detail"),)
NEW = Ask("POST", "/volumes", {"volume": {"size": 1, "name": "one"}}, role="admin", takes={"volume": "volume.id"})
_HINTS = "OS-SCH-HNT:scheduler_hints"
_CREATE_MORE = (
    "description",
    "display_name",
    "display_description",
    "volume_type",
    "metadata",
    "availability_zone",
    "snapshot_id",
    "source_volid",
    "consistencygroup_id",
    "group_id",
    "multiattach",
    "backup_id",
)


def _new(note: str, hints: object = None, version: str = "3.71", role: str = "admin", **wish: object) -> Ask:
    body: dict[str, object] = {"volume": wish}
    if hints is not None:
        body[_HINTS] = hints
    return Ask("POST", "/volumes", body, role=role, version=version, note=note)


_FROM = (
    _new("snapshot", snapshot_id="{snapshot}"),
    _new("snapshot and size", snapshot_id="{snapshot}", size=3),
    _new("snapshot, too small", snapshot_id="{snapshot}", size=1),
    _new("volume", source_volid="{volume}"),
    _new("volume and size", source_volid="{volume}", size=3),
    _new("volume, too small", source_volid="{volume}", size=1),
    _new("volume and snapshot", source_volid="{volume}", snapshot_id="{snapshot}"),
    _new("volume of others", source_volid="{volume}", role="other", size=2),
    _new("snapshot of others", snapshot_id="{snapshot}", role="other", size=2),
    _new("no snapshot", snapshot_id="0e59a5c1-6a1f-4c6e-9d0e-3f6b1f2f7a10"),
    _new("no volume", source_volid="0e59a5c1-6a1f-4c6e-9d0e-3f6b1f2f7a10"),
    _new("by type name", volume_type="gold", size=1),
    _new("by type id", volume_type="{type}", size=1),
    _new("no type", volume_type="lead", size=1),
    _new("other type than source", volume_type="gold", source_volid="{volume}"),
    _new("other type than snapshot", volume_type="gold", snapshot_id="{snapshot}"),
    _new("private type", volume_type="hidden", size=1, role="member"),
    _new("private type by id", volume_type="{private}", size=1, role="member"),
    _new("type of no backend", volume_type="nowhere", size=1),
    _new("zone", availability_zone="nova", size=1),
    _new("no zone", availability_zone="mars", size=1),
    _new("same host", {"same_host": ["{volume}"]}, size=1),
    _new("different host", {"different_host": ["{volume}"]}, size=1),
    _new("same host, no volume", {"same_host": ["0e59a5c1-6a1f-4c6e-9d0e-3f6b1f2f7a10"]}, size=1),
    _new("hint no id", {"same_host": "nope"}, size=1),
    _new("hint twice", {"same_host": ["{volume}", "{volume}"]}, size=1),
    _new("hint query", {"query": "['and']"}, size=1),
    _new("hint unknown", {"colour": "red"}, size=1),
    _new("hint local", {"local_to_instance": "{volume}"}, size=1),
    _new("hint text", "text", size=1),
    _new("over gigabytes", size=1001),
    _new("larger than any backend", size=101),
    _new("gigabytes, member", size=1001, role="member"),
    *(_new("no such field", colour="red", size=1, version=v) for v in ("3.0", "3.52", "3.53")),
    *(_new("early group", group_id="", size=1, version=v) for v in ("3.0", "3.12", "3.13")),
    *(_new("multiattach", multiattach=True, size=1, version=v) for v in ("3.0", "3.50")),
    *(_new("early backup", backup_id="{volume}", version=v, size=1) for v in ("3.46", "3.47")),
)
_TYPES = (
    volume_type(),
    volume_type("private", name="hidden", **{"os-volume-type-access:is_public": False}),
    volume_type("nowhere", name="nowhere", extra_specs={"volume_backend_name": "nowhere"}),
)

SCENARIOS = (
    scenario("volumes/create", (), NEW, look=SEE, more=_CREATE_MORE, in_versions=("3.0", "3.71")),
    Scenario(
        "volumes/create-from",
        (*_TYPES, volume(size=2), snapshot()),
        [Probe((ask, *SEE)) for ask in _FROM],
    ),
    Scenario(
        "volumes/create-over-quota",
        tuple(volume(f"v{n}") for n in range(10)),
        [Probe((_new("eleventh", size=1, role=role), see("/limits"))) for role in ("admin", "member")],
    ),
    Scenario(
        "volumes/create-from-states",
        (volume(), snapshot()),
        [
            Probe((Put("volumes", "{volume}", {"status": state}), _new(f"clone of {state}", source_volid="{volume}")))
            for state in VOLUME_STATES
        ]
        + [
            Probe((Put("snapshots", "{snapshot}", {"status": s}), _new(f"of snapshot {s}", snapshot_id="{snapshot}")))
            for s in ("available", "creating", "deleting", "error", "error_deleting", "backing-up")
        ],
    ),
    scenario("volumes/show", (volume(),), Ask("GET", "/volumes/{volume}")),
    scenario("volumes/show-attached", (volume(), connected(), act("os-reserve")), Ask("GET", "/volumes/{volume}")),
    scenario(
        "volumes/update",
        (volume(),),
        Ask("PUT", "/volumes/{volume}", {"volume": {"name": "new", "description": "text"}}),
        more=("display_name", "display_description", "metadata", "size"),
        look=SEE,
        in_versions=("3.0", "3.71"),
    ),
    Scenario(
        "volumes/update-states",
        (volume(),),
        [
            Probe(
                (
                    Put("volumes", "{volume}", {"status": state}),
                    Ask("PUT", "/volumes/{volume}", {"volume": {"name": "new"}}, note=state),
                )
            )
            for state in VOLUME_STATES
        ],
    ),
    scenario("volumes/delete", (volume(),), Ask("DELETE", "/volumes/{volume}"), look=SEE),
    scenario("volumes/delete-with-snapshot", (volume(), snapshot()), Ask("DELETE", "/volumes/{volume}"), look=SEE),
    Scenario(
        "volumes/delete-query",
        (volume(), snapshot()),
        [
            Probe((Ask("DELETE", f"/volumes/{{volume}}?{query}", role=role, version=version), *SEE))
            for version in ("3.0", "3.22", "3.23", "3.71")
            for role in ("admin", "member")
            for query in (
                "cascade=true",
                "cascade=false",
                "cascade=x",
                "cascade=",
                "force=true",
                "force=x",
                "force=true&cascade=true",
                "colour=red",
            )
        ],
    ),
    Scenario(
        "volumes/delete-states",
        (volume(),),
        [
            Probe(
                (
                    Put("volumes", "{volume}", {"status": state}),
                    Ask("DELETE", f"/volumes/{{volume}}{query}", note=state),
                )
            )
            for state in VOLUME_STATES
            for query in ("", "?force=true", "?cascade=true")
        ],
    ),
    Scenario(
        "volumes/delete-attached",
        (volume(), connected()),
        [Probe((Ask("DELETE", f"/volumes/{{volume}}{query}"), *SEE)) for query in ("", "?force=true", "?cascade=true")],
    ),
    scenario("volumes/summary", (volume(), volume("second", size=2)), Ask("GET", "/volumes/summary"), since=12),
    Scenario(
        "volumes/summary-query",
        (volume(), volume("second", metadata={"k": "w"})),
        [
            Probe((Ask("GET", f"/volumes/summary?{query}", role=role, version=version),))
            for version in ("3.12", "3.36", "3.71")
            for role in ("admin", "member", "other")
            for query in ("all_tenants=1", "all_tenants=x", "name=one", "nonsense=1", "limit=1")
        ],
    ),
    *(
        lists(
            f"volumes/list{path.replace('/', '-')}",
            (volume(), volume("second", name="two", size=2), volume("third", name="three")),
            f"/volumes{path}",
            marker="{volume}",
            filters=(
                "bootable=true",
                "bootable=x",
                "bootable=",
                "size=1",
                "size=x",
                "availability_zone=nova",
                "migration_status=x",
                "group_id=x",
                "glance_metadata={'a':'b'}",
                "consumes_quota=true",
                "consumes_quota=x",
                "volume_type=x",
                "host=node@files%23files",
                "attach_status=detached",
                "encrypted=false",
            ),
        )
        for path in ("", "/detail")
    ),
    Scenario(
        "volumes/list-versions-of-filters",
        (volume(),),
        [
            Probe((Ask("GET", f"/volumes?{word}", role=role, version=version),))
            for role in ("admin", "member")
            for word, versions in {
                "bootable=x": ("3.1", "3.2"),
                "glance_metadata={'a':'b'}": ("3.3", "3.4"),
                "group_id=x": ("3.9", "3.10"),
                "nonsense=1": ("3.30", "3.31"),
                "all_tenants=1": ("3.30", "3.31"),
                "name~=on": ("3.33", "3.34"),
                "with_count=true": ("3.44", "3.45"),
                "created_at=gt:2020-01-01": ("3.59", "3.60"),
                "consumes_quota=true": ("3.64", "3.65"),
            }.items()
            for version in versions
        ],
    ),
    scenario("volumes/metadata", (volume(),), Ask("GET", "/volumes/{volume}/metadata")),
    *(
        scenario(
            f"volumes/metadata-{method.lower()}",
            (volume(),),
            Ask(method, "/volumes/{volume}/metadata", {"metadata": {"a": "b"}}),
            look=(see("/volumes/{volume}/metadata"),),
        )
        for method in ("POST", "PUT")
    ),
    scenario("volumes/metadata-show", (volume(),), Ask("GET", "/volumes/{volume}/metadata/k")),
    scenario(
        "volumes/metadata-set",
        (volume(),),
        Ask("PUT", "/volumes/{volume}/metadata/k", {"meta": {"k": "w"}}),
        look=(see("/volumes/{volume}/metadata"),),
        also=(
            Ask("PUT", "/volumes/{volume}/metadata/k", {"meta": {"other": "w"}}, note="other key"),
            Ask("PUT", "/volumes/{volume}/metadata/k", {"meta": {"k": "w", "l": "w"}}, note="two"),
            Ask("PUT", "/volumes/{volume}/metadata/new", {"meta": {"new": "w"}}),
        ),
    ),
    scenario(
        "volumes/metadata-delete",
        (volume(),),
        Ask("DELETE", "/volumes/{volume}/metadata/k"),
        also=(Ask("DELETE", "/volumes/{volume}/metadata/none"), Ask("GET", "/volumes/{volume}/metadata/none")),
        look=(see("/volumes/{volume}/metadata"),),
    ),
    Scenario(
        "volumes/metadata-states",
        (volume(),),
        [
            Probe((Put("volumes", "{volume}", {"status": state}), ask))
            for state in VOLUME_STATES
            for ask in (
                Ask("POST", "/volumes/{volume}/metadata", {"metadata": {"a": "b"}}, note=state),
                Ask("PUT", "/volumes/{volume}/metadata", {"metadata": {"a": "b"}}, note=state),
                Ask("DELETE", "/volumes/{volume}/metadata/k", note=state),
            )
        ],
    ),
    Scenario(
        "volumes/metadata-match",
        (volume(),),
        [
            Probe((Ask(method, path, body, headers={"If-Match": "0"}, version=version),))
            for version in ("3.14", "3.15", "3.71")
            for method, path, body in (
                ("PUT", "/volumes/{volume}/metadata", {"metadata": {"a": "b"}}),
                ("PUT", "/volumes/{volume}/metadata/k", {"meta": {"k": "b"}}),
                ("POST", "/volumes/{volume}/metadata", {"metadata": {"a": "b"}}),
            )
        ],
    ),
    scenario("volumes/encryption", (volume(),), Ask("GET", "/volumes/{volume}/encryption")),
    scenario(
        "volumes/encryption-key",
        (volume(),),
        Ask("GET", "/volumes/{volume}/encryption/encryption_key_id"),
        also=(Ask("GET", "/volumes/{volume}/encryption/cipher"), Ask("GET", "/volumes/{volume}/encryption/nope")),
    ),
    Scenario(
        "volumes/other-methods",
        (volume(),),
        [
            Probe((Ask(method, path),))
            for method, path in (
                ("PATCH", "/volumes/{volume}"),
                ("DELETE", "/volumes"),
                ("PUT", "/volumes"),
                ("POST", "/volumes/{volume}"),
                ("GET", "/volumes/{volume}/action"),
                ("GET", "/volumes/{volume}/nothing"),
                ("OPTIONS", "/volumes"),
                ("GET", "/volumes/"),
                ("GET", "/volumes.json"),
                ("GET", "/volumes/{volume}.json"),
                ("POST", "/volumes/detail"),
            )
        ],
    ),
)
