"""Actions on volumes: their bodies, and what they do in every status."""

from collections.abc import Sequence
from typing import Any

from tests.differential.scenario import NEWEST, NOBODY, Ask, Probe, Put, Scenario, Step
from tests.differential.scenarios.steps import (
    AS_SERVICE,
    CONNECTOR,
    INSTANCE,
    VOLUME_STATES,
    act,
    attachment,
    connected,
    see,
    snapshot,
    volume,
    volume_type,
)
from tests.differential.variants import scenario

SEE = (see("/volumes/{volume}"),)
IMAGE = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
_ACT = "/volumes/{volume}/action"
_MADE: Sequence[Step] = (volume(),)
_ATTACHED = (volume(), act("os-attach", {"instance_uuid": INSTANCE, "mountpoint": "/dev/vdb"}))
_TAGGED = (volume(), act("os-set_image_metadata", {"metadata": {"k": "v"}}))

_ACTIONS: Sequence[tuple[str, Sequence[Step], Any, int, Sequence[str]]] = (
    ("os-attach", _MADE, {"instance_uuid": INSTANCE, "mountpoint": "/dev/vdb"}, 0, ("host_name", "mode")),
    ("os-detach", _ATTACHED, {}, 0, ("attachment_id",)),
    ("os-reserve", _MADE, None, 0, ()),
    ("os-unreserve", (volume(), act("os-reserve")), None, 0, ()),
    ("os-begin_detaching", _ATTACHED, None, 0, ()),
    ("os-roll_detaching", (*_ATTACHED, act("os-begin_detaching")), None, 0, ()),
    ("os-initialize_connection", _MADE, {"connector": CONNECTOR}, 0, ()),
    (
        "os-terminate_connection",
        (volume(), act("os-initialize_connection", {"connector": CONNECTOR})),
        {"connector": CONNECTOR},
        0,
        (),
    ),
    ("os-extend", _MADE, {"new_size": 2}, 0, ()),
    ("os-extend_volume_completion", _MADE, {"error": False}, 0, ()),
    ("os-reset_status", _MADE, {"status": "error"}, 0, ("attach_status", "migration_status")),
    ("os-force_delete", _MADE, None, 0, ()),
    ("os-force_detach", _ATTACHED, {"connector": CONNECTOR}, 0, ("attachment_id",)),
    ("os-retype", (volume(), volume_type()), {"new_type": "gold", "migration_policy": "on-demand"}, 0, ()),
    ("os-migrate_volume", _MADE, {"host": "node@more#more"}, 0, ("cluster", "force_host_copy", "lock_volume")),
    ("os-migrate_volume_completion", (volume(), volume("second")), {"new_volume": "{second}", "error": False}, 0, ()),
    ("os-update_readonly_flag", _MADE, {"readonly": True}, 0, ()),
    ("os-set_bootable", _MADE, {"bootable": True}, 0, ()),
    ("os-set_image_metadata", _MADE, {"metadata": {"k": "v"}}, 0, ()),
    ("os-show_image_metadata", _TAGGED, None, 0, ()),
    ("os-unset_image_metadata", _TAGGED, {"key": "k"}, 0, ()),
    (
        "os-volume_upload_image",
        _MADE,
        {"image_name": "copy"},
        0,
        ("force", "disk_format", "container_format", "visibility", "protected"),
    ),
    ("os-unmanage", _MADE, None, 0, ()),
    ("os-reimage", _MADE, {"image_id": IMAGE}, 68, ("reimage_reserved",)),
    ("revert", (volume(), snapshot()), {"snapshot_id": "{snapshot}"}, 40, ()),
)


def _of(action: str, setup: Sequence[Step], value: Any, since: int, more: Sequence[str]) -> Scenario:
    versions = ("3.0", NEWEST) if action in {"os-migrate_volume", "os-volume_upload_image"} else (NEWEST,)
    ask = act(action, value)
    return scenario(f"volume_actions/{action}", setup, ask, since=since, more=more, look=SEE, in_versions=versions)


def _in_states(action: str, setup: Sequence[Step], value: Any, since: int, _more: Sequence[str]) -> Scenario:
    del since
    ask = act(action, value)
    return Scenario(
        f"volume_actions/states-{action}",
        setup,
        [
            Probe((Put("volumes", "{volume}", {"status": state}), Ask("POST", _ACT, ask.body, note=state), *SEE))
            for state in VOLUME_STATES
        ],
    )


_RESET = [{"status": status} for status in (*VOLUME_STATES, "AVAILABLE", "nonsense", "deleted", "error_extending")] + [
    {"attach_status": "attached"},
    {"attach_status": "detached"},
    {"attach_status": "attaching"},
    {"attach_status": "nonsense"},
    {"migration_status": "none"},
    {"migration_status": "migrating"},
    {"migration_status": "nonsense"},
    {"migration_status": "success"},
    {"status": "available", "attach_status": "detached"},
    {"status": "error", "migration_status": "error", "attach_status": "detached"},
]

