"""What fuzzing aims at: a service at work with some resources of each family, and requests that name them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.db import migrate, services
from lapilli.db.invariants import check
from tests.http import group_lab
from tests.http.client import PROJECT
from tests.http.lab import HOST, SERVICE, Cloud

_SEEDS: Final = 6
_FEW: Final = 2
_PULSE: Final = 50
_SERVICES: Final = (("cinder-scheduler", HOST), ("cinder-volume", SERVICE), ("cinder-backup", HOST))
_TYPE: Final = "__DEFAULT__"
_CONNECTOR: Final = {"host": "host", "initiator": "iqn.2026-11.org.example:host"}
_FAMILIES: Final[Mapping[str, str]] = {
    "manageable_volumes": "volumes",
    "os-volume-transfer": "volume-transfers",
}
"""URLs under which the resources of other URLs are."""
_MEANT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("volume_id", "volume_uuid", "source_volid", "add_volumes", "new_volume"), "volumes"),
    **dict.fromkeys(("snapshot_id",), "snapshots"),
    **dict.fromkeys(("backup_id",), "backups"),
    **dict.fromkeys(("group_id", "source_group_id"), "groups"),
    **dict.fromkeys(("consistencygroup_id", "source_cgid"), "consistencygroups"),
    **dict.fromkeys(("volume_type", "volume_types", "new_type", "vol_type_id"), "types"),
    "group_snapshot_id": "group_snapshots",
    "group_type": "group_types",
    "attachment_id": "attachments",
    "host": "os-hosts",
}
"""The family that a field of a body, or a parameter, names one of."""


class Target:
    """A service at work, with resources whose ids are put into the requests that are tried."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'lapilli.sqlite'}"
        migrate.upgrade(url)
        self.cloud = Cloud(folder / "lapilli.sqlite", folder / "volumes")
        self.cloud.serve_backups()
        self.requests = 0
        self._switches = False
        found = dict(self._seed())
        self._ids: Mapping[str, Iterator[str]] = {family: cycle(ids) for family, ids in found.items()}
        self.cloud.run()

    def _seed(self) -> Iterator[tuple[str, Sequence[str]]]:
        """The ids of what is made, by the family."""
        cloud = self.cloud
        limits = dict.fromkeys(("volumes", "snapshots", "backups", "groups"), 9999)
        cloud.call("PUT", f"/os-quota-sets/{PROJECT}", {"quota_set": limits})
        yield from self._settings()
        volumes = [cloud.volume(metadata={"k": "v"}) for _ in range(_SEEDS)]
        yield "volumes", volumes
        yield "snapshots", [cloud.snapshot(each, metadata={"k": "v"}) for each in volumes]
        yield "attachments", [self._id("/attachments", "attachment", volume_uuid=cloud.volume()) for _ in volumes]
        yield "backups", [self._id("/backups", "backup", volume_id=each) for each in volumes[:_FEW]]
        offered = [cloud.volume() for _ in range(_SEEDS)]
        yield "volume-transfers", [self._id("/volume-transfers", "transfer", volume_id=each) for each in offered]
        yield from self._groups()
        self._id("/volumes", "volume", size=900)
        messages = cloud.call("GET", "/messages", version="3.71").json["messages"]
        yield "messages", [message["id"] for message in messages]

    def _settings(self) -> Iterator[tuple[str, Sequence[str]]]:
        """What administrators make."""
        cloud = self.cloud
        types = [cloud.type(f"type-{n}", extra_specs={"k": "v"}) for n in range(_SEEDS)]
        yield "types", types
        way = {"provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64", "key_size": 256}
        cloud.call("POST", f"/types/{types[0]}/encryption", {"encryption": way})
        yield "qos-specs", [self._id("/qos-specs", "qos_specs", name=f"qos-{n}", k="9") for n in range(_SEEDS)]
        yield "group_types", [group_lab.group_type(cloud, f"plain-{n}", k="v") for n in range(_SEEDS)]
        yield "default-types", [PROJECT]
        yield "os-quota-sets", [PROJECT]
        yield "os-quota-class-sets", ["default"]
        yield "os-hosts", [SERVICE, HOST]
        yield "capabilities", [SERVICE]
        yield "extensions", [cloud.call("GET", "/extensions").json["extensions"][0]["alias"]]

    def _groups(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Groups, some with a volume and a snapshot of it, and groups under the older name."""
        cloud = self.cloud
        groups = [group_lab.make_group(cloud) for _ in range(_SEEDS)]
        yield "groups", groups
        for each in groups[:_FEW]:
            group_lab.make_member(cloud, each)
        yield "group_snapshots", [group_lab.make_group_snapshot(cloud, each) for each in groups[:_FEW]]
        older = [self._id("/consistencygroups", "consistencygroup", volume_types=_TYPE) for _ in range(_SEEDS)]
        cloud.volume(consistencygroup_id=older[0], volume_type=_TYPE)
        yield "consistencygroups", older

    def _id(self, path: str, key: str, **wish: Any) -> str:
        """The id of a new resource, once all that is due is done."""
        answer = self.cloud.call("POST", path, {key: wish}, version="3.71")
        assert answer.status < 300, answer.text
        self.cloud.work()
        return str(answer.json[key]["id"])

    def aim(self, case: Any, minor: int) -> None:
        """Let most requests name something that is, or was, there, and the microversion of the document."""
        self.requests += 1
        if self.requests % _PULSE == 0 or self._switches:
            self._revive()
        self._switches = case.path.startswith(("/v3/os-services", "/v3/os-hosts"))
        if self.requests % 5:
            case.headers["OpenStack-API-Version"] = f"volume 3.{minor}"
        family = case.path.split("/")[2]
        family = _FAMILIES.get(family, family)
        if self.requests % 4:
            for name in {"id", "host", "alias", "project_id"} & (case.path_parameters or {}).keys():
                case.path_parameters[name] = self._known(family, case.path_parameters[name])
        if self.requests % 3:
            if "key" in (case.path_parameters or {}):
                case.path_parameters["key"] = "cipher" if "encryption" in case.path else "k"
            for name in _MEANT.keys() & (case.query or {}).keys():
                case.query[name] = self._known(_MEANT[name], case.query[name])
            if "marker" in (case.query or {}):
                case.query["marker"] = self._known(family, case.query["marker"])
            self._aim_body(case.body)

    def _revive(self) -> None:
        """Signs of life of all services, which are enabled again: else soon no request would get far."""
        for binary, host in _SERVICES:
            self.cloud.beat(binary, host)

        def enable(tx: Connection) -> None:
            for binary, host in _SERVICES:
                services.change(tx, binary, host, disabled=False, disabled_reason=None, frozen=False)

        self.cloud.db.write(enable)

    def _aim_body(self, body: Any) -> None:
        """Let the bodies, and what is in them, name what is there."""
        for inner in body.values() if isinstance(body, dict) else ():
            if isinstance(inner, dict):
                for name in _MEANT.keys() & inner.keys():
                    if isinstance(inner[name], str):
                        inner[name] = self._known(_MEANT[name], inner[name])
                if isinstance(inner.get("connector"), dict):
                    inner["connector"] |= _CONNECTOR

    def _known(self, family: str, otherwise: Any) -> Any:
        return next(self._ids[family], otherwise) if family in self._ids else otherwise

    def close(self) -> None:
        """Let the work end, and ask whether all is as it has to be."""
        self.cloud.rest()
        self.cloud.work()
        with self.cloud.db.read() as tx:
            assert check(tx) == []
        self.cloud.close()
