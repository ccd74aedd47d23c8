"""Clusters, and what is cleaned up after services that are down."""

from functools import partial

import pytest
from sqlalchemy import Connection, update

from lapilli.db import clusters, services
from lapilli.db.schema import services as table
from tests.http.lab import Cloud

_NAME = "twins@files"


def _clustered(tx: Connection) -> None:
    clusters.register(tx, _NAME, "cinder-volume")
    for host in ("alice", "bob"):
        services.beat(tx, "cinder-volume", f"{host}@files", "nova", None, _NAME)
    tx.execute(update(table).where(table.c.host == "bob@files").values(heartbeat_s=1000.0))


@pytest.fixture
def twins(cloud: Cloud) -> Cloud:
    """A cluster of two services, one of which is down."""
    cloud.db.write(_clustered)
    return cloud


def test_lists(twins: Cloud) -> None:
    """In short, and with how many services there are."""
    (row,) = twins.call("GET", "/clusters", version="3.7").json["clusters"]
    assert row == {"name": _NAME, "binary": "cinder-volume", "state": "up", "status": "enabled"}
    (row,) = twins.call("GET", "/clusters/detail", version="3.26").json["clusters"]
    assert (row["num_hosts"], row["num_down_hosts"]) == (2, 1)
    assert row["updated_at"] == ""
    assert row["last_heartbeat"] > "2026"
    assert {"frozen", "active_backend_id", "replication_status"} <= row.keys()
    shown = twins.call("GET", f"/clusters/{_NAME}", version="3.26").json["cluster"]
    assert shown == row


@pytest.mark.parametrize(
    ("query", "version", "found"),
    [
        ("name=twins@files", "3.7", 1),
        ("name=x", "3.7", 0),
        ("is_up=true", "3.7", 1),
        ("is_up=false", "3.7", 0),
        ("disabled=true", "3.7", 0),
        ("num_hosts=2&num_down_hosts=1", "3.7", 1),
        ("frozen=false", "3.26", 1),
    ],
)
def test_filters(twins: Cloud, query: str, version: str, found: int) -> None:
    """By what is known of them."""
    assert len(twins.call("GET", f"/clusters?{query}", version=version).json["clusters"]) == found


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [
        ("/clusters", "3.6", 404),
        ("/clusters?frozen=false", "3.25", 400),
        ("/clusters?colour=red", "3.71", 400),
        ("/clusters?num_hosts=x", "3.7", 400),
        ("/clusters?is_up=perhaps", "3.7", 400),
        ("/clusters/none", "3.7", 404),
    ],
)
def test_bad_questions(twins: Cloud, path: str, version: str, status: int) -> None:
    """Get a precise refusal."""
    assert twins.call("GET", path, version=version).status == status


def test_a_disabled_cluster_takes_no_volumes(twins: Cloud) -> None:
    """None of its pools is offered until it is enabled again."""
    join = partial(services.beat, binary="cinder-volume", host="node@files", zone="nova", cluster=_NAME)
    twins.db.write(join)
    body = {"name": _NAME, "disabled_reason": "moving house"}
    off = twins.call("PUT", "/clusters/disable", body, version="3.7").json["cluster"]
    assert (off["status"], off["disabled_reason"]) == ("disabled", "moving house")
    pools = twins.call("GET", "/scheduler-stats/get_pools").json["pools"]
    assert "node@files#files" not in {pool["name"] for pool in pools}
    on = twins.call("PUT", "/clusters/enable", {"name": _NAME, "binary": "cinder-volume"}, version="3.7").json[
        "cluster"
    ]
    assert (on["status"], on["disabled_reason"]) == ("enabled", None)
    pools = twins.call("GET", "/scheduler-stats/get_pools").json["pools"]
    assert "node@files#files" in {pool["name"] for pool in pools}
    assert twins.call("PUT", "/clusters/enable", {"name": "none"}, version="3.7").status == 404


def test_only_operators_ask(twins: Cloud) -> None:
    """A tenant is told no."""
    for path in ("/clusters", "/clusters/detail", f"/clusters/{_NAME}"):
        assert twins.call("GET", path, version="3.7", roles="member,reader").status == 403
    assert twins.call("POST", "/workers/cleanup", {}, version="3.24", roles="member,reader").status == 403


def test_services_show_their_cluster(twins: Cloud) -> None:
    """From 3.7 on."""
    rows = twins.call("GET", "/os-services?host=alice", version="3.7").json["services"]
    assert [row["cluster"] for row in rows] == [_NAME]
    assert "cluster" not in twins.call("GET", "/os-services?host=alice", version="3.6").json["services"][0]


def test_a_cluster_is_frozen_whole(twins: Cloud) -> None:
    """From 3.26 on a cluster is named in place of a host."""
    assert twins.call("PUT", "/os-services/freeze", {"cluster": _NAME}, version="3.26").status == 200
    rows = twins.call("GET", "/os-services?binary=cinder-volume").json["services"]
    assert {row["host"] for row in rows if row["frozen"]} == {"alice@files", "bob@files"}
    assert twins.call("PUT", "/os-services/thaw", {"cluster": _NAME}, version="3.26").status == 200
    assert twins.call("PUT", "/os-services/freeze", {"cluster": "x"}, version="3.26").status == 400
    assert twins.call("PUT", "/os-services/freeze", {"cluster": _NAME, "host": "y"}, version="3.26").status == 400


@pytest.mark.parametrize(
    ("body", "cleaning", "unavailable"),
    [
        ({"cluster_name": _NAME}, ["alice@files"], ["bob@files"]),
        ({"host": "bob@files"}, [], ["bob@files"]),
        ({"cluster_name": _NAME, "is_up": True}, ["alice@files"], []),
        ({"cluster_name": _NAME, "binary": "cinder-scheduler"}, [], []),
        ({"cluster_name": _NAME, "disabled": "true"}, [], []),
        ({"service_id": 999}, [], []),
    ],
)
def test_cleanup(twins: Cloud, body: object, cleaning: list[str], unavailable: list[str]) -> None:
    """Tells which services look at once, and which cannot."""
    answer = twins.call("POST", "/workers/cleanup", body, version="3.24")
    assert answer.status == 202
    assert [row["host"] for row in answer.json["cleaning"]] == cleaning
    assert [row["host"] for row in answer.json["unavailable"]] == unavailable


@pytest.mark.parametrize(
    "body",
    [
        {"binary": "cinder-api"},
        {"is_up": "perhaps"},
        {"resource_id": "x"},
        {"resource_id": "0e59a5c1-6a1f-4c6e-9d0e-3f6b1f2f7a10"},
        {"colour": 1},
    ],
)
def test_bad_cleanup(twins: Cloud, body: object) -> None:
    """What cannot be understood is a 400."""
    assert twins.call("POST", "/workers/cleanup", body, version="3.24").status == 400


@pytest.mark.parametrize("flag", ["is_up", "disabled", "frozen"])
def test_bad_flags(quiet: Cloud, flag: str) -> None:
    """What is no boolean is a 400, even where there are no clusters."""
    assert quiet.call("GET", f"/clusters?{flag}=x", version="3.71").status == 400
