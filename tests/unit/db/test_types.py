"""Volume types."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from lapilli.db import quotas, types
from lapilli.db.engine import Database
from lapilli.db.schema import quotas as limits
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
