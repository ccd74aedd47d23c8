"""Migrated databases of each kind, with the rows that most tests begin with."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from lapilli.db import migrate, volumes
from lapilli.db.engine import Database
from lapilli.db.schema import accounts, metadata, pools, volume_types

TYPE = "5a6f6e65-0000-4000-8000-000000000001"
_numbers = itertools.count(1)


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "mariadb"])
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of each kind in turn, shared by the tests of a session."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'lapilli.sqlite'}"
    else:
        url = request.getfixturevalue(request.param).create_database()
    migrate.upgrade(url)
    with closing(Database(url)) as db:
        yield db


@pytest.fixture
def db(migrated: Database, request: pytest.FixtureRequest) -> Database:
    """A migrated database without rows, but for one volume type."""
    if not migrated.is_sqlite:  # a test may have left the server down
        request.getfixturevalue(server_name(migrated)).start()
    migrated.write(_empty)
    return migrated


def server_name(db: Database) -> str:
    """The fixture of the server behind a database."""
    return {"postgresql": "postgresql", "mysql": "mariadb"}[db.url.get_backend_name()]


def _empty(tx: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        tx.execute(table.delete())
    row = {"name": "__DEFAULT__", "extra_specs": {}, "created_at": "2026-01-01T00:00:00.000000"}
    tx.execute(insert(volume_types).values(id=TYPE, **row))


def new_id() -> str:
    """A UUID that no other test has."""
    return f"00000000-0000-4000-8000-{next(_numbers):012}"


def add_volume(tx: Connection, **values: Any) -> str:
    """Insert a volume in status `creating`; returns its id."""
    size_gib = values.get("size_gib", 1)
    wanted = {"id": new_id(), "project_id": "p", "user_id": "u", "volume_type_id": TYPE, "size_gib": size_gib}
    row = {**wanted, "charged_gib": size_gib, **values}
    volumes.add(tx, **row)
    return str(row["id"])


def add_pool(tx: Connection, name: str, *, account: str = "vg", others: Sequence[str] = ()) -> None:
    """Insert an account, and the pools that share it."""
    tx.execute(insert(accounts).values(id=account, total_gib=1000.0, free_gib=1000.0, reported_s=0.0))
    for pool in (name, *others):
        tx.execute(insert(pools).values(name=pool, service=pool.partition("#")[0], account=account, reported_s=0.0))
