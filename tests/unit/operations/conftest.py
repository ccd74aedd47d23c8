"""One database for all tests of the folder, emptied for each, and a fresh lab around it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from lapilli.db import migrate
from lapilli.db.engine import Database
from tests.unit.operations.lab import Lab, forgo_durability


@pytest.fixture(scope="session")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database: that it stays open spares each test the compiling of its statements."""
    url = f"sqlite:///{tmp_path_factory.mktemp('operations') / 'lapilli.sqlite'}"
    migrate.upgrade(url)
    with closing(Database(url)) as one:
        event.listen(one.engine, "connect", forgo_durability)
        yield one


@pytest.fixture
def lab(db: Database, tmp_path: Path) -> Lab:
    """Two backends and a scheduler, with nothing placed."""
    return Lab(db, tmp_path)
