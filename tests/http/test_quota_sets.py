"""Quotas of projects and of quota classes, and the limits that tenants see."""

from typing import Any

import pytest

from tests.http.client import PROJECT
from tests.http.lab import OTHER_PROJECT, QUOTA, Cloud

_OF_TYPE = {f"{resource}___DEFAULT__": -1 for resource in ("volumes", "gigabytes", "snapshots")}
_PATH = f"/os-quota-sets/{PROJECT}"
_CLASS = "/os-quota-class-sets/default"


def test_show(cloud: Cloud) -> None:
    """The limits of every resource, those of the types too."""
    answer = cloud.call("GET", _PATH, roles="reader")
    assert (answer.status, answer.json) == (200, {"quota_set": {"id": PROJECT, **QUOTA, **_OF_TYPE}})
    assert cloud.call("GET", f"{_PATH}/defaults", roles="reader").json == answer.json


def test_private_types(cloud: Cloud) -> None:
    """Who cannot see a type is not told its name by its quotas either."""
    private = cloud.type("private", **{"os-volume-type-access:is_public": False})
    told = '"volumes_private"'
    for path in (_PATH, f"{_PATH}/defaults", f"{_PATH}?usage=True"):
        assert told in cloud.call("GET", path).text
        assert told not in cloud.call("GET", path, roles="reader").text
    cloud.call("POST", f"/types/{private}/action", {"addProjectAccess": {"project": PROJECT}})
    assert told in cloud.call("GET", _PATH, roles="reader").text


def test_usage(cloud: Cloud) -> None:
    """Sizes of snapshots count among the GiB, and nothing is only reserved."""
    cloud.snapshot(cloud.volume(size=2))
    shown = cloud.call("GET", f"{_PATH}?usage=True").json["quota_set"]
    assert shown["volumes"] == {"limit": 10, "in_use": 1, "reserved": 0}
    assert shown["gigabytes"] == {"limit": 1000, "in_use": 4, "reserved": 0}
    assert shown["snapshots___DEFAULT__"] == {"limit": -1, "in_use": 1, "reserved": 0}
    assert shown["backups"] == {"limit": 10, "in_use": 0, "reserved": 0}
    assert cloud.call("GET", f"{_PATH}?usage=perhaps").status == 400


def test_update_and_delete(cloud: Cloud) -> None:
    """A project's own limits hold until they are deleted; the answer has no id."""
    wish = {"volumes": 1, "gigabytes": -1, "tenant_id": PROJECT, "id": "x"}
    answer = cloud.call("PUT", _PATH, {"quota_set": wish})
    expected = {**QUOTA, **_OF_TYPE, "volumes": 1, "gigabytes": -1}
    assert (answer.status, answer.json) == (200, {"quota_set": expected})
    assert cloud.call("GET", f"{_PATH}/defaults").json["quota_set"]["volumes"] == 10
    assert cloud.call("GET", f"/os-quota-sets/{OTHER_PROJECT}").json["quota_set"]["volumes"] == 10
    cloud.volume()
    assert cloud.call("POST", "/volumes", {"volume": {"size": 1}}).status == 413
    answer = cloud.call("DELETE", _PATH)
    assert (answer.status, answer.text) == (200, "")
    assert cloud.call("GET", _PATH).json["quota_set"]["volumes"] == 10


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"volumes": "5"},
        {"volumes": 1.5},
        {"volumes": None},
        {"volumes": True},
        {"volumes": -2},
        {"volumes": 2**31},
        {"nothing": 1},
        {"volumes_nothing": 1},
        {"volumes": 5, "nothing": 1},
        [],
    ],
)
def test_bad_quotas(quiet: Cloud, wish: Any) -> None:
    """Quotas are integers of known resources (trap 6); a refusal changes none."""
    answer = quiet.call("PUT", _PATH, {"quota_set": wish})
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert quiet.call("GET", _PATH).json["quota_set"]["volumes"] == 10


def test_below_usage(cloud: Cloud) -> None:
    """The first limit of a project's own may be below its use, a later one may not (trap 21)."""
    cloud.volume()
    cloud.volume()
    for wish, status in (
        ({"volumes": 1}, 200),
        ({"volumes": 0}, 400),
        ({"volumes": 2}, 200),
        ({"volumes": -1}, 200),
        ({"gigabytes": 1, "per_volume_gigabytes": 1}, 200),
        ({"per_volume_gigabytes": 0}, 200),
        ({"gigabytes": 0, "snapshots": 5}, 400),
    ):
        assert cloud.call("PUT", _PATH, {"quota_set": wish}).status == status, wish
    assert cloud.call("GET", _PATH).json["quota_set"]["snapshots"] == 10


