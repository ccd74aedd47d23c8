"""Volumes that hold images, as rows."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, update

from lapilli.db import image_cache, volumes
from lapilli.db.engine import Database
from lapilli.db.schema import image_cache as table
from lapilli.db.schema import volumes as volumes_table
from lapilli.model.errors import Taken
from lapilli.model.images import Image
from tests.conformance.databases import add_volume

IMAGE = Image("i", updated_at="2026-01-01T00:00:00Z")


def add(db: Database, volume_id: str, image: Image = IMAGE, service: str = "h@a") -> None:
    def work(tx: Connection) -> None:
        add_volume(tx, id=volume_id)
        image_cache.add(tx, volume_id, image, service, 1)

    db.write(work)


def test_find(db: Database) -> None:
    """An entry is one of a service, with the status of its volume."""
    add(db, "v")
    with db.read() as tx:
        entry = image_cache.find(tx, "h@a", "i")
        assert entry is not None
        assert (entry.volume_id, entry.status, entry.host, entry.size_gib) == ("v", "creating", None, 1)
        assert image_cache.find(tx, "h@b", "i") is None
        assert image_cache.find(tx, "h@a", "j") is None


def test_one_volume_for_each_image(db: Database) -> None:
    """A second volume of the same image is refused, and nothing of it is written; another service may have its own."""
    add(db, "v")
    with pytest.raises(Taken):
        add(db, "w")
    add(db, "w", service="h@b")
    with db.read() as tx:
        assert [entry.volume_id for entry in image_cache.list_oldest(tx, "h@b")] == ["w"]


def test_order(db: Database) -> None:
    """What was not used for longest comes first."""
    for number in range(3):
        add(db, f"v{number}", replace(IMAGE, id=f"i{number}"))
    long_ago = update(table).where(table.c.volume_id == "v1").values(used_at="2020-01-01T00:00:00.000000")
    db.write(lambda tx: tx.execute(long_ago))
    with db.read() as tx:
        assert image_cache.list_oldest(tx, "h@a")[0].volume_id == "v1"
    db.write(lambda tx: image_cache.touch(tx, "v1"))
    with db.read() as tx:
        assert image_cache.list_oldest(tx, "h@a")[-1].volume_id == "v1"


def test_gone_with_its_volume(db: Database) -> None:
    """A volume that is deleted holds no image; an entry that is removed leaves its volume."""
    add(db, "v")
    add(db, "w", replace(IMAGE, id="j"))
    db.write(lambda tx: tx.execute(delete(volumes_table).where(volumes_table.c.id == "v")))
    db.write(lambda tx: image_cache.remove(tx, "w"))
    with db.read() as tx:
        assert image_cache.list_oldest(tx, "h@a") == []
        assert volumes.find(tx, "w", None)
