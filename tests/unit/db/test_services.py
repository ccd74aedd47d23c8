"""Services and their heartbeats."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from lapilli.db import services
from lapilli.db.engine import Database
from lapilli.model.errors import NotFound


def test_first_beat_registers(db: Database) -> None:
    """A service is known from its first sign of life on, and later ones keep its identity."""
    db.write(lambda tx: services.beat(tx, "cinder-volume", "h@a", "nova"))
    with db.read() as tx:
        first = services.find(tx, "cinder-volume", "h@a")
    db.write(lambda tx: services.beat(tx, "cinder-volume", "h@a", "zone1", "no disk"))
    with db.read() as tx:
        second = services.find(tx, "cinder-volume", "h@a")
    assert first is not None
    assert second is not None
    assert (first.uuid, first.id, first.created_at) == (second.uuid, second.id, second.created_at)
    assert (first.backend_state, second.backend_state) == ("up", "down")
    assert (second.availability_zone, second.trouble) == ("zone1", "no disk")
    assert 0 <= second.age_s < 60
    assert second.heartbeat_s >= first.heartbeat_s


def test_first_beats_at_once(db: Database) -> None:
    """Threads that beat for a new service at once register it once."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: db.write(lambda tx: services.beat(tx, "cinder-backup", "h", "nova")), range(12)))
    with db.read() as tx:
        assert len(services.list_all(tx)) == 1


def test_list_by_host_and_binary(db: Database) -> None:
    """A host finds itself and its backends, and no host whose name begins alike."""
    for binary, host in (
        ("cinder-scheduler", "h"),
        ("cinder-volume", "h@a"),
        ("cinder-volume", "h_@a"),
        ("cinder-volume", "hh@a"),
    ):
        db.write(partial(services.beat, binary=binary, host=host, zone="nova"))
    with db.read() as tx:
        assert [row.host for row in services.list_all(tx, host="h")] == ["h", "h@a"]
        assert [row.host for row in services.list_all(tx, host="h_")] == ["h_@a"]
        assert [row.host for row in services.list_all(tx, "cinder-scheduler")] == ["h"]


def test_only_zone(db: Database) -> None:
    """It is known while all backends are in the same one; other services do not count."""

    def seen() -> str | None:
        with db.read() as tx:
            return services.only_zone(tx)

    db.write(lambda tx: services.beat(tx, "cinder-scheduler", "h", "desk"))
    assert seen() is None
    for host in ("h@a", "h@b"):
        db.write(lambda tx, host=host: services.beat(tx, "cinder-volume", host, "near"))
        assert seen() == "near"
    db.write(lambda tx: services.beat(tx, "cinder-volume", "h@c", "far"))
    assert seen() is None


def test_what_an_administrator_sets_survives_beats(db: Database) -> None:
    """A disabled service stays disabled, and an unknown one is not found."""
    db.write(lambda tx: services.beat(tx, "cinder-volume", "h@a", "nova"))
    db.write(lambda tx: services.change(tx, "cinder-volume", "h@a", disabled=True, disabled_reason="disk"))
    db.write(lambda tx: services.beat(tx, "cinder-volume", "h@a", "nova"))
    with db.read() as tx:
        row = services.find(tx, "cinder-volume", "h@a")
    assert row is not None
    assert (row.disabled, row.disabled_reason) == (True, "disk")
    db.write(lambda tx: services.remove(tx, "cinder-volume", "h@a"))
    with pytest.raises(NotFound):
        db.write(lambda tx: services.remove(tx, "cinder-volume", "h@a"))
    with pytest.raises(NotFound):
        db.write(lambda tx: services.change(tx, "cinder-volume", "h@a", disabled=False))


def test_log_levels_of_several(db: Database) -> None:
    """Those of exactly the services asked for, in one question: a pair of another host and binary is none of them."""
    for binary, host in (("cinder-volume", "h@a"), ("cinder-backup", "h"), ("cinder-volume", "h")):
        db.write(partial(services.beat, binary=binary, host=host, zone="nova"))
    db.write(partial(services.want_log_levels, binary="cinder-volume", host="h@a", wanted={"lapilli.db": "DEBUG"}))
    db.write(partial(services.tell_log_levels, binary="cinder-backup", host="h", levels={"lapilli": "INFO"}))
    with db.read() as tx:
        found = services.log_levels(tx, [("cinder-volume", "h@a"), ("cinder-backup", "h"), ("cinder-backup", "gone")])
        assert services.log_levels(tx, []) == []
    assert {(row.binary, row.host): (row.log_levels, row.wanted_log_levels) for row in found} == {
        ("cinder-volume", "h@a"): (None, {"lapilli.db": "DEBUG"}),
        ("cinder-backup", "h"): ({"lapilli": "INFO"}, None),
    }
