"""Two projects on one service: what the one has, and what the other has to try it with."""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from lapilli.db import migrate
from lapilli.db.schema import metadata
from lapilli.operations.admission import Rules
from lapilli.operations.desks import CacheRules, volume_queue
from tests.http.client import Answer
from tests.http.lab import HOST, QUOTA, SERVICE, Cloud

THEIRS: Final = "a" * 32
MINE: Final = "b" * 32
MARK: Final = "kirsch"
"""It is in all names, keys and values of theirs and of the operator's, and in nothing else."""
_TYPE: Final = "__DEFAULT__"
_IMAGE: Final = "33333333-0000-4000-8000-000000000001"
_KEY: Final = "44444444-0000-4000-8000-000000000001"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACES: Final = (rf"\b{HOST}\b", "@files", "#files", '"files"')
"""How the names of hosts, backends and pools can be recognised."""


class Neighbours:
    """The service, and the ids of what each project has, by the first part of the path that they are below.

    `secrets` match what no tenant's answer may have in it: ids and words of the other project and of the operator.
    `told` are all answers to the members of the second project while it got what it has.
    """

    def __init__(self, folder: Path) -> None:
        migrate.upgrade(f"sqlite:///{folder / 'lapilli.sqlite'}")
        self.cloud = Cloud(folder / "lapilli.sqlite", folder / "volumes")
        self._prepare()
        self.told: list[Answer] = []
        operators = self._make_types()
        theirs = _Household(self, THEIRS, MARK).belongings()
        held = [row.volume_id for row in self.rows()["image_cache"]]
        assert held
        operators |= {"types": [*theirs["types"], *operators["types"]], "volumes": [*theirs["volumes"], *held]}
        self.theirs = {**theirs, **operators}
        self.secrets = re.compile("|".join([MARK, THEIRS, *_PLACES, re.escape(str(folder)), *self._private_ids()]))
        self.told.clear()
        mine = _Household(self, MINE, "plum").belongings()
        self.mine = {**mine, "types": [*mine["types"], *self._public_ids("volume_types")]}
        self.mine["group_types"] = self._public_ids("group_types")

    def _prepare(self) -> None:
        """Backups, encryption, images and a cache of them, and snapshots of groups of the older kind."""
        self.cloud.serve_backups()
        self.cloud.tell(consistent_group_snapshot_enabled=True)
        self.cloud.lend(rules=Rules(quota=dict.fromkeys(QUOTA, 9999), encryption_key_id=_KEY))
        self.cloud.images.put(_IMAGE, b"bytes", name="tiny")
        queue = volume_queue(SERVICE)
        self.cloud.queues[queue] = replace(self.cloud.queues[queue], cache=CacheRules("internal", "operator"))

    def _make_types(self) -> dict[str, list[str]]:
        """What operators keep to themselves; and types for everybody, with settings of which only operators know."""
        hidden = {"name": MARK, "extra_specs": {MARK: MARK}, "os-volume-type-access:is_public": False}
        nobody_s = self.admin("POST", "/types", {"volume_type": hidden})
        specs = {"volume_backend_name": "files", "multiattach": "<is> True"}
        shared = self.admin("POST", "/types", {"volume_type": {"name": "shared", "extra_specs": specs}})
        encrypted = self.admin("POST", "/types", {"volume_type": {"name": "encrypted"}})
        way = {"provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64", "key_size": 256}
        self.admin("POST", f"/types/{encrypted}/encryption", {"encryption": way})
        qos = self.admin("POST", "/qos-specs", {"qos_specs": {"name": MARK, MARK: "9"}})
        self.admin("GET", f"/qos-specs/{qos}/associate?vol_type_id={shared}")
        self.admin("POST", "/group_types", {"group_type": {"name": "plain", "group_specs": {MARK: MARK}}})
        own = self.admin("POST", "/group_types", {"group_type": {"name": MARK, "is_public": False}})
        places = {"os-hosts": [HOST, SERVICE], "capabilities": [SERVICE], "clusters": [SERVICE]}
        return {"types": [nobody_s, MARK], "qos-specs": [qos], "group_types": [own, MARK], **places}

    def admin(self, method: str, path: str, body: Any = None) -> str:
        """Let an administrator do it; the id of what is made by it, if anything is."""
        return self._done(self.cloud.call(method, path, body, version="3.71", project=THEIRS))

    def member(self, project: str, method: str, path: str, body: Any = None) -> str:
        """`admin`, by a member of the project."""
        answer = self.cloud.call(method, path, body, version="3.71", project=project, roles="member,reader")
        self.told.append(answer)
        return self._done(answer)

    def _done(self, answer: Answer) -> str:
        assert answer.status < 300, answer
        self.cloud.work()
        made = next(iter(answer.json.values())) if answer.text else None
        return str(made.get("id")) if isinstance(made, dict) else ""

    def rows(self, without: Sequence[str] = ()) -> Mapping[str, Any]:
        """Everything that is there, but for the rows with one of these ids in them."""
        with self.cloud.db.read() as tx:
            found = {table.name: tx.execute(select(table)).all() for table in metadata.sorted_tables}
        return {name: [row for row in rows if not any(id in row for id in without)] for name, rows in found.items()}

    def _public_ids(self, table: str) -> list[str]:
        """The types that are everybody's."""
        return [row.id for row in self.rows()[table] if row.is_public]

    def _private_ids(self) -> Iterable[str]:
        """All ids that are anywhere in the rows, but for those of types that are everybody's."""
        rows = self.rows()
        public = {*self._public_ids("volume_types"), *self._public_ids("group_types")}
        # To `service_uuid` locks are tied, and what it is the id of is in no other answer.
        services = {row.uuid for row in rows["services"]}
        return sorted({*_UUID.findall(str(rows))} - public - services - {_IMAGE, _KEY})


