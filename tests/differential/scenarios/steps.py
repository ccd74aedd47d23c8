"""Requests that many scenarios begin with."""

from typing import Any

from tests.differential.scenario import Ask

CONNECTOR = {"initiator": "iqn.1993-08.org.example:host", "host": "host", "ip": "10.0.0.1", "multipath": False}
INSTANCE = "9a3d8a55-1c2f-4a0c-9b43-2d1c5a2f7b01"
AS_SERVICE = {"X-Service-Roles": "service"}
VOLUME_STATES = (
    "available",
    "creating",
    "deleting",
    "error",
    "error_deleting",
    "in-use",
    "attaching",
    "detaching",
    "reserved",
    "maintenance",
    "uploading",
    "downloading",
    "retyping",
    "extending",
    "error_extending",
    "backing-up",
    "restoring-backup",
    "error_restoring",
    "awaiting-transfer",
    "managing",
    "error_managing",
    "reverting",
)


def volume(take: str = "volume", **wish: Any) -> Ask:
    body = {"volume": {"size": 1, "name": "one", "metadata": {"k": "v"}, **wish}}
    return Ask("POST", "/volumes", body, role="member", takes={take: "volume.id"})


def snapshot(take: str = "snapshot", of: str = "{volume}", **wish: Any) -> Ask:
    body = {"snapshot": {"volume_id": of, "name": "one", "metadata": {"k": "v"}, **wish}}
    return Ask("POST", "/snapshots", body, role="member", takes={take: "snapshot.id"})


def volume_type(take: str = "type", **wish: Any) -> Ask:
    body = {"volume_type": {"name": "gold", "extra_specs": {"a": "b"}, **wish}}
    return Ask("POST", "/types", body, takes={take: "volume_type.id"})


def attachment(take: str = "attachment", **wish: Any) -> Ask:
    body = {"attachment": {"volume_uuid": "{volume}", "instance_uuid": INSTANCE, **wish}}
    return Ask("POST", "/attachments", body, role="member", takes={take: "attachment.id"})


def connected(take: str = "attachment", **wish: Any) -> Ask:
    return attachment(take, connector=CONNECTOR, **wish)


def act(action: str, value: Any = None, of: str = "/volumes/{volume}", version: str = "3.71") -> Ask:
    return Ask("POST", f"{of}/action", {action: value}, version=version)


def see(path: str) -> Ask:
    return Ask("GET", path)
