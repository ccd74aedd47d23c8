"""Transfers: a volume goes to whoever knows the key."""

from typing import Any

import pytest

from lapilli.db import volumes
from tests.http.client import PROJECT, Answer
from tests.http.group_lab import ask, make_group, make_group_snapshot, make_member
from tests.http.lab import OTHER_PROJECT, Cloud

BOTH = ("/volume-transfers", "/os-volume-transfer")


def offer(cloud: Cloud, volume_id: str, *, url: str = BOTH[0], version: str = "3.71", **wish: Any) -> Answer:
    return cloud.call("POST", url, {"transfer": {"volume_id": volume_id, **wish}}, version=version, roles="member")


def accept(cloud: Cloud, transfer: Any, key: Any = None, *, url: str = BOTH[0], project: str = OTHER_PROJECT) -> Answer:
    body = {"accept": {"auth_key": transfer["auth_key"] if key is None else key}}
    return cloud.call("POST", f"{url}/{transfer['id']}/accept", body, roles="member", project=project)


@pytest.mark.parametrize("url", BOTH)
def test_life(cloud: Cloud, url: str) -> None:
    """Offered, seen by the one who gives, accepted by the one with the key; then nothing is left to accept."""
    volume_id = cloud.volume()
    answer = offer(cloud, volume_id, url=url, name=" gift ")
    assert answer.status == 202, answer.text
    transfer = answer.json["transfer"]
    assert (transfer["name"], transfer["volume_id"], len(transfer["auth_key"])) == ("gift", volume_id, 16)
    assert cloud.see("volumes", volume_id)["status"] == "awaiting-transfer"
    shown = cloud.call("GET", f"{url}/{transfer['id']}", roles="reader", version="3.71").json["transfer"]
    assert shown == {key: value for key, value in transfer.items() if key != "auth_key"}
    assert cloud.call("GET", f"{url}/{transfer['id']}", roles="reader", project=OTHER_PROJECT).status == 404
    answer = accept(cloud, transfer, url=url)
    assert answer.status == 202, answer.text
    assert answer.json["transfer"].keys() == {"id", "volume_id", "name", "links"}
    volume = cloud.see("volumes", volume_id)
    assert (volume["status"], volume["os-vol-tenant-attr:tenant_id"]) == ("available", OTHER_PROJECT)
    assert accept(cloud, transfer, url=url).status == 404
    assert cloud.call("GET", f"/volumes/{volume_id}", roles="member").status == 404


@pytest.mark.parametrize("version", ["3.0", "3.54", "3.55", "3.57", "3.71"])
def test_fields(cloud: Cloud, version: str) -> None:
    """The fields of the answer, by version; the links name the older URL."""
    transfer = offer(cloud, cloud.volume(), version=version).json["transfer"]
    minor = int(version[2:])
    expected = {"id", "created_at", "name", "volume_id", "auth_key", "links"}
    expected |= {"no_snapshots"} if minor >= 55 else set()
    expected |= {"source_project_id", "destination_project_id", "accepted"} if minor >= 57 else set()
    assert transfer.keys() == expected
    assert "/os-volume-transfer/" in transfer["links"][0]["href"]
    if minor >= 57:
        facts = [transfer[key] for key in ("source_project_id", "destination_project_id", "accepted")]
        assert facts == [PROJECT, None, False]


@pytest.mark.parametrize("no_snapshots", [False, True])
def test_snapshots_move_along(cloud: Cloud, no_snapshots: bool) -> None:
    """Unless they are kept back."""
    volume_id = cloud.volume()
    snapshot_id = cloud.snapshot(volume_id)
    transfer = offer(cloud, volume_id, no_snapshots=no_snapshots).json["transfer"]
    assert accept(cloud, transfer).status == 202
    owner = cloud.see("snapshots", snapshot_id)["os-extended-snapshot-attributes:project_id"]
    assert owner == (PROJECT if no_snapshots else OTHER_PROJECT)


@pytest.mark.parametrize("quota", [{"volumes": 0}, {"gigabytes": 2}, {"snapshots": 0}, {"per_volume_gigabytes": 1}])
def test_quota_of_the_receiver(cloud: Cloud, quota: dict[str, int]) -> None:
    """Who has no room takes nothing: the volume, its snapshot and the offer are as before."""
    volume_id = cloud.volume(size=2)
    snapshot_id = cloud.snapshot(volume_id)
    assert cloud.call("PUT", f"/os-quota-sets/{OTHER_PROJECT}", {"quota_set": quota}).status == 200
    transfer = offer(cloud, volume_id).json["transfer"]
    answer = accept(cloud, transfer)
    assert (answer.status, answer.fault) == (413, "overLimit")
    assert cloud.see("volumes", volume_id)["status"] == "awaiting-transfer"
    assert cloud.see("snapshots", snapshot_id)["os-extended-snapshot-attributes:project_id"] == PROJECT
    cloud.call("DELETE", f"/os-quota-sets/{OTHER_PROJECT}")
    assert accept(cloud, transfer).status == 202
    used = cloud.call("GET", f"/os-quota-sets/{OTHER_PROJECT}?usage=True").json["quota_set"]
    assert [used[key]["in_use"] for key in ("volumes", "gigabytes", "snapshots")] == [1, 4, 1]
    left = cloud.call("GET", f"/os-quota-sets/{PROJECT}?usage=True").json["quota_set"]
    assert [left[key]["in_use"] for key in ("volumes", "gigabytes", "snapshots")] == [0, 0, 0]


