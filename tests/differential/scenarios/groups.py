"""Groups, their types and snapshots, and the consistency groups that came before them."""

from tests.differential.scenario import NOBODY, Ask, Probe, Put, Scenario
from tests.differential.scenarios.steps import act, see, snapshot, volume
from tests.differential.variants import lists, scenario

_TYPE = Ask(
    "POST",
    "/group_types",
    {"group_type": {"name": "grouped", "group_specs": {"consistent_group_snapshot_enabled": "<is> True"}}},
    takes={"group_type": "group_type.id"},
)
_VOLUME_TYPE = Ask("GET", "/types/default", takes={"default": "volume_type.id"})
_GROUP = Ask(
    "POST",
    "/groups",
    {"group": {"group_type": "{group_type}", "volume_types": ["{default}"], "name": "one"}},
    role="member",
    takes={"group": "group.id"},
)
_MADE = (_TYPE, _VOLUME_TYPE, _GROUP)
_MEMBER = volume(group_id="{group}", volume_type="{default}")
_FULL = (*_MADE, _MEMBER)
_SNAPSHOT = Ask(
    "POST",
    "/group_snapshots",
    {"group_snapshot": {"group_id": "{group}", "name": "one"}},
    role="member",
    takes={"group_snapshot": "group_snapshot.id"},
)
_SNAPPED = (*_FULL, _SNAPSHOT)
_OF = "/groups/{group}"
SEE = (see("/groups/detail?list_volume=true"), see("/volumes/detail"))
SEE_SNAPSHOTS = (see("/group_snapshots/detail"), see("/snapshots/detail"))
_STATES = ("available", "creating", "deleting", "error", "error_deleting", "updating", "in-use", "deleted")

_CG = Ask(
    "POST",
    "/consistencygroups",
    {"consistencygroup": {"volume_types": "{default}", "name": "one"}},
    role="member",
    takes={"cg": "consistencygroup.id"},
)
_CG_MADE = (_VOLUME_TYPE, _CG)
_CG_SNAPSHOT = Ask(
    "POST",
    "/cgsnapshots",
    {"cgsnapshot": {"consistencygroup_id": "{cg}", "name": "one"}},
    takes={"cgsnapshot": "cgsnapshot.id"},
)
_CG_FULL = (*_CG_MADE, volume(consistencygroup_id="{cg}", volume_type="{default}"))
SEE_CG = (see("/consistencygroups/detail"), see("/cgsnapshots/detail"), see("/volumes/detail"))


def _on(action: str, value: object = None, note: str = "", version: str = "3.71") -> Ask:
    return Ask("POST", f"{_OF}/action", {action: value}, note=note, version=version)


