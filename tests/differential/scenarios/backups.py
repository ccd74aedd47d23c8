"""Backups and their records."""

import base64
import json

from tests.differential.scenario import NOBODY, Ask, Probe, Put, Scenario
from tests.differential.scenarios.steps import VOLUME_STATES, connected, see, snapshot, volume
from tests.differential.variants import lists, scenario

_BACKUP = Ask(
    "POST",
    "/backups",
    {"backup": {"volume_id": "{volume}", "name": "one"}},
    role="member",
    takes={"backup": "backup.id"},
)
_MADE = (volume(), _BACKUP)
_OF = "/backups/{backup}"
SEE = (see("/backups/detail"), see("/volumes/detail"))
_STATES = ("available", "creating", "deleting", "deleted", "error", "error_deleting", "restoring")
_EXPORTED = Ask(
    "GET", f"{_OF}/export_record", takes={"url": "backup-record.backup_url", "service": "backup-record.backup_service"}
)
_RECORD = {"backup_service": "{service}", "backup_url": "{url}"}


def _new(note: str, version: str = "3.71", **wish: object) -> Ask:
    return Ask("POST", "/backups", {"backup": {"volume_id": "{volume}", **wish}}, note=note, version=version)


def _url(record: object) -> str:
    return base64.b64encode(json.dumps(record).encode()).decode()