SCENARIOS = (
    *(_of(*each) for each in _ACTIONS),
    *(_in_states(*each) for each in _ACTIONS),
    Scenario(
        "volume_actions/reset-values",
        _MADE,
        [Probe((Ask("POST", _ACT, {"os-reset_status": value}, note=str(value)), *SEE)) for value in _RESET],
    ),
    Scenario(
        "volume_actions/reset-attached",
        (volume(), connected()),
        [
            Probe((Ask("POST", _ACT, {"os-reset_status": value}, note=str(value)), *SEE, see("/attachments/detail")))
            for value in _RESET
        ],
    ),
    Scenario(
        "volume_actions/extend-sizes",
        (volume(size=2),),
        [
            Probe((Ask("POST", _ACT, {"os-extend": {"new_size": size}}, note=str(size), role=role), *SEE))
            for role in ("admin", "member")
            for size in (1, 2, 3, 99, 100, 101, 1000, 1001, 2**31 - 1)
        ],
    ),
    Scenario(
        "volume_actions/extend-attached",
        _ATTACHED,
        [
            Probe((act("os-extend", {"new_size": 3}, version=version), *SEE))
            for version in ("3.0", "3.41", "3.42", "3.71")
        ],
    ),
    Scenario(
        "volume_actions/attached",
        _ATTACHED,
        [
            Probe((Ask("POST", _ACT, {action: value}, note=action, headers=headers), *SEE))
            for action, _setup, value, _since, _more in _ACTIONS
            for headers in ({}, AS_SERVICE)
            if not headers or "detach" in action or "terminate" in action
        ],
    ),
    Scenario(
        "volume_actions/readonly",
        (volume(), act("os-update_readonly_flag", {"readonly": True})),
        [
            Probe((act("os-attach", {"instance_uuid": INSTANCE, "mountpoint": "/dev/vdb", "mode": "ro"}), *SEE)),
            Probe((act("os-attach", {"instance_uuid": INSTANCE, "mountpoint": "/dev/vdb", "mode": "rw"}), *SEE)),
            Probe((act("os-update_readonly_flag", {"readonly": False}), *SEE)),
            Probe((connected("other"), *SEE)),
            Probe((see("/volumes/{volume}/metadata"),)),
        ],
    ),
    Scenario(
        "volume_actions/with-snapshot",
        (volume(), snapshot(), volume("second"), snapshot("other", "{second}")),
        [
            Probe((act("os-force_delete"), *SEE)),
            Probe((act("os-extend", {"new_size": 3}), *SEE)),
            Probe((act("os-unmanage"), *SEE)),
            Probe((act("revert", {"snapshot_id": "{other}"}), *SEE)),
            Probe((act("revert", {"snapshot_id": NOBODY}), *SEE)),
            Probe((act("os-extend", {"new_size": 3}), act("revert", {"snapshot_id": "{snapshot}"}), *SEE)),
            Probe((snapshot("newest"), act("revert", {"snapshot_id": "{snapshot}"}), *SEE)),
        ],
    ),
    Scenario(
        "volume_actions/connections",
        (volume(),),
        [
            Probe((act("os-initialize_connection", {"connector": connector}), *SEE, see("/attachments/detail")))
            for connector in ({}, {"initiator": "iqn.x:y"}, {"host": "h"}, {"ip": "1.2.3.4"}, "text", CONNECTOR)
        ]
        + [
            Probe(
                (
                    act("os-reserve"),
                    act("os-initialize_connection", {"connector": CONNECTOR}),
                    act("os-attach", {"instance_uuid": INSTANCE, "mountpoint": "/dev/vdb"}),
                    *SEE,
                    see("/attachments/detail"),
                    act("os-begin_detaching"),
                    Ask("POST", _ACT, {"os-terminate_connection": {"connector": CONNECTOR}}, headers=AS_SERVICE),
                    Ask("POST", _ACT, {"os-detach": {}}, headers=AS_SERVICE),
                    *SEE,
                    see("/attachments/detail"),
                )
            )
        ],
    ),
    Scenario(
        "volume_actions/attach-twice",
        (volume(), attachment()),
        [
            Probe((act("os-attach", {"instance_uuid": INSTANCE, "mountpoint": "/dev/vdb"}), *SEE)),
            Probe((act("os-reserve"), *SEE)),
            Probe((act("os-attach", {"host_name": "h", "mountpoint": "/dev/vdb"}), *SEE)),
        ],
    ),
    Scenario(
        "volume_actions/unknown",
        _MADE,
        [
            Probe((Ask("POST", _ACT, body, note=note),))
            for note, body in {
                "unknown": {"os-nothing": {}},
                "two": {"os-reserve": {}, "os-unreserve": {}},
                "none": {},
                "null": {None: None},
                "create": {"create": {}},
            }.items()
        ],
    ),
)
