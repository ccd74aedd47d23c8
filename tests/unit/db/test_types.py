"""Volume types."""

from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from lapilli.db import quotas, types
from lapilli.db.engine import Database
from lapilli.db.schema import quotas as limits
from lapilli.db.schema import volume_types
from lapilli.model.errors import Conflict, NotFound, Taken
from tests.conformance.databases import TYPE, add_volume, new_id


def add_type(db: Database, name: str, **values: Any) -> str:
    type_id = new_id()
    db.write(lambda tx: types.add(tx, id=type_id, name=name, **values))
    return type_id


def test_private_types(db: Database) -> None:
    """A private type is seen by the projects that may use it, and by who sees all."""
    gold = add_type(db, "gold", is_public=False)
    db.write(lambda tx: types.allow(tx, gold, "p"))
    with pytest.raises(Taken):
        db.write(lambda tx: types.allow(tx, gold, "p"))
    with db.read() as tx:
        assert [row.id for row in types.list_all(tx, "p")] == [gold, TYPE]
        assert [row.id for row in types.list_all(tx, "q")] == [TYPE]
        assert [row.id for row in types.list_all(tx, None, is_public=False)] == [gold]
        assert types.find_named(tx, "gold", "q") is None
        with pytest.raises(NotFound):
            types.get(tx, gold, "q")
        found = types.find_named(tx, "gold", "p")
        assert found is not None
        assert found.id == types.get(tx, gold, None).id
        assert types.projects_of(tx, gold) == ["p"]
    db.write(lambda tx: types.disallow(tx, gold, "p"))
    with pytest.raises(NotFound):
        db.write(lambda tx: types.disallow(tx, gold, "p"))


def test_name_is_taken(db: Database) -> None:
    """Two types of a name cannot be, neither by creating nor by renaming, and nothing is left of the attempt."""
    gold = add_type(db, "gold")
    with pytest.raises(Taken, match="gold"):
        add_type(db, "gold")

    def rename(tx: Connection) -> None:
        types.change(tx, types.get(tx, gold, None), name="__DEFAULT__")

    with pytest.raises(Taken):
        db.write(rename)
    with db.read() as tx:
        assert {row.name for row in types.list_all(tx, None)} == {"gold", "__DEFAULT__"}


def test_quotas_follow_a_new_name(db: Database) -> None:
    """A type's quotas are called by its name."""
    gold = add_type(db, "gold")
    db.write(lambda tx: quotas.set_limits(tx, "p", {"volumes_gold": 3, "volumes": 9}))
    db.write(lambda tx: types.change(tx, types.get(tx, gold, None), name="silver", description="d"))
    with db.read() as tx:
        assert dict(tx.execute(select(limits.c.resource, limits.c.hard_limit)).all()) == {
            "volumes_silver": 3,
            "volumes": 9,
        }
        assert types.get(tx, gold, None).description == "d"


def test_type_in_use_stays(db: Database) -> None:
    """A type that a volume is of cannot be deleted."""
    db.write(add_volume)
    with pytest.raises(Conflict, match="volumes are of this type"):
        db.write(lambda tx: types.remove(tx, TYPE))
    gold = add_type(db, "gold", is_public=False)
    db.write(lambda tx: types.allow(tx, gold, "p"))
    db.write(lambda tx: types.set_extra_specs(tx, gold, {"a": "b", "c": None}))
    with db.read() as tx:
        assert types.get(tx, gold, None).extra_specs == {"a": "b", "c": None}
    db.write(lambda tx: types.remove(tx, gold))
    with db.read() as tx:
        assert types.find(tx, gold, None) is None


def test_quotas_of_a_type_that_is_gone(db: Database) -> None:
    """They are kept, and are not in the way of another type that takes its name."""
    gold, silver = add_type(db, "gold"), add_type(db, "silver")
    db.write(lambda tx: quotas.set_limits(tx, "p", {"volumes_gold": 3, "volumes_silver": 4, "gigabytes_gold": 5}))
    db.write(lambda tx: types.remove(tx, gold))
    db.write(lambda tx: types.change(tx, types.get(tx, silver, None), name="gold"))
    with db.read() as tx:
        assert quotas.own_limits(tx, "p") == {"volumes_gold": 4}


def test_held_types(db: Database) -> None:
    """While a volume is made of a type, others may do the same, but nobody changes the type."""

    def work(tx: Connection) -> None:
        for wanted in (TYPE, "__DEFAULT__"):
            assert types.hold_named(tx, wanted, "p") is not None
        assert types.hold_named(tx, "nothing", None) is None
        if not db.is_sqlite:  # which has one writer at a time
            with db.engine.begin() as other:
                assert types.hold_named(other, TYPE, None) is not None
            with db.engine.begin() as other, pytest.raises(OperationalError):
                other.execute(select(volume_types).where(volume_types.c.id == TYPE).with_for_update(nowait=True))

    db.write(work)
    assert db.write(lambda tx: types.lock(tx, TYPE)).id == TYPE
    with pytest.raises(NotFound):
        db.write(lambda tx: types.lock(tx, "nothing"))
