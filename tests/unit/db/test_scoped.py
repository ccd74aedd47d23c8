"""Rows by their id: a project finds its own, and nothing of another's."""

import threading

import pytest

from lapilli.db import attachments, snapshots, volumes
from lapilli.db.engine import Database
from lapilli.model.errors import NotFound
from tests.conformance.databases import add_volume, new_id


@pytest.mark.parametrize("module", [volumes, snapshots, attachments], ids=lambda module: module.__name__[11:])
def test_a_row_that_is_not_there(db: Database, module: object) -> None:
    """`find` says None, `get` and `lock` raise, with the id in the sentence."""
    missing = new_id()
    with db.read() as tx:
        assert module.find(tx, missing, None) is None
        with pytest.raises(NotFound, match=missing):
            module.get(tx, missing, "p")


def test_a_project_finds_its_own(db: Database) -> None:
    """The scope decides; None sees everything."""
    volume_id = db.write(lambda tx: add_volume(tx, project_id="p"))
    with db.read() as tx:
        for scope in ("p", None):
            assert volumes.get(tx, volume_id, scope).id == volume_id
        assert volumes.find(tx, volume_id, "q") is None
    with pytest.raises(NotFound):
        db.write(lambda tx: volumes.lock(tx, volume_id, "q"))


def test_a_lock_makes_others_wait(db: Database) -> None:
    """What one transaction has locked, another sees as the first has left it."""
    volume_id = db.write(lambda tx: add_volume(tx, project_id="p"))
    has_locked = threading.Event()

    def rename(tx: object) -> None:
        volumes.lock(tx, volume_id, None)
        has_locked.set()
        volumes.change(tx, volume_id, name="renamed")

    renaming = threading.Thread(target=lambda: db.write(rename))
    renaming.start()
    assert has_locked.wait(10)
    assert db.write(lambda tx: volumes.lock(tx, volume_id, None).name) == "renamed"
    renaming.join()
