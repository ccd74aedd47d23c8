"""`cinder` and what administrators offer: types, their specs, encryption and quality, group types, defaults."""

from tests.system.service import PROJECT
from tests.system.walk.world import WalkedCinder, World


def types(_world: World, cinder: WalkedCinder) -> None:
    """A type is made, described, keyed, lent to a project, made public and deleted."""
    (made,) = cinder.ask("type-create", "gold", "--description", "d", "--is-public", "false").rows
    assert (made["Name"], made["Description"], made["Is_Public"]) == ("gold", "d", "False")
    cinder.ask("type-key", "gold", "set", "volume_backend_name=one", "k=v")
    cinder.ask("type-key", "gold", "unset", "k")
    shown = cinder.ask("type-show", "gold").facts
    assert (shown["id"], shown["extra_specs"]) == (made["ID"], "volume_backend_name : one")
    specs = {row["Name"]: row["extra_specs"] for row in cinder.ask("extra-specs-list").rows}
    assert specs["gold"] == "{'volume_backend_name': 'one'}"
    lent = ("--volume-type", "gold", "--project-id", "friends")
    cinder.ask("type-access-add", *lent)
    assert cinder.ask("type-access-list", "--volume-type", "gold").rows == [
        {"Volume_type_ID": made["ID"], "Project_ID": "friends"}
    ]
    cinder.ask("type-access-remove", *lent)
    assert cinder.ask("type-access-list", "--volume-type", "gold").rows == []
    cinder.ask("type-update", "--name", "steel", "--is-public", "true", made["ID"])
    assert {"steel", "fast", "__DEFAULT__"} <= {row["Name"] for row in cinder.ask("type-list").rows}
    assert [row["Name"] for row in cinder.ask("type-default").rows] == ["__DEFAULT__"]
    cinder.ask("type-delete", "steel")
    assert "steel" in cinder.refused("type-show", "steel")


def default_types(_world: World, cinder: WalkedCinder) -> None:
    """A project's default type is set, listed, used and unset."""
    cinder.ask("default-type-set", "slow", PROJECT)
    (row,) = cinder.ask("default-type-list").rows
    assert row["Project ID"] == PROJECT
    assert cinder.ask("default-type-list", "--project-id", PROJECT).facts["volume_type_id"] == row["Volume Type ID"]
    assert [each["Name"] for each in cinder.ask("type-default").rows] == ["slow"]
    cinder.ask("default-type-unset", PROJECT)
    assert cinder.ask("default-type-list").rows == []
    assert [each["Name"] for each in cinder.ask("type-default").rows] == ["__DEFAULT__"]


def encryption(_world: World, cinder: WalkedCinder) -> None:
    """A type gets an encryption, another one, and none."""
    cinder.ask("type-create", "secret")
    cinder.ask("encryption-type-create", "--cipher", "aes-xts-plain64", "--key-size", "256", "secret", "luks")
    (row,) = cinder.ask("encryption-type-show", "secret").rows
    told = ("luks", "aes-xts-plain64", "256", "front-end")
    assert (row["Provider"], row["Cipher"], row["Key Size"], row["Control Location"]) == told
    cinder.ask("encryption-type-update", "--key-size", "512", "--provider", "luks2", "secret")
    (row,) = cinder.ask("encryption-type-list").rows
    assert (row["Provider"], row["Cipher"], row["Key Size"]) == ("luks2", "aes-xts-plain64", "512")
    cinder.ask("encryption-type-delete", "secret")
    assert cinder.ask("encryption-type-list").rows == []
    cinder.ask("type-delete", "secret")


def qos(world: World, cinder: WalkedCinder) -> None:
    """Specs of quality are made, keyed, given to a type, taken from it, and deleted."""
    type_id = cinder.ask("type-show", "fast").facts["id"]
    id = cinder.ask("qos-create", "brisk", "consumer=front-end", "total_iops_sec=100").facts["id"]
    cinder.ask("qos-key", id, "set", "read_iops_sec=7")
    cinder.ask("qos-key", id, "unset", "total_iops_sec")
    shown = cinder.ask("qos-show", id).facts
    assert (shown["name"], shown["consumer"], shown["specs"]) == ("brisk", "front-end", "read_iops_sec : 7")
    assert [row["ID"] for row in cinder.ask("qos-list").rows] == [id]
    cinder.ask("qos-associate", id, type_id)
    (row,) = cinder.ask("qos-get-association", id).rows
    assert (row["Name"], row["ID"]) == ("fast", type_id)
    assert world.service.ask("GET", f"/types/{type_id}")["volume_type"]["qos_specs_id"] == id
    cinder.ask("qos-disassociate", id, type_id)
    assert cinder.ask("qos-get-association", id).rows == []
    cinder.ask("qos-associate", id, type_id)
    assert "in use" in cinder.refused("qos-delete", id)
    cinder.ask("qos-disassociate-all", id)
    cinder.ask("qos-delete", id)
    assert cinder.ask("qos-list").rows == []


def group_types(_world: World, cinder: WalkedCinder) -> None:
    """A type of groups is made, keyed, renamed to the configured default and deleted."""
    (made,) = cinder.ask("group-type-create", "--description", "d", "pack").rows
    cinder.ask("group-type-key", "pack", "set", "consistent_group_snapshot_enabled=<is> True", "k=v")
    cinder.ask("group-type-key", "pack", "unset", "k")
    specs = {row["Name"]: row["group_specs"] for row in cinder.ask("group-specs-list").rows}
    assert specs["pack"] == "{'consistent_group_snapshot_enabled': '<is> True'}"
    assert "bundle" in cinder.refused("group-type-default")
    cinder.ask("group-type-update", "--name", "bundle", "--description", "e", made["ID"])
    assert [row["ID"] for row in cinder.ask("group-type-default").rows] == [made["ID"]]
    assert cinder.ask("group-type-show", "bundle").facts["description"] == "e"
    assert "bundle" in {row["Name"] for row in cinder.ask("group-type-list").rows}
    cinder.ask("group-type-delete", "bundle")
    assert "bundle" not in {row["Name"] for row in cinder.ask("group-type-list").rows}


STAGES = (types, default_types, encryption, qos, group_types)
