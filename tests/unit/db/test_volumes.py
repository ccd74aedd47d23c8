"""Volumes by what their images brought along, and volumes that are on their way, on every database."""

import pytest
from sqlalchemy import Connection, select

from lapilli.db import quotas, transfers, types, volumes
from lapilli.db.engine import Database
from lapilli.db.listing import Page
from lapilli.db.schema import volumes as table
from lapilli.model.errors import Conflict
from tests.conformance.databases import add_volume, new_id


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [("os", "linux", True), ("os", "Linux", False), ("os", "lin", False), ("say", 'a"b%_é', True), ("b", "c", False)],
)
def test_properties_of_images(db: Database, key: str, value: str, found: bool) -> None:
    """A property is found by its whole value, and not inside of another."""
    properties = {"os": "linux", "say": 'a"b%_é', "trap": '"b":"c"'}
    db.write(lambda tx: add_volume(tx, image_metadata=properties))
    with db.read() as tx:
        rows = tx.execute(select(table.c.id).where(volumes.has_image_metadata(key, value))).all()
    assert bool(rows) is found


def test_what_migrates_moves_by_its_own_events_only(db: Database) -> None:
    """Any other is refused, and the words say why."""
    volume_id = db.write(lambda tx: add_volume(tx, migration_status="migrating"))
    with pytest.raises(Conflict, match="migrated"):
        db.write(lambda tx: volumes.move(tx, volume_id, "provisioned"))
    db.write(lambda tx: volumes.change(tx, volume_id, migration_status="error"))
    db.write(lambda tx: volumes.move(tx, volume_id, "provisioned"))
    db.write(lambda tx: volumes.move(tx, volume_id, "retype", migration_status="migrating"))
    db.write(lambda tx: volumes.move(tx, volume_id, "retyped", to="available", migration_status="success"))
    with db.read() as tx:
        assert volumes.get(tx, volume_id, None).status == "available"


def test_promised_types(db: Database) -> None:
    """A volume that is being retyped counts for both types, and once for the project."""
    other = new_id()
    db.write(lambda tx: types.add(tx, id=other, name="dear", extra_specs={}))
    db.write(lambda tx: add_volume(tx, size_gib=3, new_type_id=other))
    db.write(lambda tx: add_volume(tx, size_gib=3, new_type_id=other, project_id="q"))
    with db.read() as tx:
        used = quotas.usage(tx, "p")
    assert [used[name] for name in ("volumes", "volumes_dear", "volumes___DEFAULT__")] == [1, 1, 1]
    assert [used[name] for name in ("gigabytes", "gigabytes_dear", "gigabytes___DEFAULT__")] == [3, 3, 3]


def test_transfers_by_name(db: Database) -> None:
    """Those without a name come first, and pages go on where the last has ended."""

    def fill(tx: Connection) -> None:
        for name in ("b", None, "a"):
            volume_id = add_volume(tx)
            row = {"id": new_id(), "volume_id": volume_id, "project_id": "p", "name": name}
            transfers.add(tx, **row, salt="s", key_digest="d")

    db.write(fill)
    names, marker = [], None
    with db.read() as tx:
        while rows := transfers.list_page(tx, Page("p", limit=1, marker=marker, sort=(("name", False),))):
            names.append(rows[0].name)
            marker = rows[0].id
    assert names == [None, "a", "b"]
