"""A fresh service for each test, on a copy of one migrated database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.db import migrate
from tests.http.lab import Cloud


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and the default type."""
    path = tmp_path_factory.mktemp("migrated") / "lapilli.sqlite"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def cloud(migrated: Path, tmp_path: Path) -> Iterator[Cloud]:
    database = tmp_path / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    one = Cloud(database, tmp_path / "volumes")
    yield one
    one.close()
