"""A fresh service for each test, or one for all tests of a file that leave it as it is."""

import shutil
from collections.abc import Iterator
from contextlib import closing
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
    """A service of the test's own."""
    with closing(_open(migrated, tmp_path)) as one:
        yield one


@pytest.fixture(scope="module")
def quiet(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A service for the tests of a file that only look, or are refused."""
    with closing(_open(migrated, tmp_path_factory.mktemp("quiet"))) as one:
        yield one


def _open(migrated: Path, folder: Path) -> Cloud:
    database = folder / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    return Cloud(database, folder / "volumes")
