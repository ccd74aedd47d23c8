"""Migrations, on every kind of database."""

import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, delete, inspect, select, text, update

from lapilli.db import migrate
from lapilli.db.engine import Database
from lapilli.db.migrate import is_current, settings
from lapilli.db.schema import exports, group_types, metadata, volume_types, volumes
from lapilli.model.errors import Conflict, Unavailable
from tests.conformance.databases import add_volume
from tests.servers.process import free_port

UPGRADE = "import sys; from lapilli.db import migrate; migrate.upgrade(sys.argv[1])"


def test_tables_are_those_of_the_schema(database_url: str) -> None:
    """Nothing is left to change after an upgrade; if this fails, run scripts/new-migration."""
    migrate.upgrade(database_url)
    with create_engine(database_url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.tables.values():
            made = {column["name"]: column for column in inspect(connection).get_columns(table.name)}
            assert list(made) == list(table.c.keys())
            assert {name for name in made if "computed" in made[name]} == {c.name for c in table.c if c.computed}
            assert {n for n, c in made.items() if c["nullable"]} == {c.name for c in table.c if c.nullable}
            made_indexes = inspect(connection).get_indexes(table.name)
            assert {index.name for index in table.indexes} <= {index["name"] for index in made_indexes}
        checks = inspect(connection).get_check_constraints("accounts")
        assert "ck_accounts_allocated" in {check["name"] for check in checks}


def test_upgrade_twice(database_url: str) -> None:
    """An upgrade of a current database changes nothing."""
    assert migrate.current(database_url) is None
    migrate.upgrade(database_url)
    with closing(Database(database_url)) as db:
        assert is_current(db)
        with db.read() as tx:
            [first] = tx.execute(select(volume_types)).all()
        migrate.upgrade(database_url)
        with db.read() as tx:
            assert tx.execute(select(volume_types)).all() == [first]
            [reserved] = tx.execute(select(group_types)).all()
        assert (first.name, first.is_public, first.extra_specs) == ("__DEFAULT__", True, {})
        assert (reserved.name, reserved.is_public) == ("default_cgsnapshot_type", True)
        assert reserved.group_specs == {"consistent_group_snapshot_enabled": "<is> True"}
    assert migrate.current(database_url) == migrate.head()


def test_processes_that_start_at_once(database_url: str) -> None:
    """Of processes that upgrade an empty database at once one does it, and none fails."""
    crowd = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in crowd] == [("", 0)] * 2
    assert migrate.current(database_url) == migrate.head()


def test_upgrade_that_was_cut_off(database_url: str) -> None:
    """What an upgrade without its end has left, as MariaDB may, is no hindrance for the next one."""
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE decisions"))
        connection.execute(text("DROP TABLE alembic_version"))
    migrate.upgrade(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.scalars(select(volume_types.c.name)).all() == ["__DEFAULT__"]


def test_database_of_a_newer_release(database_url: str) -> None:
    """A database that is ahead is left alone."""
    migrate.upgrade(database_url)
    with create_engine(database_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(Conflict, match="9999_later"):
        migrate.upgrade(database_url)
    with closing(Database(database_url)) as db:
        assert not is_current(db)
    assert migrate.current(database_url) == "9999_later"


def test_head_is_the_last_step() -> None:
    """The names of the files give the order that the steps themselves say."""
    with create_engine("sqlite://").connect() as connection:
        scripts = ScriptDirectory.from_config(settings(connection))
    assert [script.revision for script in scripts.walk_revisions()] == migrate.revisions()[::-1]
    assert scripts.get_current_head() == migrate.head()


def test_question_does_not_load_alembic(tmp_path: Path) -> None:
    """A start that finds the database current does not pay for Alembic."""
    url = f"sqlite:///{tmp_path / 'db'}"
    code = (
        "import sys; from lapilli.db import migrate; from lapilli.db.engine import Database;"
        "assert not migrate.is_current(Database(sys.argv[1])); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, url], check=True)


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql+mysqldb"])
def test_database_that_is_away(scheme: str) -> None:
    """Without a server the answer is that it does not answer."""
    url = f"{scheme}://u:p@127.0.0.1:{free_port()}/x"
    with pytest.raises(Unavailable):
        migrate.upgrade(url)
    with pytest.raises(Unavailable):
        migrate.current(url)


def test_columns_to_sort_by(db: Database) -> None:
    """A key is the empty text for NULL, and follows its column."""
    volume_id = db.write(lambda tx: add_volume(tx, name=None))
    with db.read() as tx:
        assert tx.scalar(select(volumes.c.name_key)) == ""
    db.write(lambda tx: tx.execute(update(volumes).values(name="x")))
    with db.read() as tx:
        assert tx.execute(select(volumes.c.id, volumes.c.name_key)).one() == (volume_id, "x")


def test_names_compare_byte_by_byte(db: Database) -> None:
    """Case and accents make different names on every database."""
    names = ["a", "A", "á"]
    rows = {name: db.write(partial(add_volume, name=name)) for name in names}
    with db.read() as tx:
        for name, volume_id in rows.items():
            assert tx.scalars(select(volumes.c.id).where(volumes.c.name_key == name)).all() == [volume_id]


def test_number_of_an_export_is_not_used_again(db: Database) -> None:
    """A stale initiator never meets another volume under its old target."""
    volume_id = db.write(add_volume)

    def number() -> int:
        def work(tx: Connection) -> int:
            tx.execute(exports.insert().values(volume_id=volume_id, username="u", password="p"))
            last = tx.execute(select(exports.c.number)).scalar_one()
            tx.execute(delete(exports))
            return int(last)

        return db.write(work)

    assert number() < number()