@pytest.mark.parametrize("key", ["", "0123456789abcdef", 12345, "ü"])
def test_wrong_key(cloud: Cloud, key: Any) -> None:
    """A wrong key is a 400, whoever says it."""
    transfer = offer(cloud, cloud.volume()).json["transfer"]
    answer = accept(cloud, transfer, key)
    assert (answer.status, answer.fault) == (400, "badRequest")
    assert accept(cloud, transfer).status == 202


def test_withdraw(cloud: Cloud) -> None:
    """Only the one who gives can withdraw; the volume is available, and the key opens nothing."""
    volume_id = cloud.volume()
    transfer = offer(cloud, volume_id).json["transfer"]
    path = f"/volume-transfers/{transfer['id']}"
    assert cloud.call("DELETE", path, roles="member", project=OTHER_PROJECT).status == 404
    answer = cloud.call("DELETE", path, roles="member")
    assert (answer.status, answer.text) == (202, "")
    assert cloud.see("volumes", volume_id)["status"] == "available"
    assert accept(cloud, transfer).status == 404
    assert cloud.call("DELETE", path, roles="member").status == 404


def test_what_cannot_be_offered(cloud: Cloud) -> None:
    """A volume that is offered already or in use, another project's, one with a broken snapshot; and by a reader."""
    offered, broken, other = cloud.volume(), cloud.volume(), cloud.volume(project=OTHER_PROJECT)
    assert offer(cloud, offered).status == 202
    assert offer(cloud, offered).status == 400
    assert offer(cloud, other).status == 404
    snapshot_id = cloud.snapshot(broken)
    cloud.call("POST", f"/snapshots/{snapshot_id}/action", {"os-reset_status": {"status": "error"}})
    assert offer(cloud, broken).status == 400
    assert cloud.see("volumes", broken)["status"] == "available"
    wish = {"transfer": {"volume_id": broken}}
    assert cloud.call("POST", "/volume-transfers", wish, roles="reader").status == 403
    assert offer(cloud, broken, no_snapshots=True).status == 202


@pytest.mark.parametrize(
    ("url", "version", "body", "expected"),
    [
        (BOTH[0], "3.54", {"no_snapshots": True}, 400),
        (BOTH[1], "3.71", {"no_snapshots": True}, 400),
        (BOTH[0], "3.71", {"no_snapshots": "perhaps"}, 400),
        (BOTH[0], "3.71", {"name": "x" * 256}, 400),
        (BOTH[0], "3.71", {"name": ""}, 400),
        (BOTH[1], "3.71", {"name": " "}, 400),
        (BOTH[0], "3.71", {"name": None}, 202),
        (BOTH[0], "3.71", {"volume_id": "no uuid"}, 400),
    ],
)
def test_bodies(cloud: Cloud, url: str, version: str, body: dict[str, Any], expected: int) -> None:
    """What the schemas refuse."""
    wish = {"transfer": {"volume_id": cloud.volume(), **body}}
    assert cloud.call("POST", url, wish, version=version).status == expected


def test_offer_that_was_overtaken(cloud: Cloud) -> None:
    """An administrator made the volume available: the old key opens nothing, and a new offer takes its place."""
    volume_id = cloud.volume()
    old = offer(cloud, volume_id).json["transfer"]
    cloud.call("POST", f"/volumes/{volume_id}/action", {"os-reset_status": {"status": "available"}})
    assert accept(cloud, old).status == 400
    new = offer(cloud, volume_id).json["transfer"]
    assert accept(cloud, old).status == 404
    assert accept(cloud, new).status == 202


