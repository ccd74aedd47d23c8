"""`cinder` and the service itself: who serves, what is left, who may have how much, what went wrong."""

from tests.system.service import PROJECT, until
from tests.system.walk.world import ONE, TWO, WalkedCinder, World


def services(_world: World, cinder: WalkedCinder) -> None:
    """A service is disabled, frozen, thawed and enabled; it cannot fail over, and has nothing to clean."""
    assert {row["State"] for row in cinder.ask("service-list").rows} == {"up"}
    cinder.ask("service-disable", TWO, "cinder-volume", "--reason", "rest")
    (row,) = cinder.ask("service-list", "--host", TWO).rows
    assert (row["Status"], row["Disabled Reason"]) == ("disabled", "rest")
    cinder.ask("service-enable", TWO, "cinder-volume")
    cinder.ask("freeze-host", TWO)
    assert "frozen already" in cinder.refused("freeze-host", TWO)
    cinder.ask("thaw-host", TWO)
    assert "not frozen" in cinder.refused("thaw-host", TWO)
    assert "replication is disabled" in cinder.refused("failover-host", "--backend_id", "x", TWO)
    assert {row["Host"] for row in cinder.ask("work-cleanup", "--binary", "cinder-volume").rows} == {ONE, TWO}


def log_levels(_world: World, cinder: WalkedCinder) -> None:
    """The level of a logger is set, told, and set back."""
    one_logger = ("--binary", "cinder-volume", "--server", ONE, "--prefix", "lapilli.work.runner")
    for level in ("DEBUG", "INFO"):
        cinder.ask("service-set-log", *one_logger, level)
        until(
            lambda level=level: [row["Level"] for row in cinder.ask("service-get-log", *one_logger).rows] == [level],
            lambda: cinder.ask("service-get-log", *one_logger).out,
        )


def clusters(_world: World, cinder: WalkedCinder) -> None:
    """The clusters of the backends are listed, and one is disabled and enabled."""
    names = {row["Name"] for row in cinder.ask("cluster-list", "--binary", "cinder-volume").rows}
    assert names == {"home@one", "home@two"}
    cinder.ask("cluster-disable", "--reason", "rest", "cinder-volume", "home@two")
    shown = cinder.ask("cluster-show", "cinder-volume", "home@two").facts
    assert (shown["status"], shown["disabled_reason"], shown["state"]) == ("disabled", "rest", "up")
    cinder.ask("cluster-enable", "cinder-volume", "home@two")
    assert cinder.ask("cluster-show", "home@two").facts["status"] == "enabled"


def storage(_world: World, cinder: WalkedCinder) -> None:
    """Zones, pools and what a backend can do are told."""
    assert cinder.ask("availability-zone-list").rows == [{"Name": "nova", "Status": "available"}]
    names = {row["Value"] for row in cinder.ask("get-pools", "--detail").rows if row["Property"] == "name"}
    assert names == {f"{ONE}#one", f"{TWO}#two"}
    told = cinder.ask("get-capabilities", ONE).out
    assert "storage_protocol" in told
    assert "thin_provisioning" in told


def quotas(_world: World, cinder: WalkedCinder) -> None:
    """Quotas of a project and of the class `default` are told, changed, kept to and given up; limits say the same."""
    cinder.ask("quota-class-update", "--snapshots", "7", "default")
    assert cinder.ask("quota-class-show", "default").facts["snapshots"] == "7"
    assert cinder.ask("quota-defaults", PROJECT).facts["snapshots"] == "7"
    cinder.ask("quota-class-update", "--snapshots", "10", "default")
    cinder.ask("quota-update", "--volumes", "0", "--groups", "3", PROJECT)
    shown = cinder.ask("quota-show", PROJECT).facts
    assert (shown["volumes"], shown["groups"]) == ("0", "3")
    (used,) = [row for row in cinder.ask("quota-usage", PROJECT).rows if row["Type"] == "volumes"]
    assert (used["In_use"], used["Reserved"], used["Limit"]) == ("0", "0", "0")
    limits = {row["Name"]: row["Value"] for row in cinder.ask("absolute-limits").rows}
    assert limits["maxTotalVolumes"] == "0"
    assert "VolumeLimitExceeded" in cinder.refused("create", "1")
    cinder.ask("quota-delete", PROJECT)
    assert cinder.ask("quota-show", PROJECT).facts == cinder.ask("quota-defaults", PROJECT).facts
    assert cinder.ask("rate-limits").rows == []


def messages(world: World, cinder: WalkedCinder) -> None:
    """A volume that no backend has room for leaves a message that says so, until it is deleted."""
    volume = cinder.ask("create", "--volume-type", "fast", "51").facts["id"]
    world.service.settled("volume", volume, "error")
    (row,) = cinder.ask("message-list", "--resource_uuid", volume).rows
    shown = cinder.ask("message-show", row["ID"]).facts
    assert (shown["resource_uuid"], shown["resource_type"], shown["message_level"]) == (volume, "VOLUME", "ERROR")
    assert shown["user_message"] == row["User Message"]
    cinder.ask("message-delete", row["ID"])
    assert cinder.ask("message-list").rows == []
    cinder.ask("delete", volume)
    world.gone("volume", volume)


def discovery(_world: World, cinder: WalkedCinder) -> None:
    """The client finds versions, filters and its own words."""
    (row,) = cinder.ask("api-version").rows
    assert (row["Version"], row["Min_version"]) == ("3.71", "3.0")
    assert "3.71" in cinder.ask("version-list").out
    (filters,) = cinder.ask("list-filters", "--resource", "snapshot").rows
    assert "volume_id" in filters["Filters"]
    assert "Creates a volume" in cinder.ask("help", "create").out
    for command in ("bash-completion", "bash_completion"):
        assert {"create", "--volume-type"} <= set(cinder.ask(command).out.split())


STAGES = (services, log_levels, clusters, storage, quotas, messages, discovery)
