"""What clients read about the API itself: its extensions and the filters of its lists."""

from tests.http.lab import Cloud

_ALIASES = """
OS-SCH-HNT backups capabilities cgsnapshots consistencygroups encryption os-admin-actions os-availability-zone
os-extended-services os-extended-snapshot-attributes os-hosts os-quota-class-sets os-quota-sets os-services
os-snapshot-actions os-snapshot-manage os-snapshot-unmanage os-types-extra-specs os-types-manage os-used-limits
os-vol-host-attr os-vol-image-meta os-vol-mig-status-attr os-vol-tenant-attr os-volume-actions
os-volume-encryption-metadata os-volume-manage os-volume-transfer os-volume-type-access os-volume-unmanage qos-specs
scheduler-stats
""".split()


def test_extensions(cloud: Cloud) -> None:
    """Clients look for the aliases, all 32."""
    listed = cloud.call("GET", "/extensions", roles="nobody").json["extensions"]
    assert sorted(one["alias"] for one in listed) == sorted(_ALIASES)
    for one in listed:
        assert set(one) == {"name", "alias", "description", "updated", "links"}
        assert cloud.call("GET", f"/extensions/{one['alias']}").json == {"extension": one}
    assert cloud.call("GET", "/extensions/nothing").status == 404


def test_resource_filters(cloud: Cloud) -> None:
    """From 3.33 tenants can read what they may filter by, of all resources or of one."""
    listed = cloud.call("GET", "/resource_filters", version="3.33", roles="reader").json["resource_filters"]
    assert "volume" in [one["resource"] for one in listed]
    one = cloud.call("GET", "/resource_filters?resource=pool", version="3.33").json
    assert one == {"resource_filters": [{"resource": "pool", "filters": ["name", "volume_type"]}]}
    assert cloud.call("GET", "/resource_filters?resource=x", version="3.33").json == {"resource_filters": []}
    assert cloud.call("GET", "/resource_filters", version="3.32").status == 404


def test_filters_work(cloud: Cloud) -> None:
    """Each filter of the table is one that its list knows."""
    values = {"metadata": "{'k':'v'}", "extra_specs": "{'k':'v'}", "created_at": "gt:2026-01-01", "updated_at": "2026"}
    values |= {"bootable": "true", "consumes_quota": "true", "is_public": "true", "updated_at": "lt:2026-01-01"}
    listed = cloud.call("GET", "/resource_filters", version="3.71").json["resource_filters"]
    cloud.volume()
    for resource, path in (("volume", "/volumes"), ("snapshot", "/snapshots"), ("volume_type", "/types")):
        (filters,) = [one["filters"] for one in listed if one["resource"] == resource]
        for name in filters:
            answer = cloud.call("GET", f"{path}?{name}={values.get(name, 'x')}", version="3.71", roles="reader")
            assert answer.status == 200, name
