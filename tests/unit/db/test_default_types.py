"""The types that projects have by default."""

from functools import partial

import pytest

from lapilli.db import default_types, types
from lapilli.db.engine import Database
from lapilli.model.errors import Conflict
from tests.conformance.databases import TYPE, new_id


def test_life(db: Database) -> None:
    """A project's default is set, replaced and unset, each as often as one likes."""
    fast = new_id()
    db.write(lambda tx: types.add(tx, id=fast, name="fast"))
    for type_id in (fast, TYPE, TYPE):
        db.write(partial(default_types.set_for, project_id="p", type_id=type_id))
    db.write(lambda tx: default_types.set_for(tx, "q", fast))
    with db.read() as tx:
        assert default_types.find(tx, "p") == TYPE
        assert default_types.find(tx, "r") is None
        assert default_types.projects_of(tx, fast) == ["q"]
        assert [(row.project_id, row.volume_type_id) for row in default_types.list_all(tx)] == [
            ("p", TYPE),
            ("q", fast),
        ]
    with pytest.raises(Conflict):
        db.write(lambda tx: types.remove(tx, fast))
    for _ in range(2):
        db.write(lambda tx: default_types.unset(tx, "q"))
    db.write(lambda tx: types.remove(tx, fast))
