"""Actions that change a volume itself, or put right what a failure left."""

from typing import Any

import pytest

from tests.http.client import Answer
from tests.http.lab import Cloud

CONNECTOR = {"initiator": "iqn.2026-01.org.example:host", "host": "host"}


def act(cloud: Cloud, volume_id: str, name: str, value: Any = None, **options: Any) -> Answer:
    return cloud.call("POST", f"/volumes/{volume_id}/action", {name: value}, **options)


def test_extend_completion(cloud: Cloud) -> None:
    """No growth waits for it: a 400, whatever the volume does; and only administrators may say it."""
    volume_id = cloud.volume()
    for value in ({}, {"error": True}, {"error": None}):
        assert act(cloud, volume_id, "os-extend_volume_completion", value).status == 400
    act(cloud, volume_id, "os-extend", {"new_size": 2})
    assert act(cloud, volume_id, "os-extend_volume_completion", {}).status == 400
    assert act(cloud, volume_id, "os-extend_volume_completion", {}, roles="member").status == 403
    cloud.work()
    assert cloud.see("volumes", volume_id)["size"] == 2


def test_force_delete(cloud: Cloud) -> None:
    """Whatever the status, but not under snapshots; the rule is that of the action."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    act(cloud, volume_id, "os-reset_status", {"status": "maintenance"})
    assert act(cloud, volume_id, "os-force_delete").status == 400
    cloud.call("DELETE", f"/snapshots/{snapshot_id}")
    cloud.work()
    assert act(cloud, volume_id, "os-force_delete", roles="member").status == 403
    assert act(cloud, volume_id, "os-force_delete").status == 202
    cloud.work()
    assert cloud.call("GET", f"/volumes/{volume_id}").status == 404


@pytest.mark.parametrize(("query", "version", "status"), [("force=true", "3.23", 202), ("force=true", "3.22", 400)])
def test_delete_by_force(cloud: Cloud, query: str, version: str, status: int) -> None:
    """From 3.23 on, and only for administrators."""
    volume_id = cloud.volume()
    act(cloud, volume_id, "os-reset_status", {"status": "maintenance"})
    assert cloud.call("DELETE", f"/volumes/{volume_id}?{query}", version="3.71", roles="member").status == 403
    assert cloud.call("DELETE", f"/volumes/{volume_id}?{query}", version=version).status == status


def test_delete_with_nonsense(cloud: Cloud) -> None:
    """A parameter that is no boolean is a 400."""
    assert cloud.call("DELETE", f"/volumes/{cloud.volume()}?cascade=perhaps").status == 400


def test_force_detach(cloud: Cloud) -> None:
    """The attachment that is named ends; for a service, what is not there is put right."""
    volume_id = cloud.volume()
    created = cloud.call("POST", "/attachments", {"attachment": {"volume_uuid": volume_id}}, version="3.27")
    attachment_id = created.json["attachment"]["id"]
    body = {"connector": CONNECTOR, "attachment_id": attachment_id}
    assert act(cloud, volume_id, "os-force_detach", body, roles="member").status == 403
    assert act(cloud, volume_id, "os-force_detach", body).status == 202
    assert cloud.see("volumes", volume_id)["status"] == "available"
    act(cloud, volume_id, "os-reserve")
    assert act(cloud, volume_id, "os-force_detach", body).status == 409
    assert cloud.see("volumes", volume_id)["status"] == "attaching"
    assert act(cloud, volume_id, "os-force_detach", body, headers={"X-Service-Roles": "service"}).status == 202
    assert cloud.see("volumes", volume_id)["status"] == "available"


@pytest.mark.parametrize("action", ["os-detach", "os-force_detach"])
def test_detach_under_maintenance(cloud: Cloud, action: str) -> None:
    """Nothing is detached from a volume under maintenance."""
    volume_id = cloud.volume()
    act(cloud, volume_id, "os-reset_status", {"status": "maintenance"})
    assert act(cloud, volume_id, action, {}).status == 400


@pytest.mark.parametrize("value", [{}, {"readonly": "perhaps"}, {"readonly": None}, {"readonly": True, "more": 1}])
def test_readonly_flag_refused(cloud: Cloud, value: Any) -> None:
    """The flag is a boolean, and the volume has to be available."""
    volume_id = cloud.volume()
    assert act(cloud, volume_id, "os-update_readonly_flag", value).status == 400
    act(cloud, volume_id, "os-reserve")
    assert act(cloud, volume_id, "os-update_readonly_flag", {"readonly": True}).status == 400


def test_readonly_flag(cloud: Cloud) -> None:
    """The metadata tells it, in Python's words."""
    volume_id = cloud.volume()
    for flag, shown in ((True, "True"), ("off", "False")):
        assert act(cloud, volume_id, "os-update_readonly_flag", {"readonly": flag}, roles="member").status == 202
        assert cloud.see("volumes", volume_id)["metadata"] == {"readonly": shown}


def test_bootable(cloud: Cloud) -> None:
    """The answer is empty, and a 200."""
    volume_id = cloud.volume()
    answer = act(cloud, volume_id, "os-set_bootable", {"bootable": "on"}, roles="member")
    assert (answer.status, answer.text) == (200, "")
    assert cloud.see("volumes", volume_id)["bootable"] == "true"


@pytest.mark.parametrize("body", [{}, {"os-reserve": None, "os-unreserve": None}, {"os-nothing": {}}, [], None])
def test_bodies(cloud: Cloud, body: Any) -> None:
    """A body has exactly one key, of an action that there is."""
    assert cloud.call("POST", f"/volumes/{cloud.volume()}/action", body).status == 400
