"""Fixtures that every room may use: real servers, started at first use and shared by the session."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers import MariaDb, PostgreSql, RabbitMq, ServerMissing
from tests.servers.database import DatabaseServer
from tests.servers.process import Server

AnyServer = TypeVar("AnyServer", bound=Server)

# Their asserts explain themselves, as those of test files do.
pytest.register_assert_rewrite("tests.conformance")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    yield from _serve(PostgreSql)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    yield from _serve(MariaDb)


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMq]:
    yield from _serve(RabbitMq)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind in turn, as SQLAlchemy's URL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'lapilli.sqlite'}"
        return
    yield from _database(request.getfixturevalue(request.param))


@pytest.fixture
def postgresql_url(postgresql: PostgreSql) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield from _database(postgresql)


@pytest.fixture
def amqp_url(rabbitmq: RabbitMq) -> Iterator[str]:
    """An empty virtual host, as a `transport_url`."""
    url = rabbitmq.create_vhost()
    yield url
    rabbitmq.drop_vhost(url)


def _serve(kind: type[AnyServer]) -> Iterator[AnyServer]:
    try:
        server = kind()
    except ServerMissing as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _database(server: DatabaseServer) -> Iterator[str]:
    url = server.create_database()
    yield url
    server.drop_database(url)
