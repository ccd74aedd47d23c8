"""Names of pools and backends."""

from lapilli.scheduler.pools import PoolState, Request, is_in


def test_is_in() -> None:
    """A name means its pool, or every pool of its backend, but no backend whose name merely starts so."""
    pool = PoolState("h@lvm#p", "nova", "vg", 10.0, 5.0)
    assert [name for name in ("h@lvm#p", "h@lvm", "h@lv", "h", "h@lvm#q") if is_in(pool, name)] == ["h@lvm#p", "h@lvm"]


def test_thick() -> None:
    """Only the type's own word makes a request thick."""
    assert Request("v", 1, extra_specs={"provisioning:type": "thick"}).is_thick
    assert not Request("v", 1, extra_specs={"provisioning:type": "thin"}).is_thick
    assert not Request("v", 1).is_thick