class _Household:
    """What a project comes to have by what its members and its administrators do."""

    def __init__(self, service: Neighbours, project: str, word: str) -> None:
        self._service = service
        self._project = project
        self._word = word
        self._names = {"name": word, "description": word}

    def belongings(self) -> dict[str, Sequence[str]]:
        """The ids of everything."""
        found: dict[str, Sequence[str]] = {**self._settings(), **self._volumes(), **self._groups()}
        told = self._service.cloud.call("GET", "/messages", version="3.71", project=self._project, roles="reader")
        found["messages"] = [message["id"] for message in told.json["messages"]]
        assert len(found["messages"]) > 1
        return {**found, "os-volume-transfer": found["volume-transfers"]}

    def _make(self, path: str, key: str, **wish: Any) -> str:
        return self._service.member(self._project, "POST", path, {key: wish})

    def _settings(self) -> dict[str, Sequence[str]]:
        """A private type that the project may use, and that is its default; and quotas."""
        admin, specs = self._service.admin, {"multiattach": "<is> True"}
        wish = {"name": f"{self._word}-own", "extra_specs": specs, "os-volume-type-access:is_public": False}
        own = admin("POST", "/types", {"volume_type": wish})
        admin("POST", f"/types/{own}/action", {"addProjectAccess": {"project": self._project}})
        admin("PUT", f"/default-types/{self._project}", {"default_type": {"volume_type": own}})
        admin("PUT", f"/os-quota-sets/{self._project}", {"quota_set": {"volumes": 999}})
        quotas = {"os-quota-sets": [self._project], "os-quota-class-sets": ["default"]}
        return {"types": [own], "default-types": [self._project], **quotas}

    def _volumes(self) -> dict[str, Sequence[str]]:
        """Volumes of all sorts, what hangs on them, and failures that the project is told of."""
        more = {**self._names, "metadata": {self._word: self._word}}
        free = self._volume(**more)
        others = [self._volume(volume_type=kind) for kind in ("shared", "encrypted")]
        others += [self._volume(imageRef=_IMAGE), self._volume(source_volid=free), self._volume(size=900)]
        self._service.member(self._project, "POST", f"/volumes/{free}/action", {"os-extend": {"new_size": 800}})
        snapshot = self._make("/snapshots", "snapshot", volume_id=free, **more)
        backup = self._make("/backups", "backup", volume_id=free, **more)
        later = self._make("/backups", "backup", volume_id=free, incremental=True)
        offered = self._volume()
        transfer = self._make("/volume-transfers", "transfer", volume_id=offered, name=self._word)
        reserved, used = self._volume(), self._volume()
        attachments = [self._attach(reserved), self._attach(used)]
        self._connect(attachments[1])
        self._service.member(self._project, "POST", f"/attachments/{attachments[1]}/action", {"os-complete": None})
        return {
            "volumes": [free, *others, offered, reserved, used],
            "snapshots": [snapshot],
            "backups": [backup, later],
            "volume-transfers": [transfer],
            "attachments": attachments,
        }

    def _volume(self, **wish: Any) -> str:
        return self._make("/volumes", "volume", **{"size": 1, "volume_type": _TYPE, **wish})

    def _attach(self, volume_id: str) -> str:
        return self._make("/attachments", "attachment", volume_uuid=volume_id, instance_uuid=volume_id)

    def _connect(self, attachment_id: str) -> None:
        """The answer comes when the backend has done its part, so that has to be done meanwhile."""
        connector = {"host": self._word, "initiator": f"iqn.2026-11.org.example:{self._word}"}
        wish = {"attachment": {"connector": connector}}
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self._service.member, self._project, "PUT", f"/attachments/{attachment_id}", wish)
            while not wait([asked], timeout=0.01).done:
                self._service.cloud.work()
        asked.result()

    def _groups(self) -> dict[str, Sequence[str]]:
        """Groups with volumes and snapshots, also of the older kind."""
        group = self._make("/groups", "group", **self._names, group_type="plain", volume_types=[_TYPE])
        self._volume(group_id=group)
        snapshot = self._make("/group_snapshots", "group_snapshot", group_id=group, **self._names)
        older = self._make("/consistencygroups", "consistencygroup", **self._names, volume_types=_TYPE)
        self._volume(consistencygroup_id=older)
        older_snapshot = self._make("/cgsnapshots", "cgsnapshot", consistencygroup_id=older, **self._names)
        return {
            "groups": [group],
            "group_snapshots": [snapshot],
            "consistencygroups": [older],
            "cgsnapshots": [older_snapshot],
        }
