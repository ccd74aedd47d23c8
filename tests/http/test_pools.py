"""Pools as an administrator sees them."""

import pytest

from tests.http.lab import POOL, SERVICE, Cloud


def _pools(cloud: Cloud, query: str, version: str = "3.71") -> list[str]:
    answer = cloud.call("GET", f"/scheduler-stats/get_pools?{query}", version=version)
    assert answer.status == 200, answer.text
    return [pool["name"] for pool in answer.json["pools"]]


@pytest.fixture(scope="module")
def typed(quiet: Cloud) -> None:
    """Types whose volumes the pool can take, and can not."""
    quiet.tell(storage_protocol=["iSCSI", "iscsi"])
    quiet.type("slow", extra_specs={"volume_backend_name": "files", "total_volumes<": "1"})
    quiet.type("elsewhere", extra_specs={"volume_backend_name": "other"})


def test_names(cloud: Cloud) -> None:
    """Without details a pool is its name."""
    for query in ("", "?detail=false"):
        assert cloud.call("GET", f"/scheduler-stats/get_pools{query}").json == {"pools": [{"name": POOL}]}


def test_details(cloud: Cloud) -> None:
    """The capabilities have Cinder's names; what is allocated is known to the GiB."""
    cloud.tell(storage_protocol=["iSCSI", "iscsi"])
    cloud.volume(size=3)
    (pool,) = cloud.call("GET", "/scheduler-stats/get_pools?detail=True").json["pools"]
    shown = pool["capabilities"]
    assert pool["name"] == POOL
    assert shown["volume_backend_name"] == "files"
    assert shown["storage_protocol"] == "iSCSI"
    assert (shown["allocated_capacity_gb"], shown["provisioned_capacity_gb"], shown["total_volumes"]) == (3, 3, 1)
    assert shown["total_capacity_gb"] >= shown["free_capacity_gb"] > 0
    assert len(shown["timestamp"]) == len("2026-11-20T10:31:59.455874")


@pytest.mark.parametrize(
    ("version", "query", "found"),
    [
        ("3.27", "name=other", True),
        ("3.28", "name=other", False),
        ("3.28", f"name={POOL.replace('#', '%23')}", True),
        ("3.28", "volume_backend_name=files", True),
        ("3.28", "volume_backend_name=other", False),
        ("3.28", "thin_provisioning_support=True", True),
        ("3.28", "thin_provisioning_support=no", False),
        ("3.28", "reserved_percentage=0", True),
        ("3.28", "reserved_percentage=none", False),
        ("3.28", "storage_protocol=iscsi", True),
        ("3.28", "storage_protocol=FC", False),
        ("3.28", "nothing=1", False),
        ("3.34", "volume_type=slow", True),
        ("3.35", "volume_type=slow", True),
        ("3.35", "volume_type=elsewhere", False),
    ],
)
def test_filters(quiet: Cloud, typed: None, version: str, query: str, found: bool) -> None:
    """From 3.28 pools are found by capabilities, from 3.35 by the type whose volumes they can take."""
    assert _pools(quiet, query, version) == ([POOL] if found else [])


@pytest.mark.parametrize(
    ("version", "query", "status"),
    [
        ("3.0", "detail=perhaps", 400),
        ("3.30", "volume_backend_name=files", 200),
        ("3.31", "volume_backend_name=files", 400),
        ("3.31", "name=x", 200),
        ("3.35", "volume_type=nonsense", 404),
    ],
)
def test_refused(quiet: Cloud, version: str, query: str, status: int) -> None:
    """From 3.31 even administrators may use only the configured filters (trap 7)."""
    assert quiet.call("GET", f"/scheduler-stats/get_pools?{query}", version=version).status == status


@pytest.mark.parametrize("action", ["disable", "freeze"])
def test_closed_services(cloud: Cloud, action: str) -> None:
    """Pools of a service that takes no volumes are left out."""
    body = {"host": SERVICE} if action == "freeze" else {"host": SERVICE, "binary": "cinder-volume"}
    assert cloud.call("PUT", f"/os-services/{action}", body).status == 200
    assert _pools(cloud, "") == []


def test_administrators_only(cloud: Cloud) -> None:
    """Pools tell of the deployment."""
    assert cloud.call("GET", "/scheduler-stats/get_pools", roles="member,reader").status == 403