SCENARIOS = (
    scenario(
        "groups/type-create",
        (),
        Ask("POST", "/group_types", {"group_type": {"name": "grouped", "group_specs": {"a": "b"}}}),
        since=11,
        more=("description", "is_public"),
        look=(see("/group_types?is_public=none"),),
        also=(Ask("POST", "/group_types", {"group_type": {"name": "default_cgsnapshot_type"}}, note="taken"),),
    ),
    lists(
        "groups/type-list",
        (_TYPE, Ask("POST", "/group_types", {"group_type": {"name": "hidden", "is_public": False}})),
        "/group_types",
        since=11,
        marker="{group_type}",
        filters=("is_public=true", "is_public=false", "is_public=none", "is_public=x", "group_specs={'a':'b'}"),
    ),
    scenario(
        "groups/type-show",
        (_TYPE,),
        Ask("GET", "/group_types/{group_type}"),
        since=11,
        also=(Ask("GET", "/group_types/default"),),
    ),
    scenario(
        "groups/type-update",
        (_TYPE,),
        Ask(
            "PUT",
            "/group_types/{group_type}",
            {"group_type": {"name": "new", "description": "text", "is_public": False}},
        ),
        since=11,
        look=(see("/group_types?is_public=none"),),
        also=(
            Ask("PUT", "/group_types/{group_type}", {"group_type": {"name": "default_cgsnapshot_type"}}, note="taken"),
        ),
    ),
    scenario(
        "groups/type-delete",
        (_TYPE,),
        Ask("DELETE", "/group_types/{group_type}"),
        since=11,
        look=(see("/group_types"),),
    ),
    scenario("groups/type-delete-used", _MADE, Ask("DELETE", "/group_types/{group_type}"), since=11),
    scenario("groups/specs", (_TYPE,), Ask("GET", "/group_types/{group_type}/group_specs"), since=11),
    scenario(
        "groups/specs-create",
        (_TYPE,),
        Ask("POST", "/group_types/{group_type}/group_specs", {"group_specs": {"c": "d"}}),
        since=11,
        look=(see("/group_types/{group_type}"),),
        also=tuple(
            Ask("POST", "/group_types/{group_type}/group_specs", {"group_specs": specs}, note=str(specs))
            for specs in ({"a b": "c"}, {"a/b": "c"}, {"a.b:c": "d"}, {"a": None})
        ),
    ),
    scenario(
        "groups/spec",
        (_TYPE,),
        Ask("GET", "/group_types/{group_type}/group_specs/consistent_group_snapshot_enabled"),
        since=11,
        also=(Ask("GET", "/group_types/{group_type}/group_specs/none"),),
    ),
    scenario(
        "groups/spec-set",
        (_TYPE,),
        Ask("PUT", "/group_types/{group_type}/group_specs/c", {"c": "d"}),
        since=11,
        look=(see("/group_types/{group_type}"),),
        also=tuple(
            Ask("PUT", "/group_types/{group_type}/group_specs/c", body, note=str(body))
            for body in ({"d": "c"}, {"c": "b", "d": "d"}, {"c": None}, {"c": 1}, {"c": ""}, {"c": {}})
        ),
    ),
    scenario(
        "groups/spec-delete",
        (_TYPE,),
        Ask("DELETE", "/group_types/{group_type}/group_specs/consistent_group_snapshot_enabled"),
        since=11,
        look=(see("/group_types/{group_type}"),),
        also=(Ask("DELETE", "/group_types/{group_type}/group_specs/none"),),
    ),
    scenario(
        "groups/create",
        (_TYPE, _VOLUME_TYPE),
        Ask("POST", "/groups", _GROUP.body),
        since=13,
        more=("description", "availability_zone"),
        look=SEE,
        also=tuple(
            Ask("POST", "/groups", {"group": {**_GROUP.body["group"], **wish}}, note=str(wish))
            for wish in (
                {"group_type": "grouped"},
                {"group_type": "none"},
                {"group_type": "default_cgsnapshot_type"},
                {"volume_types": ["__DEFAULT__"]},
                {"volume_types": [NOBODY]},
                {"volume_types": ["{default}", "{default}"]},
                {"availability_zone": "nova"},
                {"availability_zone": "mars"},
            )
        ),
    ),
    *(
        lists(
            f"groups/list{path.replace('/', '-')}",
            (*_MADE, Ask("POST", "/groups", _GROUP.body), volume(group_id="{group}", volume_type="{default}")),
            f"/groups{path}",
            since=13,
            marker="{group}",
            filters=("list_volume=true", "list_volume=x", "group_type={group_type}", "availability_zone=nova"),
        )
        for path in ("", "/detail")
    ),
    scenario(
        "groups/show",
        _FULL,
        Ask("GET", _OF),
        since=13,
        also=tuple(
            Ask("GET", f"{_OF}?list_volume={word}", version=version)
            for word in ("true", "false", "x")
            for version in ("3.13", "3.24", "3.25", "3.38", "3.58", "3.71")
        ),
    ),
    scenario(
        "groups/update",
        _FULL,
        Ask("PUT", _OF, {"group": {"name": "new", "description": "text"}}),
        since=13,
        more=("add_volumes", "remove_volumes"),
        look=SEE,
    ),
    Scenario(
        "groups/update-volumes",
        (*_FULL, volume("second"), volume("third")),
        [
            Probe((Ask("PUT", _OF, {"group": wish}, note=str(wish)), *SEE))
            for wish in (
                {"add_volumes": "{second}"},
                {"add_volumes": "{second},{third}"},
                {"add_volumes": "{volume}"},
                {"add_volumes": NOBODY},
                {"remove_volumes": "{volume}"},
                {"remove_volumes": "{second}"},
                {"add_volumes": "{second}", "remove_volumes": "{volume}"},
                {"add_volumes": "{volume}", "remove_volumes": "{volume}"},
                {"add_volumes": "", "remove_volumes": ""},
            )
        ],
    ),
    Scenario(
        "groups/states",
        _FULL,
        [
            Probe((Put("groups", "{group}", {"status": state}), ask, see("/groups/detail")))
            for state in _STATES
            for ask in (
                Ask("PUT", _OF, {"group": {"name": "new"}}, note=state),
                _on("delete", {"delete-volumes": True}, state),
                _on("reset_status", {"status": "error"}, state),
                _on("enable_replication", {}, state),
                _on("failover_replication", {}, state),
                Ask("POST", "/group_snapshots", _SNAPSHOT.body, note=state),
                Ask("POST", "/groups/action", {"create-from-src": {"source_group_id": "{group}"}}, note=state),
                Ask(
                    "POST",
                    "/volumes",
                    {"volume": {"size": 1, "group_id": "{group}", "volume_type": "{default}"}},
                    note=state,
                ),
            )
        ],
    ),
    Scenario(
        "groups/members",
        _FULL,
        [
            Probe((act("os-force_delete"), *SEE)),
            Probe((Ask("DELETE", "/volumes/{volume}"), *SEE)),
            Probe((volume("new", group_id="{group}"), *SEE)),
            Probe((volume("new", group_id=NOBODY, volume_type="{default}"), *SEE)),
            Probe((act("os-retype", {"new_type": "__DEFAULT__"}), *SEE)),
            Probe((act("os-migrate_volume", {"host": "node@more#more"}), *SEE)),
        ],
    ),
    *(
        scenario(f"groups/{action}{note}", setup, _on(action, value), since=since, look=SEE)
        for action, value, since, setup, note in (
            ("delete", {}, 13, _MADE, ""),
            ("delete", {}, 13, _FULL, "-full"),
            ("delete", {"delete-volumes": True}, 13, _FULL, "-volumes"),
            ("delete", {"delete-volumes": True}, 13, _SNAPPED, "-snapped"),
            ("reset_status", {"status": "error"}, 20, _MADE, ""),
            ("enable_replication", {}, 38, _MADE, ""),
            ("disable_replication", {}, 38, _MADE, ""),
            ("failover_replication", {"allow_attached_volume": False, "secondary_backend_id": "x"}, 38, _MADE, ""),
            ("list_replication_targets", {}, 38, _MADE, ""),
        )
    ),
    Scenario(
        "groups/reset-values",
        _MADE,
        [Probe((_on("reset_status", {"status": s}, s), *SEE)) for s in (*_STATES, "AVAILABLE", "x")],
    ),
    scenario("groups/delete-verb", _MADE, Ask("DELETE", _OF), since=13),
    Scenario(
        "groups/unknown-actions",
        _MADE,
        [Probe((_on("nothing", {}),)), Probe((Ask("POST", "/groups/action", {"nothing": {}}),))],
    ),
    scenario(
        "groups/snapshot-create",
        _FULL,
        Ask("POST", "/group_snapshots", _SNAPSHOT.body),
        since=14,
        more=("description",),
        look=SEE_SNAPSHOTS,
    ),
    scenario("groups/snapshot-create-empty", _MADE, Ask("POST", "/group_snapshots", _SNAPSHOT.body), since=14),
    *(
        lists(
            f"groups/snapshot-list{path.replace('/', '-')}",
            (*_SNAPPED, Ask("POST", "/group_snapshots", _SNAPSHOT.body)),
            f"/group_snapshots{path}",
            since=14,
            marker="{group_snapshot}",
            filters=("group_id={group}", "group_id=x", "source_group_id=x"),
        )
        for path in ("", "/detail")
    ),
    scenario("groups/snapshot-show", _SNAPPED, Ask("GET", "/group_snapshots/{group_snapshot}"), since=14),
    scenario(
        "groups/snapshot-delete",
        _SNAPPED,
        Ask("DELETE", "/group_snapshots/{group_snapshot}"),
        since=14,
        look=SEE_SNAPSHOTS,
    ),
    Scenario(
        "groups/snapshot-states",
        _SNAPPED,
        [
            Probe((Put("group_snapshots", "{group_snapshot}", {"status": state}), ask, *SEE_SNAPSHOTS))
            for state in _STATES
            for ask in (
                Ask("DELETE", "/group_snapshots/{group_snapshot}", note=state),
                Ask(
                    "POST", "/groups/action", {"create-from-src": {"group_snapshot_id": "{group_snapshot}"}}, note=state
                ),
            )
        ],
    ),
    scenario(
        "groups/snapshot-reset",
        _SNAPPED,
        Ask("POST", "/group_snapshots/{group_snapshot}/action", {"reset_status": {"status": "error"}}),
        since=19,
        look=SEE_SNAPSHOTS,
        also=(Ask("POST", "/group_snapshots/{group_snapshot}/action", {"nothing": {}}),),
    ),
    Scenario(
        "groups/snapshot-members",
        (*_SNAPPED, Ask("GET", "/snapshots", takes={"member": "snapshots.0.id"})),
        [
            Probe((Ask("DELETE", "/snapshots/{member}"), *SEE_SNAPSHOTS)),
            Probe((Ask("POST", "/snapshots/{member}/action", {"os-force_delete": {}}), *SEE_SNAPSHOTS)),
            Probe((Ask("DELETE", "/volumes/{volume}"), *SEE)),
            Probe((snapshot("new"), *SEE_SNAPSHOTS)),
            Probe((see("/snapshots/{member}"),)),
        ],
    ),
    *(
        scenario(
            f"groups/create-from-src{note}",
            _SNAPPED,
            Ask("POST", "/groups/action", {"create-from-src": {**source, "name": "two"}}),
            since=14,
            more=("description",),
            look=SEE,
        )
        for note, source in (
            ("", {"group_snapshot_id": "{group_snapshot}"}),
            ("-group", {"source_group_id": "{group}"}),
            ("-both", {"group_snapshot_id": "{group_snapshot}", "source_group_id": "{group}"}),
        )
    ),
    scenario(
        "groups/create-from-empty",
        _MADE,
        Ask("POST", "/groups/action", {"create-from-src": {"source_group_id": "{group}"}}),
        since=14,
        look=SEE,
    ),
    scenario(
        "groups/cg-create",
        (_VOLUME_TYPE,),
        Ask("POST", "/consistencygroups", _CG.body),
        more=("description", "availability_zone"),
        look=SEE_CG,
    ),
    *(
        lists(
            f"groups/cg-list{path.replace('/', '-')}",
            (*_CG_MADE, Ask("POST", "/consistencygroups", _CG.body)),
            f"/consistencygroups{path}",
            marker="{cg}",
        )
        for path in ("", "/detail")
    ),
    scenario("groups/cg-show", _CG_MADE, Ask("GET", "/consistencygroups/{cg}"), also=(Ask("GET", "/groups/{cg}"),)),
    scenario(
        "groups/cg-update",
        (*_CG_FULL, volume("second")),
        Ask("PUT", "/consistencygroups/{cg}/update", {"consistencygroup": {"name": "new", "description": "text"}}),
        more=("add_volumes", "remove_volumes"),
        look=SEE_CG,
        also=(
            Ask("PUT", "/consistencygroups/{cg}", {"consistencygroup": {"name": "new"}}),
            Ask("PUT", "/consistencygroups/{cg}/update", {"consistencygroup": {"add_volumes": "{second}"}}, note="add"),
            Ask(
                "PUT",
                "/consistencygroups/{cg}/update",
                {"consistencygroup": {"remove_volumes": "{volume}"}},
                note="remove",
            ),
        ),
    ),
    scenario(
        "groups/cg-delete",
        _CG_MADE,
        Ask("POST", "/consistencygroups/{cg}/delete", {"consistencygroup": {"force": False}}),
        look=SEE_CG,
    ),
    scenario(
        "groups/cg-delete-full",
        _CG_FULL,
        Ask("POST", "/consistencygroups/{cg}/delete", {"consistencygroup": {"force": True}}),
        look=SEE_CG,
    ),
    scenario("groups/cg-delete-verb", _CG_MADE, Ask("DELETE", "/consistencygroups/{cg}")),
    scenario(
        "groups/cgsnapshot-create",
        _CG_FULL,
        Ask("POST", "/cgsnapshots", _CG_SNAPSHOT.body),
        more=("description",),
        look=SEE_CG,
    ),
    *(
        lists(
            f"groups/cgsnapshot-list{path.replace('/', '-')}",
            (*_CG_FULL, _CG_SNAPSHOT),
            f"/cgsnapshots{path}",
            marker="{cgsnapshot}",
        )
        for path in ("", "/detail")
    ),
    scenario("groups/cgsnapshot-show", (*_CG_FULL, _CG_SNAPSHOT), Ask("GET", "/cgsnapshots/{cgsnapshot}")),
    scenario(
        "groups/cgsnapshot-delete", (*_CG_FULL, _CG_SNAPSHOT), Ask("DELETE", "/cgsnapshots/{cgsnapshot}"), look=SEE_CG
    ),
    scenario(
        "groups/cg-from-src",
        (*_CG_FULL, _CG_SNAPSHOT),
        Ask(
            "POST",
            "/consistencygroups/create_from_src",
            {"consistencygroup-from-src": {"cgsnapshot_id": "{cgsnapshot}", "name": "two"}},
        ),
        more=("description", "source_cgid"),
        look=SEE_CG,
        also=(
            Ask(
                "POST",
                "/consistencygroups/create_from_src",
                {"consistencygroup-from-src": {"source_cgid": "{cg}"}},
                note="group",
            ),
        ),
    ),
)
