"""Snapshots: create, look, change, delete; their metadata and actions."""

from tests.differential.scenario import Ask, Probe, Put, Scenario
from tests.differential.scenarios.steps import VOLUME_STATES, act, connected, see, snapshot, volume
from tests.differential.variants import lists, scenario

SEE = (see("/snapshots/detail"), see("/volumes/{volume}"))
STATES = (
    "available",
    "creating",
    "deleting",
    "deleted",
    "error",
    "error_deleting",
    "unmanaging",
    "backing-up",
    "restoring",
    "updating",
)
_MADE = (volume(), snapshot())
_OF = "/snapshots/{snapshot}"
NEW = Ask("POST", "/snapshots", {"snapshot": {"volume_id": "{volume}", "name": "one"}})


def _of_snapshot(action: str, value: object = None, note: str = "") -> Ask:
    return Ask("POST", f"{_OF}/action", {action: value}, note=note)


SCENARIOS = (
    scenario(
        "snapshots/create",
        (volume(),),
        NEW,
        look=SEE,
        more=("description", "display_name", "display_description", "metadata", "force"),
        in_versions=("3.0", "3.71"),
    ),
    Scenario(
        "snapshots/create-states",
        (volume(),),
        [
            Probe(
                (
                    Put("volumes", "{volume}", {"status": state}),
                    Ask("POST", "/snapshots", {"snapshot": wish}, version=version, note=f"{state} {force}"),
                )
            )
            for version in ("3.0", "3.71")
            for state in VOLUME_STATES
            for force in (None, True, False)
            for wish in [{"volume_id": "{volume}"} | ({} if force is None else {"force": force})]
        ],
    ),
    Scenario(
        "snapshots/create-attached",
        (volume(), connected()),
        [
            Probe((Ask("POST", "/snapshots", {"snapshot": {"volume_id": "{volume}", **more}}, version=version), *SEE))
            for version in ("3.0", "3.65", "3.66", "3.71")
            for more in ({}, {"force": True})
        ],
    ),
    Scenario(
        "snapshots/over-quota",
        (volume(), *(snapshot(f"s{n}") for n in range(10))),
        [Probe((NEW, see("/limits")))],
    ),
    scenario("snapshots/show", _MADE, Ask("GET", _OF)),
    scenario(
        "snapshots/update",
        _MADE,
        Ask("PUT", _OF, {"snapshot": {"name": "new", "description": "text"}}),
        more=("display_name", "display_description", "metadata"),
        look=SEE,
    ),
    scenario("snapshots/delete", _MADE, Ask("DELETE", _OF), look=SEE),
    Scenario(
        "snapshots/delete-states",
        _MADE,
        [
            Probe((Put("snapshots", "{snapshot}", {"status": state}), ask, see("/snapshots/detail")))
            for state in STATES
            for ask in (
                Ask("DELETE", _OF, note=state),
                Ask("PUT", _OF, {"snapshot": {"name": "new"}}, note=state),
                Ask("POST", f"{_OF}/metadata", {"metadata": {"a": "b"}}, note=state),
                Ask("DELETE", f"{_OF}/metadata/k", note=state),
                _of_snapshot("os-force_delete", note=state),
                _of_snapshot("os-reset_status", {"status": "available"}, note=state),
                _of_snapshot("os-unmanage", note=state),
                *(
                    _of_snapshot("os-update_snapshot_status", {"status": to}, note=f"{state} to {to}")
                    for to in ("creating", "available", "error", "deleting", "error_deleting")
                ),
            )
        ],
    ),
    *(
        lists(
            f"snapshots/list{path.replace('/', '-')}",
            (volume(), snapshot(), snapshot("second", name="two"), snapshot("third", name="three", metadata={})),
            f"/snapshots{path}",
            marker="{snapshot}",
            filters=(
                "volume_id={volume}",
                "volume_id=x",
                "availability_zone=nova",
                "consumes_quota=true",
                "consumes_quota=x",
                "volume_size=1",
                "size=1",
                "sort=volume_id",
                "sort=display_name",
                "sort=updated_at",
                "progress=100%25",
            ),
        )
        for path in ("", "/detail")
    ),
    Scenario(
        "snapshots/list-versions-of-filters",
        _MADE,
        [
            Probe((Ask("GET", f"/snapshots?{word}", role=role, version=version),))
            for role in ("admin", "member")
            for word, versions in {
                "metadata={'k':'v'}": ("3.21", "3.22"),
                "metadata={'k':'w'}": ("3.21", "3.22"),
                "sort=name": ("3.29", "3.30"),
                "nonsense=1": ("3.30", "3.31"),
                "name~=on": ("3.33", "3.34"),
                "with_count=true": ("3.44", "3.45"),
                "consumes_quota=true": ("3.64", "3.65"),
            }.items()
            for version in versions
        ],
    ),
    scenario("snapshots/metadata", _MADE, Ask("GET", f"{_OF}/metadata")),
    *(
        scenario(
            f"snapshots/metadata-{method.lower()}",
            _MADE,
            Ask(method, f"{_OF}/metadata", {"metadata": {"a": "b"}}),
            look=(see(f"{_OF}/metadata"),),
        )
        for method in ("POST", "PUT")
    ),
    scenario("snapshots/metadata-show", _MADE, Ask("GET", f"{_OF}/metadata/k")),
    scenario(
        "snapshots/metadata-set",
        _MADE,
        Ask("PUT", f"{_OF}/metadata/k", {"meta": {"k": "w"}}),
        look=(see(f"{_OF}/metadata"),),
        also=(
            Ask("PUT", f"{_OF}/metadata/k", {"meta": {"other": "w"}}, note="other key"),
            Ask("PUT", f"{_OF}/metadata/k", {"meta": {"k": "w", "l": "w"}}, note="two"),
            Ask("PUT", f"{_OF}/metadata/new", {"meta": {"new": "w"}}),
        ),
    ),
    scenario(
        "snapshots/metadata-delete",
        _MADE,
        Ask("DELETE", f"{_OF}/metadata/k"),
        also=(Ask("DELETE", f"{_OF}/metadata/none"), Ask("GET", f"{_OF}/metadata/none")),
        look=(see(f"{_OF}/metadata"),),
    ),
    scenario("snapshots/os-reset_status", _MADE, _of_snapshot("os-reset_status", {"status": "error"}), look=SEE),
    Scenario(
        "snapshots/reset-values",
        _MADE,
        [
            Probe((_of_snapshot("os-reset_status", {"status": state}, note=state), *SEE))
            for state in (*STATES, "AVAILABLE", "in-use")
        ],
    ),
    scenario("snapshots/os-force_delete", _MADE, _of_snapshot("os-force_delete", {}), look=SEE),
    scenario("snapshots/os-unmanage", _MADE, _of_snapshot("os-unmanage", {}), look=SEE),
    scenario(
        "snapshots/os-update_snapshot_status",
        (*_MADE, Put("snapshots", "{snapshot}", {"status": "creating"})),
        _of_snapshot("os-update_snapshot_status", {"status": "creating", "progress": "50%"}),
        look=SEE,
    ),
    Scenario(
        "snapshots/unknown-actions",
        _MADE,
        [
            Probe((Ask("POST", f"{_OF}/action", body, note=note),))
            for note, body in {"unknown": {"os-no": {}}, "none": {}, "of volumes": act("os-reserve").body}.items()
        ],
    ),
)
