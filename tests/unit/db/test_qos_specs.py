"""QoS specs and the types that have them."""

from functools import partial

import pytest

from lapilli.db import qos_specs, types
from lapilli.db.engine import Database
from lapilli.model.errors import NotFound, Taken
from tests.conformance.databases import TYPE, new_id


def add(db: Database, name: str) -> str:
    specs_id = new_id()
    db.write(lambda tx: qos_specs.add(tx, id=specs_id, name=name, consumer="both", specs={"a": "1", "b": None}))
    return specs_id


def test_life(db: Database) -> None:
    """Specs are added under a name of their own, changed and removed."""
    gold = add(db, "gold")
    with pytest.raises(Taken, match="gold"):
        add(db, "gold")
    db.write(lambda tx: qos_specs.change(tx, gold, consumer="back-end"))
    with db.read() as tx:
        row = qos_specs.get(tx, gold)
        assert (row.name, row.consumer, row.specs) == ("gold", "back-end", {"a": "1", "b": None})
        assert row.updated_at is not None
        assert [each.id for each in qos_specs.list_all(tx)] == [gold]
    assert db.write(lambda tx: qos_specs.lock(tx, gold)).id == gold
    db.write(lambda tx: qos_specs.remove(tx, gold))
    for question in (qos_specs.get, qos_specs.lock):
        with pytest.raises(NotFound):
            db.write(partial(question, id=gold))


def test_associations(db: Database) -> None:
    """A type's specs are taken from it by those who name them, or from all types at once."""
    gold, silver, fast = add(db, "gold"), add(db, "silver"), new_id()
    db.write(lambda tx: types.add(tx, id=fast, name="fast"))
    for type_id in (fast, TYPE):
        db.write(partial(qos_specs.associate, id=gold, type_id=type_id))
    db.write(lambda tx: qos_specs.disassociate(tx, silver, fast))
    with db.read() as tx:
        found = qos_specs.of_type(tx, fast)
        assert found is not None
        assert found.id == gold
        assert [row.id for row in qos_specs.types_of(tx, gold)] == [TYPE, fast]
        assert qos_specs.types_of(tx, silver) == []
    db.write(lambda tx: qos_specs.disassociate(tx, gold, fast))
    with db.read() as tx:
        assert qos_specs.of_type(tx, fast) is None
    db.write(lambda tx: qos_specs.disassociate_all(tx, gold))
    with db.read() as tx:
        assert qos_specs.of_type(tx, TYPE) is None