def test_classes(cloud: Cloud) -> None:
    """The class `default` holds for projects without their own limits; others are only kept."""
    answer = cloud.call("PUT", _CLASS, {"quota_class_set": {"volumes": "5", "snapshots": -1}})
    changed = {**QUOTA, **_OF_TYPE, "volumes": 5, "snapshots": -1}
    assert (answer.status, answer.json) == (200, {"quota_class_set": changed})
    assert cloud.call("GET", _CLASS).json == {"quota_class_set": {"id": "default", **changed}}
    assert cloud.call("GET", _PATH).json["quota_set"] == {"id": PROJECT, **changed}
    assert cloud.call("PUT", "/os-quota-class-sets/gold", {"quota_class_set": {"volumes": 50}}).status == 200
    assert cloud.call("GET", "/os-quota-class-sets/gold").json["quota_class_set"]["volumes"] == 50
    assert cloud.call("GET", "/os-quota-class-sets/none").json["quota_class_set"]["volumes"] == 10
    assert cloud.call("GET", _PATH).json["quota_set"]["volumes"] == 5


@pytest.mark.parametrize("wish", [{"volumes": "x"}, {"volumes": "-2"}, {"volumes": 9999999999}, {"nothing": 1}])
def test_bad_classes(quiet: Cloud, wish: Any) -> None:
    """Limits of a class are integers or digits."""
    assert quiet.call("PUT", _CLASS, {"quota_class_set": wish}).status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("GET", f"/os-quota-sets/{OTHER_PROJECT}", None, "member,reader"),
        ("GET", f"/os-quota-sets/{OTHER_PROJECT}/defaults", None, "member,reader"),
        ("GET", _PATH, None, "nobody"),
        ("PUT", _PATH, {"quota_set": {"volumes": 1}}, "member,reader"),
        ("DELETE", _PATH, None, "member,reader"),
        ("GET", _CLASS, None, "member,reader"),
        ("PUT", _CLASS, {"quota_class_set": {"volumes": 1}}, "member,reader"),
    ],
)
def test_by_whom(quiet: Cloud, method: str, path: str, body: Any, roles: str) -> None:
    """Tenants see the quotas of their own project and change none."""
    answer = quiet.call(method, path, body, roles=roles)
    assert (answer.status, answer.fault) == (403, "forbidden")


def test_limits(cloud: Cloud) -> None:
    """Limits tell what a project may have; readers also see what it has."""
    cloud.snapshot(cloud.volume(size=2))
    most = {
        "maxTotalVolumes": 10,
        "maxTotalSnapshots": 10,
        "maxTotalVolumeGigabytes": 1000,
        "maxTotalBackups": 10,
        "maxTotalBackupGigabytes": 1000,
    }
    used = {
        "totalVolumesUsed": 1,
        "totalSnapshotsUsed": 1,
        "totalGigabytesUsed": 4,
        "totalBackupsUsed": 0,
        "totalBackupGigabytesUsed": 0,
    }
    answer = cloud.call("GET", "/limits", roles="reader")
    assert (answer.status, answer.json) == (200, {"limits": {"rate": [], "absolute": {**most, **used}}})
    assert cloud.call("GET", "/limits", roles="nobody").json == {"limits": {"rate": [], "absolute": most}}


@pytest.mark.parametrize(
    ("version", "roles", "key", "number"),
    [
        ("3.39", "admin", "project_id", 1),
        ("3.39", "admin", "tenant_id", 1),
        ("3.38", "admin", "project_id", 0),
        ("3.39", "reader", "project_id", 0),
    ],
)
def test_limits_of_others(cloud: Cloud, version: str, roles: str, key: str, number: int) -> None:
    """From 3.39 an administrator may ask for another project's."""
    cloud.volume(project=OTHER_PROJECT)
    answer = cloud.call("GET", f"/limits?{key}={OTHER_PROJECT}", version=version, roles=roles)
    assert answer.json["limits"]["absolute"]["totalVolumesUsed"] == number
