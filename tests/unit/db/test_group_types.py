"""Group types."""

import pytest
from sqlalchemy import insert

from lapilli.db import group_types
from lapilli.db.engine import Database
from lapilli.db.schema import groups
from lapilli.model.errors import Conflict, NotFound, Taken
from tests.conformance.databases import new_id


def add(db: Database, name: str, *, is_public: bool = True) -> str:
    type_id = new_id()
    db.write(lambda tx: group_types.add(tx, id=type_id, name=name, is_public=is_public))
    return type_id


def test_private_types(db: Database) -> None:
    """No project sees a private type; who sees all does."""
    public, private = add(db, "public"), add(db, "private", is_public=False)
    with db.read() as tx:
        assert [row.id for row in group_types.list_all(tx, is_public=True)] == [public]
        assert [row.id for row in group_types.list_all(tx, is_public=False)] == [private]
        assert {row.id for row in group_types.list_all(tx, None)} == {public, private}
        for wanted in (private, "private"):
            assert group_types.find_named(tx, wanted, "p") is None
            found = group_types.find_named(tx, wanted, None)
            assert found is not None
            assert found.id == private
        with pytest.raises(NotFound):
            group_types.get(tx, private, "p")
        assert group_types.get(tx, public, "p").group_specs == {}


def test_names(db: Database) -> None:
    """Two types of a name cannot be, neither by creating nor by renaming."""
    first, second = add(db, "first"), add(db, "second")
    with pytest.raises(Taken):
        add(db, "first")
    with pytest.raises(Taken):
        db.write(lambda tx: group_types.change(tx, second, name="first"))
    db.write(lambda tx: group_types.change(tx, first, name="first", description="d"))
    with db.read() as tx:
        assert group_types.get(tx, first, None).description == "d"


def test_remove(db: Database) -> None:
    """A type that a group is of stays; others go."""
    type_id = add(db, "g")
    db.write(lambda tx: group_types.set_specs(tx, type_id, {"a": "1", "b": None}))
    assert db.write(lambda tx: group_types.lock(tx, type_id)).group_specs == {"a": "1", "b": None}
    row = {"id": new_id(), "project_id": "p", "user_id": "u", "status": "available", "group_type_id": type_id}
    db.write(lambda tx: tx.execute(insert(groups).values(created_at="2026-01-01T00:00:00.000000", **row)))
    with pytest.raises(Conflict, match="groups are of this type"):
        db.write(lambda tx: group_types.remove(tx, type_id))
    db.write(lambda tx: tx.execute(groups.delete()))
    db.write(lambda tx: group_types.remove(tx, type_id))
    with pytest.raises(NotFound):
        db.write(lambda tx: group_types.lock(tx, type_id))
