"""Attachments."""

from tests.differential.scenario import Ask, Probe, Put, Scenario
from tests.differential.scenarios.steps import (
    AS_SERVICE,
    CONNECTOR,
    INSTANCE,
    VOLUME_STATES,
    act,
    attachment,
    connected,
    see,
    volume,
    volume_type,
)
from tests.differential.variants import lists, scenario

_OF = "/attachments/{attachment}"
_NEW = Ask("POST", "/attachments", {"attachment": {"volume_uuid": "{volume}", "instance_uuid": INSTANCE}})
_UPDATE = Ask("PUT", _OF, {"attachment": {"connector": CONNECTOR}})
SEE = (see("/attachments/detail"), see("/volumes/{volume}"))
_MANY = (volume_type(name="many", extra_specs={"multiattach": "<is> True"}), volume(volume_type="many"))
_COMPLETE = act("os-complete", {}, _OF)
_STATES = ("attached", "attaching", "detached", "reserved", "error_attaching", "error_detaching", "deleted")

SCENARIOS = (
    scenario(
        "attachments/create",
        (volume(),),
        _NEW,
        since=27,
        more=("connector", "mode"),
        look=SEE,
        in_versions=("3.27", "3.71"),
    ),
    scenario(
        "attachments/create-connected",
        (volume(),),
        Ask("POST", "/attachments", {"attachment": {**_NEW.body["attachment"], "connector": CONNECTOR, "mode": "ro"}}),
        since=54,
        look=SEE,
    ),
    Scenario(
        "attachments/create-states",
        (volume(),),
        [
            Probe(
                (
                    Put("volumes", "{volume}", {"status": state}),
                    Ask("POST", "/attachments", _NEW.body, note=state),
                    *SEE,
                )
            )
            for state in VOLUME_STATES
        ],
    ),
    Scenario(
        "attachments/create-second",
        (volume(), connected()),
        [Probe((attachment("second"), *SEE)), Probe((connected("second"), *SEE))],
    ),
    Scenario(
        "attachments/multiattach",
        _MANY,
        [
            Probe((attachment("one"), attachment("two"), *SEE)),
            Probe((connected("one"), connected("two"), *SEE)),
            Probe((connected("one"), act("os-complete", {}, "/attachments/{one}"), connected("two"), *SEE)),
            Probe(
                (
                    connected("one"),
                    act("os-complete", {}, "/attachments/{one}"),
                    connected("two"),
                    act("os-complete", {}, "/attachments/{two}"),
                    Ask("DELETE", "/attachments/{one}", headers=AS_SERVICE),
                    *SEE,
                    Ask("DELETE", "/attachments/{two}", headers=AS_SERVICE),
                    *SEE,
                )
            ),
            Probe((act("os-retype", {"new_type": "__DEFAULT__"}), *SEE)),
        ],
    ),
    *(
        lists(
            f"attachments/list{path.replace('/', '-')}",
            (volume(), connected(), volume("second"), attachment("other", volume_uuid="{second}")),
            f"/attachments{path}",
            since=27,
            marker="{attachment}",
            filters=(
                "volume_id={volume}",
                "volume_id=x",
                f"instance_id={INSTANCE}",
                "instance_uuid=x",
                "attach_status=attached",
                "status=reserved",
                "sort=volume_id&limit=0",
                "sort=attach_status",
            ),
        )
        for path in ("", "/detail")
    ),
    scenario("attachments/show", (volume(), attachment()), Ask("GET", _OF), since=27),
    scenario(
        "attachments/show-connected",
        (volume(), connected(), _COMPLETE),
        Ask("GET", _OF),
        since=27,
        also=(Ask("GET", "/attachments/summary"),),
    ),
    scenario("attachments/update", (volume(), attachment()), _UPDATE, since=27, look=SEE),
    scenario("attachments/update-again", (volume(), connected()), _UPDATE, since=27, look=SEE),
    Scenario(
        "attachments/states",
        (volume(), connected()),
        [
            Probe((Put("volume_attachment", "{attachment}", {"attach_status": state}), ask, *SEE))
            for state in _STATES
            for ask in (
                Ask("PUT", _OF, _UPDATE.body, note=state),
                Ask("DELETE", _OF, headers=AS_SERVICE, note=state),
                Ask("POST", f"{_OF}/action", {"os-complete": {}}, note=state),
            )
        ],
    ),
    Scenario(
        "attachments/update-connectors",
        (volume(), attachment()),
        [
            Probe((Ask("PUT", _OF, {"attachment": {"connector": connector}}, note=str(connector)), *SEE))
            for connector in (
                {"initiator": "iqn.x:y"},
                {"host": "h"},
                {"mode": "ro", **CONNECTOR},
                {"mountpoint": "/dev/vdc", **CONNECTOR},
                {"instance": "x"},
            )
        ],
    ),
    scenario(
        "attachments/delete", (volume(), attachment()), Ask("DELETE", _OF, headers=AS_SERVICE), since=27, look=SEE
    ),
    scenario(
        "attachments/delete-connected",
        (volume(), connected(), _COMPLETE),
        Ask("DELETE", _OF, headers=AS_SERVICE),
        since=27,
        look=SEE,
    ),
    scenario("attachments/delete-by-user", (volume(), connected(), _COMPLETE), Ask("DELETE", _OF), since=27, look=SEE),
    scenario("attachments/delete-reserved-by-user", (volume(), attachment()), Ask("DELETE", _OF), since=27, look=SEE),
    scenario("attachments/os-complete", (volume(), connected()), _COMPLETE, since=44, look=SEE),
    scenario("attachments/os-complete-reserved", (volume(), attachment()), _COMPLETE, since=44, look=SEE),
    scenario("attachments/os-complete-again", (volume(), connected(), _COMPLETE), _COMPLETE, since=44, look=SEE),
    Scenario(
        "attachments/actions",
        (volume(), attachment()),
        [
            Probe((Ask("POST", f"{_OF}/action", body, note=note),))
            for note, body in {"unknown": {"os-no": {}}, "none": {}}.items()
        ],
    ),
    Scenario(
        "attachments/readonly",
        (volume(), act("os-update_readonly_flag", {"readonly": False})),
        [Probe((connected(), *SEE)), Probe((connected(mode="rw"), *SEE))],
    ),
)
