"""The first seed: two LVM backends in one volume group, from the operator's own file, with the operator's commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.controller import ADDRESS, AdminCinder, cinder_manage, controller
from tests.kernel.machine import Initiator, lvs, volume_group, wait_for

GIB = 2**30


@pytest.fixture(scope="module")
def cinder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdminCinder]:
    with volume_group("storage", "/dev/ubda"), controller(tmp_path_factory.mktemp("controller")) as cinder:
        wait_for(lambda: cinder_manage("service", "list").count(":-)") == 3)
        yield cinder


def test_each_backend_has_a_service_of_its_own(cinder: AdminCinder) -> None:
    header, *lines = cinder_manage("service", "list").splitlines()
    assert header.split() == "Binary Host Zone Status State Updated At".split()
    assert sorted(line.split()[:5] for line in lines) == [
        ["cinder-scheduler", "controller", "nova", "enabled", ":-)"],
        ["cinder-volume", "controller@lvm1", "nova", "enabled", ":-)"],
        ["cinder-volume", "controller@lvm2", "nova", "enabled", ":-)"],
    ]
    assert all(re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", line) for line in lines)


def test_each_type_leads_to_its_backend(cinder: AdminCinder, initiator: Initiator) -> None:
    for name in ("lvm_gold", "lvm_silver"):
        (made,) = cinder.ask("type-create", name).rows
        assert made["Name"] == name
    assert {row["Name"] for row in cinder.ask("type-list").rows} >= {"lvm_gold", "lvm_silver"}
    cinder.ask("type-key", "lvm_silver", "set", "volume_backend_name=LOLLO")
    cinder.ask("type-key", "lvm_gold", "set", "volume_backend_name=LOLLA")

    cinder.ask("create", "--display-name", "vol1", "--volume-type", "lvm_gold", "5")
    cinder.ask("create", "--display-name", "vol2", "--volume-type", "lvm_silver", "5")
    rows = wait_for(lambda: settled(cinder))
    told = {row["Name"]: (row["Status"], row["Size"], row["Volume Type"], row["Bootable"]) for row in rows}
    assert told == {
        "vol1": ("available", "5", "lvm_gold", "false"),
        "vol2": ("available", "5", "lvm_silver", "false"),
    }

    ids = {row["Name"]: row["ID"] for row in rows}
    hosts = {name: cinder.ask("show", name).facts["os-vol-host-attr:host"] for name in ids}
    assert hosts == {"vol1": "controller@lvm1#LOLLA", "vol2": "controller@lvm2#LOLLO"}
    in_group = lvs("storage")
    assert {in_group[f"volume-{id}"]["lv_size"] for id in ids.values()} == {str(5 * GIB)}

    target, portal = f"iqn.2010-10.org.openstack:volume-{ids['vol1']}", f"{ADDRESS}:3260"
    about = attach(cinder, ids["vol1"])
    assert (about["target_iqn"], about["target_portal"]) == (target, portal)
    device = initiator.log_in(target, portal, about["auth_username"], about["auth_password"])
    assert Path(f"/sys/block/{Path(device).name}/size").read_text().strip() == str(5 * GIB // 512)
    initiator.log_out(target, portal)
    cinder.ask("attachment-delete", about["attachment_id"])

    for name in ids:
        cinder.ask("delete", name)
    wait_for(lambda: not any("volume-" in name for name in lvs("storage")))


def settled(cinder: AdminCinder) -> list[dict[str, str]] | None:
    """What `cinder list` shows, once nothing is being made."""
    rows = cinder.ask("list").rows
    return None if any(row["Status"] == "creating" for row in rows) else rows


def attach(cinder: AdminCinder, volume: str) -> dict[str, str]:
    """A new attachment's connection info, with its `attachment_id`."""
    host = ["--initiator", Initiator.name, "--ip", ADDRESS, "--host", "controller", "--multipath", "False"]
    return cinder.ask("attachment-create", volume, "--connect", "True", *host).facts
