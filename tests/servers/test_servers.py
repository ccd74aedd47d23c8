"""The test servers themselves."""

import time

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from tests.servers import MariaDb, PostgreSql, ServerMissing
from tests.servers.database import DatabaseServer
from tests.servers.process import find_program


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    server = request.getfixturevalue(request.param)
    assert isinstance(server, PostgreSql | MariaDb)
    return server


def test_database_is_empty_and_works(database_url: str) -> None:
    """Each test gets a database of its own, without tables."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE stone (id INTEGER)"))


def test_commits_survive_kill(server: DatabaseServer) -> None:
    """The speed is not bought with committed rows."""
    url = server.create_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stone (id INTEGER)"))
        connection.execute(text("INSERT INTO stone VALUES (7)"))
    server.kill()
    assert not server.running
    engine.dispose()
    server.start()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT id FROM stone")) == 7
    server.drop_database(url)


def test_drop_of_a_database_in_use(server: DatabaseServer) -> None:
    """A transaction that a failed test has left open does not hold up the next one."""
    url = server.create_database()
    forgotten = create_engine(url).connect()
    forgotten.execute(text("CREATE TABLE stone (id INTEGER)"))
    forgotten.execute(text("SELECT id FROM stone"))
    server.drop_database(url)
    with pytest.raises(OperationalError):
        forgotten.execute(text("SELECT 1"))
    forgotten.invalidate()


def test_orders_may_be_repeated(server: DatabaseServer) -> None:
    """A server that is up stays up at `start`, and one that is down stays down at `stop` and `kill`."""
    server.start()
    server.start()
    began = time.monotonic()
    server.stop()
    server.stop()
    server.kill()
    assert not server.running
    assert not server.answers()
    server.drop_database(server.create_database())
    assert time.monotonic() - began < 30


def test_missing_package_says_what_to_do() -> None:
    """A machine that is not prepared is told how to prepare it."""
    with pytest.raises(ServerMissing, match="make setup-tests"):
        find_program("lapilli-no-such-server")