SCENARIOS = (
    scenario(
        "backups/create",
        (volume(),),
        Ask("POST", "/backups", _BACKUP.body),
        more=("description", "container", "incremental", "force", "snapshot_id", "metadata", "availability_zone"),
        look=SEE,
        in_versions=("3.0", "3.71"),
    ),
    Scenario(
        "backups/create-more",
        (volume(), snapshot(), volume("second"), snapshot("other", "{second}"), _BACKUP),
        [
            Probe((ask, *SEE))
            for ask in (
                _new("incremental", incremental=True),
                _new("incremental of nothing", incremental=True, volume_id="{second}"),
                _new("of snapshot", snapshot_id="{snapshot}"),
                _new("of snapshot of another", snapshot_id="{other}"),
                _new("of no snapshot", snapshot_id=NOBODY),
                _new("incremental of snapshot", snapshot_id="{snapshot}", incremental=True),
                _new("metadata", metadata={"k": "v"}),
                *(_new("early metadata", metadata={"k": "v"}, version=version) for version in ("3.42", "3.43")),
                *(_new("early zone", availability_zone="nova", version=version) for version in ("3.50", "3.51")),
                _new("zone of nobody", availability_zone="mars"),
                _new("container", container="c"),
                _new("nothing", volume_id=NOBODY),
            )
        ],
    ),
    Scenario(
        "backups/create-states",
        (volume(),),
        [
            Probe((Put("volumes", "{volume}", {"status": state}), _new(f"{state} {wish}", **wish), *SEE))
            for state in VOLUME_STATES
            for wish in ({}, {"force": True})
        ],
    ),
    Scenario(
        "backups/create-attached",
        (volume(), connected()),
        [Probe((_new(str(wish), **wish), *SEE)) for wish in ({}, {"force": True})],
    ),
    Scenario(
        "backups/over-quota",
        (*_MADE, Put("volumes", "{volume}", {"size": 999})),
        [Probe((_new("gigabytes"), see("/limits")))],
    ),
    *(
        lists(
            f"backups/list{path.replace('/', '-')}",
            (
                *_MADE,
                Ask("POST", "/backups", {"backup": {"volume_id": "{volume}", "name": "two"}}),
                volume("second"),
                Ask("POST", "/backups", {"backup": {"volume_id": "{second}"}}),
            ),
            f"/backups{path}",
            marker="{backup}",
            filters=(
                "volume_id={volume}",
                "volume_id=x",
                "container=x",
                "sort=volume_id&limit=0",
                "sort=container",
                "sort=display_name",
            ),
        )
        for path in ("", "/detail")
    ),
    scenario("backups/show", _MADE, Ask("GET", _OF)),
    Scenario(
        "backups/show-versions",
        _MADE,
        [Probe((Ask("GET", _OF, version=f"3.{minor}"),)) for minor in (17, 18, 42, 43, 55, 56, 63, 64)],
    ),
    scenario(
        "backups/update",
        _MADE,
        Ask("PUT", _OF, {"backup": {"name": "new", "description": "text"}}),
        since=9,
        more=("metadata",),
        look=SEE,
        in_versions=("3.9", "3.71"),
    ),
    scenario("backups/delete", _MADE, Ask("DELETE", _OF), look=SEE),
    scenario("backups/delete-parent", (*_MADE, _new("incremental", incremental=True)), Ask("DELETE", _OF), look=SEE),
    scenario(
        "backups/restore",
        _MADE,
        Ask("POST", f"{_OF}/restore", {"restore": {"volume_id": "{volume}"}}),
        more=("name",),
        look=SEE,
        also=(
            Ask("POST", f"{_OF}/restore", {"restore": {}}, note="new"),
            Ask("POST", f"{_OF}/restore", {"restore": {"name": "back"}}, note="new with name"),
            Ask("POST", f"{_OF}/restore", {"restore": {"volume_id": NOBODY}}, note="nowhere"),
        ),
    ),
    Scenario(
        "backups/restore-volumes",
        (volume(size=2), _BACKUP, volume("small"), volume("large", size=3)),
        [
            Probe((Ask("POST", f"{_OF}/restore", {"restore": {"volume_id": target}}), *SEE))
            for target in ("{small}", "{large}")
        ]
        + [
            Probe(
                (
                    Put("volumes", "{large}", {"status": state}),
                    Ask("POST", f"{_OF}/restore", {"restore": {"volume_id": "{large}"}}, note=state),
                )
            )
            for state in VOLUME_STATES
        ],
    ),
    Scenario(
        "backups/states",
        _MADE,
        [
            Probe((Put("backups", "{backup}", {"status": state}), ask, *SEE))
            for state in _STATES
            for ask in (
                Ask("DELETE", _OF, note=state),
                Ask("POST", f"{_OF}/restore", {"restore": {"volume_id": "{volume}"}}, note=state),
                Ask("PUT", _OF, {"backup": {"name": "new"}}, note=state),
                Ask("GET", f"{_OF}/export_record", note=state),
                Ask("POST", f"{_OF}/action", {"os-reset_status": {"status": "error"}}, note=state),
                Ask("POST", f"{_OF}/action", {"os-force_delete": {}}, note=state),
                _new(f"incremental on {state}", incremental=True),
            )
        ],
    ),
    scenario("backups/export", _MADE, Ask("GET", f"{_OF}/export_record")),
    scenario(
        "backups/import",
        (*_MADE, _EXPORTED, Ask("DELETE", _OF)),
        Ask("POST", "/backups/import_record", {"backup-record": _RECORD}),
        look=(see("/backups/detail"),),
        also=tuple(
            Ask("POST", "/backups/import_record", {"backup-record": {**_RECORD, **wish}}, note=note)
            for note, wish in {
                "other service": {"backup_service": "nothing"},
                "not base64": {"backup_url": "???"},
                "not JSON": {"backup_url": base64.b64encode(b"text").decode()},
                "no id": {"backup_url": _url({"a": 1})},
                "bad id": {"backup_url": _url({"id": "x"})},
                "list": {"backup_url": _url([1])},
            }.items()
        ),
    ),
    scenario(
        "backups/import-again", (*_MADE, _EXPORTED), Ask("POST", "/backups/import_record", {"backup-record": _RECORD})
    ),
    scenario(
        "backups/os-reset_status",
        _MADE,
        Ask("POST", f"{_OF}/action", {"os-reset_status": {"status": "error"}}),
        look=SEE,
    ),
    Scenario(
        "backups/reset-values",
        _MADE,
        [
            Probe((Ask("POST", f"{_OF}/action", {"os-reset_status": {"status": s}}, note=s), *SEE))
            for s in (*_STATES, "AVAILABLE", "x")
        ],
    ),
    scenario("backups/os-force_delete", _MADE, Ask("POST", f"{_OF}/action", {"os-force_delete": {}}), look=SEE),
    Scenario(
        "backups/volume-delete",
        _MADE,
        [
            Probe((Ask("DELETE", "/volumes/{volume}"), *SEE)),
            Probe((Ask("POST", "/volumes", {"volume": {"size": 1, "backup_id": "{backup}"}}), *SEE)),
        ],
    ),
)