def test_snapshots_that_were_kept(cloud: Cloud) -> None:
    """The new owner can neither read nor change them, nor give them away."""
    volume_id = cloud.volume()
    kept = cloud.snapshot(volume_id)
    other_type = cloud.type("other")
    assert accept(cloud, offer(cloud, volume_id, no_snapshots=True).json["transfer"]).status == 202
    before = cloud.see("snapshots", kept)
    for wish in ({"revert": {"snapshot_id": kept}}, {"os-retype": {"new_type": other_type}}):
        path = f"/volumes/{volume_id}/action"
        answer = cloud.call("POST", path, wish, version="3.71", roles="member", project=OTHER_PROJECT)
        assert (answer.status, kept in answer.text) == (400, False), answer
    wish = {"transfer": {"volume_id": volume_id}}
    transfer = cloud.call("POST", BOTH[0], wish, roles="member", project=OTHER_PROJECT).json["transfer"]
    assert accept(cloud, transfer, project="c3").status == 202
    cloud.work()
    assert cloud.see("snapshots", kept) == before
    assert cloud.call("GET", f"/snapshots/{kept}", roles="reader").status == 200


def test_snapshots_of_group_snapshots_stay(cloud: Cloud) -> None:
    """A volume that was in a group leaves without the snapshots that are its group snapshot's."""
    group_id = make_group(cloud)
    volume_id = make_member(cloud, group_id)
    make_group_snapshot(cloud, group_id)
    assert ask(cloud, "PUT", f"/groups/{group_id}", {"group": {"remove_volumes": volume_id}}).status == 202
    cloud.work()
    assert offer(cloud, volume_id).status == 400
    assert offer(cloud, volume_id, no_snapshots=True).status == 202


def test_volume_with_an_old_offer_can_be_deleted(cloud: Cloud) -> None:
    """The offer goes with it."""
    volume_id = cloud.volume()
    transfer = offer(cloud, volume_id).json["transfer"]
    assert cloud.call("DELETE", f"/volumes/{volume_id}").status == 400
    cloud.call("POST", f"/volumes/{volume_id}/action", {"os-reset_status": {"status": "error"}})
    assert cloud.call("DELETE", f"/volumes/{volume_id}").status == 202
    cloud.work()
    assert accept(cloud, transfer).status == 404


@pytest.mark.parametrize(
    ("url", "version", "wish", "expected"),
    [
        (BOTH[0], "3.69", {}, 400),
        (BOTH[0], "3.70", {}, 202),
        (BOTH[0], "3.70", {"no_snapshots": True}, 400),
        (BOTH[1], "3.70", {}, 400),
    ],
)
def test_encrypted(cloud: Cloud, url: str, version: str, wish: dict[str, Any], expected: int) -> None:
    """An encrypted volume is offered from 3.70 on, and only with its snapshots, which have its key."""
    volume_id = cloud.volume()
    key_id = "22222222-0000-4000-8000-000000000001"
    cloud.db.write(lambda tx: volumes.change(tx, volume_id, encryption_key_id=key_id))
    assert offer(cloud, volume_id, url=url, version=version, **wish).status == expected


def test_lists(cloud: Cloud) -> None:
    """Newest first with pages from 3.59, oldest first before and at the older URL; the links name the older URL."""
    for name in ("a", "b", "c"):
        assert offer(cloud, cloud.volume(), name=name).status == 202

    def names(path: str, version: str = "3.71", **options: Any) -> list[str]:
        answer = cloud.call("GET", path, version=version, **options)
        assert answer.status == 200, answer.text
        return [transfer["name"] for transfer in answer.json["transfers"]]

    assert names(BOTH[0]) == ["c", "b", "a"]
    assert names(BOTH[0], "3.58") == names(BOTH[1]) == ["a", "b", "c"]
    assert names(f"{BOTH[0]}?sort=display_name:asc&limit=2") == ["a", "b"]
    assert names(f"{BOTH[0]}?limit=0") == []
    assert names(f"{BOTH[1]}?limit=0") == ["a", "b", "c"]
    assert names(f"{BOTH[0]}?name=b") == names(f"{BOTH[1]}/detail?name=b") == ["b"]
    assert names(f"{BOTH[0]}?nonsense=b") == []
    assert names(BOTH[0], project=OTHER_PROJECT, roles="reader") == []
    assert names(f"{BOTH[0]}?all_tenants=1", project=OTHER_PROJECT) == ["c", "b", "a"]
    assert names(f"{BOTH[0]}?all_tenants=1", project=OTHER_PROJECT, roles="reader") == []
    page = cloud.call("GET", f"{BOTH[0]}/detail?limit=2", version="3.71").json
    (link,) = page["transfers_links"]
    assert "/os-volume-transfer?" in link["href"]
    assert names(f"{BOTH[0]}?limit=2&marker={page['transfers'][-1]['id']}") == ["a"]
    assert cloud.call("GET", f"{BOTH[0]}?marker=none", version="3.71").status == 404
    for refused in (f"{BOTH[0]}?sort=salt", f"{BOTH[0]}?sort=name", f"{BOTH[0]}?é=1", f"{BOTH[1]}?é=1"):
        assert cloud.call("GET", refused, version="3.71").status == 400, refused
