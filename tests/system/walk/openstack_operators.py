"""`openstack` and the service itself: types, quality, services, clusters, storage, messages."""

from tests.system.service import until
from tests.system.walk.world import ONE, TWO, WalkedOpenStack, World


def types(_world: World, openstack: WalkedOpenStack) -> None:
    """A type is made, encrypted, changed and deleted."""
    words = ("--private", "--multiattach", "--property", "k=v", "--encryption-provider", "luks")
    made = openstack.ask("volume", "type", "create", *words, "silver")
    assert (made["is_public"], made["properties"]) == (False, {"k": "v", "multiattach": "<is> True"})
    # The client names the field as only answers do, which Cinder refuses too.
    assert "is_public" in openstack.refused("volume", "type", "set", "--public", "silver")
    openstack.do("volume", "type", "set", "--name", "steel", "--encryption-key-size", "256", "silver")
    shown = openstack.ask("volume", "type", "show", "--encryption-type", "steel")
    assert (shown["id"], shown["encryption"]["provider"], shown["encryption"]["key_size"]) == (made["id"], "luks", 256)
    openstack.do("volume", "type", "unset", "--property", "k", "--encryption-type", "steel")
    (row,) = [each for each in openstack.ask("volume", "type", "list", "--long") if each["Name"] == "steel"]
    assert row["Properties"] == {"multiattach": "<is> True"}
    openstack.do("volume", "type", "delete", "steel")
    assert "steel" in openstack.refused("volume", "type", "show", "steel")


def qos(_world: World, openstack: WalkedOpenStack) -> None:
    """Specs of quality are made, changed, given to a type, taken from it, and deleted."""
    made = openstack.ask("volume", "qos", "create", "--consumer", "front-end", "--property", "a=1", "brisk")
    openstack.do("volume", "qos", "set", "--property", "total_iops_sec=7", "brisk")
    openstack.do("volume", "qos", "unset", "--property", "a", "brisk")
    openstack.do("volume", "qos", "associate", "brisk", "fast")
    shown = openstack.ask("volume", "qos", "show", "brisk")
    assert (shown["id"], shown["associations"]) == (made["id"], ["fast"])
    assert shown["properties"] == {"total_iops_sec": "7"}
    openstack.do("volume", "qos", "disassociate", "--volume-type", "fast", "brisk")
    (row,) = openstack.ask("volume", "qos", "list")
    assert (row["Name"], row["Consumer"], row["Associations"]) == ("brisk", "front-end", [])
    openstack.do("volume", "qos", "associate", "brisk", "fast")
    openstack.do("volume", "qos", "disassociate", "--all", "brisk")
    openstack.do("volume", "qos", "delete", "brisk")
    assert openstack.ask("volume", "qos", "list") == []


def services(_world: World, openstack: WalkedOpenStack) -> None:
    """A service is disabled, frozen, thawed and enabled; what the client asks wrongly is refused."""
    which = (TWO, "cinder-volume")
    openstack.do("volume", "service", "set", "--disable", "--disable-reason", "rest", *which)
    (row,) = openstack.ask("volume", "service", "list", "--long", "--host", TWO)
    assert (row["Status"], row["State"], row["Disabled Reason"]) == ("disabled", "up", "rest")
    openstack.do("volume", "service", "set", "--enable", *which)
    openstack.do("volume", "host", "set", "--disable", TWO)
    assert "frozen already" in openstack.refused("volume", "host", "set", "--disable", TWO)
    openstack.do("volume", "host", "set", "--enable", TWO)
    # The client asks for an action that microversion 3.26 promises and Cinder 29 does not have; `cinder` does better.
    assert "could not be found" in openstack.refused("volume", "host", "failover", "--volume-backend", "x", TWO)
    # The client says PUT where Cinder has POST, and cannot do without any of the three options.
    whose = ("--binary", "cinder-volume", "--host", ONE, "--cluster", "home@one")
    assert "could not be found" in openstack.refused("block", "storage", "cleanup", *whose)


def log_levels(_world: World, openstack: WalkedOpenStack) -> None:
    """The level of a logger is set, told, and set back."""
    one_logger = ("--service", "cinder-volume", "--host", ONE, "--log-prefix", "lapilli.work.runner")
    for level in ("DEBUG", "INFO"):
        openstack.do("block", "storage", "log", "level", "set", *one_logger, level)

        def levels() -> list[str]:
            return [row["Level"] for row in openstack.ask("block", "storage", "log", "level", "list", *one_logger)]

        until(lambda level=level: levels() == [level], levels)


def clusters(_world: World, openstack: WalkedOpenStack) -> None:
    """The clusters of the backends are listed, and one is disabled and enabled."""
    rows = openstack.ask("block", "storage", "cluster", "list", "--binary", "cinder-volume")
    assert {row["Name"] for row in rows} == {"home@one", "home@two"}
    cluster = ("--binary", "cinder-volume", "home@two")
    # The client's exit code is the table that it should print.
    openstack.run("block", "storage", "cluster", "set", "--disable", "--disable-reason", "rest", *cluster)
    shown = openstack.ask("block", "storage", "cluster", "show", *cluster)
    assert (shown["Status"], shown["Disabled Reason"], shown["State"]) == ("disabled", "rest", "up")
    openstack.run("block", "storage", "cluster", "set", "--enable", *cluster)
    assert openstack.ask("block", "storage", "cluster", "show", *cluster)["Status"] == "enabled"


def storage(_world: World, openstack: WalkedOpenStack) -> None:
    """Pools, what a backend can do, and the filters of lists are told."""
    pools = openstack.ask("volume", "backend", "pool", "list", "--long")
    assert {pool["Name"] for pool in pools} == {f"{ONE}#one", f"{TWO}#two"}
    told = {row["Key"] for row in openstack.ask("volume", "backend", "capability", "show", ONE)}
    assert "thin_provisioning" in told
    listed = openstack.ask("block", "storage", "resource", "filter", "list")
    filters = {row["Resource"]: row["Filters"] for row in listed}
    shown = openstack.ask("block", "storage", "resource", "filter", "show", "volume")
    assert shown["Filters"] == filters["volume"]


def messages(world: World, openstack: WalkedOpenStack) -> None:
    """A volume that no backend has room for leaves a message that says so, until it is deleted."""
    volume = openstack.ask("volume", "create", "--type", "fast", "--size", "51", "v")["id"]
    world.service.settled("volume", volume, "error")
    (row,) = openstack.ask("volume", "message", "list")
    assert (row["Resource UUID"], row["Resource Type"]) == (volume, "VOLUME")
    # The client does not look into the envelope of the message, and prints but its id.
    assert openstack.ask("volume", "message", "show", row["ID"])["ID"] == row["ID"]
    openstack.do("volume", "message", "delete", row["ID"])
    assert openstack.ask("volume", "message", "list") == []
    openstack.do("volume", "delete", "v")
    world.gone("volume", volume)


STAGES = (types, qos, services, log_levels, clusters, storage, messages)
